package io.bitlab.core.ops;

import io.bitlab.core.ActivationDtype;
import io.bitlab.core.BitQuantConfig;
import io.bitlab.core.math.FloatMath;
import io.bitlab.core.memory.Workspace;
import io.bitlab.core.parallel.Parallel;
import io.bitlab.core.quant.PatchGrid;
import io.bitlab.core.quant.QuantizedPatches;
import io.bitlab.core.tensor.Autograd;
import io.bitlab.core.tensor.Backward;
import io.bitlab.core.tensor.ChannelsLast;
import io.bitlab.core.tensor.Shape;
import io.bitlab.core.tensor.Tensor;
import java.util.Arrays;

/**
 * The convolution of images (a cross-correlation, as everywhere in deep learning): {@link #conv2d} in float,
 * {@link #bitConv2d} with ternary weights.
 *
 * <p>Images are {@code [n, channels, height, width]}, weights
 * {@code [outChannels, inChannels / groups, kernelHeight, kernelWidth]}, as in PyTorch:
 *
 * {@snippet class="io.bitlab.core.snippets.OpsSnippets" region="convolution"}
 *
 * <p>Both compute on {@linkplain ChannelsLast pixels}, without copying patches to a matrix, and their results have the
 * channels last. A float output is one chain of multiply-adds over the taps of the kernel, row by row, and for each tap
 * over the channels (see {@link FloatMath}); the bias is added last. A convolution with a kernel for each channel
 * rounds each product.
 */
public final class Convolutions {

    private static final double NANOS_PER_SUM = 0.2;

    private Convolutions() {
    }

    /** Where the kernel lies on images, which are checked. */
    static PatchGrid grid(Tensor x, int inChannels, Window window, String layer) {
        ChannelsLast.requireImages(x, inChannels, layer);
        window.outputHeight(x.length(2), layer);
        window.outputWidth(x.length(3), layer);
        return new PatchGrid(x.length(0), x.length(2), x.length(3), inChannels, 0, inChannels, window.kernelHeight(),
                window.kernelWidth(), window.strideHeight(), window.strideWidth(), window.paddingHeight(),
                window.paddingWidth(), window.dilationHeight(), window.dilationWidth());
    }

    private static void requireWeights(Tensor x, Tensor weight, Tensor bias, Window window, int groups, String layer) {
        boolean fits = weight.rank() == 4 && x.rank() == 4 && groups > 0
                && weight.length(1) * groups == x.length(1) && weight.length(0) % groups == 0
                && weight.length(2) == window.kernelHeight() && weight.length(3) == window.kernelWidth();
        if (!fits || bias != null && (bias.rank() != 1 || bias.size() != weight.length(0))) {
            throw new IllegalArgumentException(layer + ": input " + Arrays.toString(x.shape()) + ", weights "
                    + Arrays.toString(weight.shape()) + " and bias "
                    + (bias == null ? "none" : Arrays.toString(bias.shape())) + " don't fit " + window + " in " + groups
                    + " groups; expected [n, channels, height, width], [outChannels, channels / groups, "
                    + window.kernelHeight() + ", " + window.kernelWidth() + "] and [outChannels]");
        }
    }

    /**
     * The float convolution.
     *
     * @param x {@code [n, inChannels, height, width]}
     * @param weight {@code [outChannels, inChannels / groups, kernelHeight, kernelWidth]}
     * @param bias {@code [outChannels]}, or null
     * @param window how the kernel slides
     * @param groups independent convolutions, each of its share of the channels
     * @param layer name of the layer for messages
     * @return {@code [n, outChannels, outHeight, outWidth]}
     * @throws IllegalArgumentException if the shapes don't fit together, or the padded image is smaller than the kernel
     */
    public static Tensor conv2d(Tensor x, Tensor weight, Tensor bias, Window window, int groups, String layer) {
        requireWeights(x, weight, bias, window, groups, layer);
        PatchGrid grid = grid(x, x.length(1), window, layer);
        Tensor pixels = ChannelsLast.pixels(x);
        if (grid.isPixelwise() && groups == 1) {
            return ChannelsLast.images(LinearOps.linear(pixels, weight.reshape(weight.length(0), -1), bias, layer));
        }
        return conv2d("conv2d", grid, pixels, pixels.data(), weight, weight.data(), bias, groups);
    }

    /** The float convolution of the values used in place of x and W; the gradients go to x and W themselves. */
    private static Tensor conv2d(String operation, PatchGrid grid, Tensor pixels, float[] xValues, Tensor weight,
            float[] wValues, Tensor bias, int groups) {
        int out = weight.length(0);
        PixelConvolution convolution = PixelConvolution.of(grid, out, groups);
        float[] y = Workspace.floats(Shape.size(operation, grid.rows(), out));
        convolution.forward(xValues, wValues, y);
        if (bias != null) {
            addBias(bias.data(), y);
        }
        return images(operation, grid, y, pixels, weight, bias,
                g -> addGradients(convolution, g, pixels, xValues, weight, wValues, bias));
    }

    private static void addBias(float[] bias, float[] y) {
        int rows = y.length / bias.length;
        Parallel.current().forRange(rows, 1, (long) (y.length * NANOS_PER_SUM), (from, to) -> {
            for (int row = from; row < to; row++) {
                FloatMath.get().axpy(1f, bias, 0, y, row * bias.length, bias.length);
            }
        });
    }

    private static void addGradients(PixelConvolution convolution, float[] g, Tensor pixels, float[] xValues,
            Tensor weight, float[] wValues, Tensor bias) {
        if (pixels.needsGrad()) {
            convolution.addInputGradient(g, wValues, pixels.gradBuffer());
        }
        if (weight.needsGrad()) {
            convolution.addWeightGradient(xValues, g, weight.gradBuffer());
        }
        addBiasGradient(g, bias);
    }

    private static void addBiasGradient(float[] g, Tensor bias) {
        if (bias != null && bias.needsGrad()) {
            FloatMath.get().addRowsTo(g, bias.gradBuffer(), bias.size());
        }
    }

    private static Tensor images(String operation, PatchGrid grid, float[] y, Tensor pixels, Tensor weight, Tensor bias,
            Backward backward) {
        int[] shape = {grid.images(), grid.outHeight(), grid.outWidth(), weight.length(0)};
        Tensor[] inputs = bias == null ? new Tensor[] {pixels, weight} : new Tensor[] {pixels, weight, bias};
        return ChannelsLast.images(Autograd.result(operation, y, shape, backward, inputs));
    }

    /**
     * The ternary convolution in training: fake quantisation with the straight-through estimator, as
     * {@link LinearOps#bitLinear(Tensor, Tensor, Tensor, BitQuantConfig, float, String)}.
     *
     * <p>With strength 1 the result is that of {@link TernaryConvolution#apply}, to the bit. With a strength λ below 1
     * both operands are blended and convolved in float, for which each pixel is rounded once whatever the granularity;
     * λ = 0 gives the bits of {@link #conv2d}.
     *
     * @param x {@code [n, inChannels, height, width]}
     * @param weight latent weights {@code [outChannels, inChannels / groups, kernelHeight, kernelWidth]}
     * @param bias {@code [outChannels]}, or null
     * @param window how the kernel slides
     * @param groups independent convolutions, each of its share of the channels and with its own weight scales
     * @param cache keeps the ternary weights between calls, and says how to quantise; one for each weight
     * @param quantStrength λ, from 0 to 1
     * @param layer name of the layer for messages
     * @return {@code [n, outChannels, outHeight, outWidth]}
     * @throws IllegalArgumentException if the shapes don't fit together, λ is out of range, or a value to be quantised
     *     is NaN or infinite
     */
    public static Tensor bitConv2d(Tensor x, Tensor weight, Tensor bias, Window window, int groups,
            ConvolutionWeightCache cache, float quantStrength, String layer) {
        if (!(quantStrength >= 0f && quantStrength <= 1f)) {
            throw new IllegalArgumentException(layer + ": quantStrength " + quantStrength + " is not in [0, 1]");
        }
        if (quantStrength == 0f) {
            return conv2d(x, weight, bias, window, groups, layer);
        }
        requireWeights(x, weight, bias, window, groups, layer);
        PatchGrid grid = grid(x, x.length(1), window, layer);
        Tensor pixels = ChannelsLast.pixels(x);
        if (quantStrength < 1f) {
            float[] rounded = cache.config().activationDtype() == ActivationDtype.FLOAT32 ? pixels.data()
                    : TernaryConvolution.round(pixels.data(), grid, cache.config(), layer).dequantize();
            return conv2d("bitConv2d", grid, pixels, LinearOps.blend(pixels.data(), rounded, quantStrength), weight,
                    LinearOps.blend(weight.data(), cache.matrix(weight, groups).dequantize(), quantStrength), bias,
                    groups);
        }
        ConvolutionWeightCache.Quantized weights = cache.quantized(weight, x.length(1), window, groups);
        PixelConvolution floats = PixelConvolution.of(grid, weight.length(0), groups);
        float[] biases = bias == null ? null : bias.data();
        if (TernaryConvolution.roundsPixels(cache.config())) {
            QuantizedPatches rounded = TernaryConvolution.round(pixels.data(), grid, cache.config(), layer);
            return images("bitConv2d", grid, weights.packed().multiply(rounded, biases), pixels, weight, bias,
                    g -> addGradients(floats, g, pixels, rounded.dequantize(), weight, weights.matrix().dequantize(),
                            bias));
        }
        float[] y = weights.packed().multiplyByPatch(pixels.data(), grid, biases, layer);
        return images("bitConv2d", grid, y, pixels, weight, bias, g -> {
            if (pixels.needsGrad()) {
                floats.addInputGradient(g, weights.matrix().dequantize(), pixels.gradBuffer());
            }
            if (weight.needsGrad()) {
                weights.packed().addWeightGradientByPatch(pixels.data(), grid, g, weight.gradBuffer(), layer);
            }
            addBiasGradient(g, bias);
        });
    }
}
