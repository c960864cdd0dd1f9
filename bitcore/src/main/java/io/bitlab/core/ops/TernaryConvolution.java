package io.bitlab.core.ops;

import io.bitlab.core.ActivationDtype;
import io.bitlab.core.BitQuantConfig;
import io.bitlab.core.Granularity;
import io.bitlab.core.kernel.KernelRegistry;
import io.bitlab.core.kernel.PackedWeights;
import io.bitlab.core.kernel.TernaryKernel;
import io.bitlab.core.kernel.TernaryMatmul;
import io.bitlab.core.memory.Workspace;
import io.bitlab.core.parallel.Parallel;
import io.bitlab.core.quant.ActivationQuantizer;
import io.bitlab.core.quant.Activations;
import io.bitlab.core.quant.NonFiniteException;
import io.bitlab.core.quant.PatchColumns;
import io.bitlab.core.quant.PatchGrid;
import io.bitlab.core.quant.QuantizedActivations;
import io.bitlab.core.quant.QuantizedPatches;
import io.bitlab.core.quant.TernaryMatrix;
import io.bitlab.core.tensor.Autograd;
import io.bitlab.core.tensor.ChannelsLast;
import io.bitlab.core.tensor.Shape;
import io.bitlab.core.tensor.Tensor;
import java.util.Arrays;
import java.util.function.Supplier;

/**
 * Ternary weights of a convolution, packed for the kernel that {@link KernelRegistry#patchKernelFor} chooses.
 *
 * {@snippet class="io.bitlab.core.snippets.OpsSnippets" region="ternaryConvolution"}
 *
 * <p>With int8 activations of granularity {@link Granularity#PER_SAMPLE} or {@link Granularity#PER_TENSOR} each pixel
 * is rounded once, and kernels read patches where the images have them. With {@link Granularity#PER_CHANNEL} each patch
 * is rounded with a scale of its own; then, and with float activations, patches are copied to the rows of a matrix,
 * about a megabyte at a time. A convolution with a kernel for each channel is computed directly.
 *
 * <p><b>Thread safety:</b> immutable.
 */
public final class TernaryConvolution {

    private static final double NANOS_PER_VALUE = 0.3; // of a depthwise convolution, without its products; measured

    private final int inChannels;
    private final int outChannels;
    private final Window window;
    private final BitQuantConfig config;
    private final PackedWeights[] groups; // none if depthwise
    private final Depthwise depthwise; // or null

    /** A kernel for each channel, as given and as floats. */
    private record Depthwise(TernaryMatrix matrix, float[] weights, float[] scales) {

        static Depthwise of(TernaryMatrix matrix) {
            byte[] trits = matrix.trits();
            float[] weights = new float[trits.length];
            for (int i = 0; i < trits.length; i++) {
                weights[i] = trits[i];
            }
            float[] scales = new float[matrix.outFeatures()];
            for (int channel = 0; channel < scales.length; channel++) {
                scales[channel] = matrix.scale(channel, 0);
            }
            return new Depthwise(matrix, weights, scales);
        }

        long bytes() {
            return matrix.bytes() + Float.BYTES * ((long) weights.length + scales.length);
        }
    }

    /**
     * Packs weights.
     *
     * @param weights {@code [outChannels, inChannels / groups * kernelHeight * kernelWidth]} in PyTorch's order, with
     *     one scale or one for each output channel
     * @param inChannels channels of the input
     * @param window how the kernel slides
     * @param groups independent convolutions, each of its share of the channels
     * @param config how to quantise the input
     * @throws IllegalArgumentException if the numbers don't fit together, or the weights have a scale for each block of
     *     columns
     */
    public TernaryConvolution(TernaryMatrix weights, int inChannels, Window window, int groups,
            BitQuantConfig config) {
        this.inChannels = inChannels;
        this.outChannels = weights.outFeatures();
        this.window = window;
        this.config = config;
        if (groups < 1 || inChannels % groups != 0 || outChannels % groups != 0
                || weights.inFeatures() != inChannels / groups * window.area()) {
            throw new IllegalArgumentException("TernaryConvolution: " + weights + " are not the weights of "
                    + inChannels + " channels in " + groups + " groups with " + window);
        }
        if (weights.blocks() > 1) {
            throw new IllegalArgumentException("TernaryConvolution: " + weights + " has a scale for each block of "
                    + "columns; expected one scale, or one for each output channel");
        }
        if (PixelConvolution.isDepthwise(inChannels, outChannels, groups) && roundsPixels(config)) {
            this.depthwise = Depthwise.of(weights);
            this.groups = new PackedWeights[0];
        } else {
            this.depthwise = null;
            this.groups = new PackedWeights[groups];
            int size = outChannels / groups;
            TernaryKernel kernel = kernel(config, size, weights.inFeatures());
            Arrays.setAll(this.groups, i -> kernel.pack(PatchColumns.byTap(
                    groups == 1 ? weights : weights.rows(i * size, (i + 1) * size), inChannels / groups)));
        }
    }

    private static TernaryKernel kernel(BitQuantConfig config, int out, int in) {
        return KernelRegistry.patchKernelFor(config, out, in);
    }

    /** Whether each pixel is rounded once, rather than in each patch or not at all. */
    static boolean roundsPixels(BitQuantConfig config) {
        return config.activationDtype() == ActivationDtype.INT8
                && config.activationGranularity() != Granularity.PER_CHANNEL;
    }

    /**
     * The kernel that multiplies these weights.
     *
     * @return the kernel; for a convolution with a kernel for each channel, which needs none, the one for its shape
     */
    public TernaryKernel kernel() {
        return depthwise == null ? groups[0].kernel() : kernel(config, 1, depthwise.matrix.inFeatures());
    }

    /**
     * The memory that the packed weights occupy.
     *
     * @return bytes, with scales
     */
    public long bytes() {
        return depthwise == null ? Arrays.stream(groups).mapToLong(PackedWeights::bytes).sum() : depthwise.bytes();
    }

    /**
     * The weights in PyTorch's order.
     *
     * @return as given to the constructor; with several groups, a scale for each row
     */
    public TernaryMatrix unpack() {
        if (depthwise != null) {
            return depthwise.matrix;
        }
        TernaryMatrix[] parts = Arrays.stream(groups)
                .map(part -> PatchColumns.byChannel(part.unpack(), inChannels / groups.length))
                .toArray(TernaryMatrix[]::new);
        return parts.length == 1 ? parts[0] : TernaryMatrix.stack(parts);
    }

    /**
     * The convolution in evaluation, without a record of gradients.
     *
     * @param x {@code [n, inChannels, height, width]}
     * @param bias {@code outChannels} values, or null; not modified
     * @param operation names the operation in messages
     * @param layer describes the layer, for messages
     * @return {@code [n, outChannels, outHeight, outWidth]}
     * @throws IllegalArgumentException if x has another shape, or a value to be rounded is NaN or infinite
     */
    public Tensor apply(Tensor x, float[] bias, String operation, Supplier<String> layer) {
        PatchGrid grid = Convolutions.grid(x, inChannels, window, layer.get());
        Tensor pixels = ChannelsLast.pixels(x);
        float[] values = pixels.data();
        float[] y;
        if (roundsPixels(config)) {
            y = multiply(round(values, grid, config, layer.get()), bias);
        } else {
            y = multiplyByPatch(values, grid, bias, layer.get());
        }
        return ChannelsLast.images(Autograd.unrecorded(operation, layer, y,
                new int[] {grid.images(), grid.outHeight(), grid.outWidth(), outChannels}, pixels));
    }

    // ---------------------------------------------------------------- pixels that are rounded once

    /** Rounds each pixel, with one scale for an image or for all. */
    static QuantizedPatches round(float[] pixels, PatchGrid grid, BitQuantConfig config, String layer) {
        Granularity granularity = config.activationGranularity() == Granularity.PER_TENSOR ? Granularity.PER_TENSOR
                : Granularity.PER_SAMPLE;
        try {
            QuantizedActivations rounded = ActivationQuantizer.quantize(pixels, pixels.length / grid.channels(),
                    grid.channels(), grid.images(), granularity, layer);
            return new QuantizedPatches(rounded.values(), rounded.scales(), grid);
        } catch (NonFiniteException e) {
            throw inImages(e, pixels, grid, layer);
        }
    }

    /** The error of a value that can't be rounded, by its place in the images instead of in a matrix. */
    private static NonFiniteException inImages(NonFiniteException e, float[] pixels, PatchGrid grid,
            String layer) {
        for (int i = 0; i < pixels.length; i++) {
            if (!Float.isFinite(pixels[i])) {
                int pixel = i / grid.channels();
                return new NonFiniteException(layer + ": the input in image "
                        + pixel / (grid.height() * grid.width()) + ", channel " + i % grid.channels() + ", row "
                        + pixel / grid.width() % grid.height() + ", column " + pixel % grid.width() + " is " + pixels[i]
                        + ", which int8 cannot represent. Look for where it arises: bad input data, or training that "
                        + "diverged. (Layers with float32 activations let it pass.)");
            }
        }
        return e;
    }

    /** The outputs {@code [positions, outChannels]} for rounded pixels. */
    float[] multiply(QuantizedPatches x, float[] bias) {
        if (depthwise != null) {
            return multiplyChannels(x, bias);
        }
        PatchGrid grid = x.grid();
        int size = outChannels / groups.length;
        int channels = inChannels / groups.length;
        float[] y = newOutput(grid.rows());
        for (int i = 0; i < groups.length; i++) {
            QuantizedPatches part =
                    new QuantizedPatches(x.pixels(), x.scales(), grid.withChannels(i * channels, channels));
            float[] target = groups.length == 1 ? y : Workspace.floats(grid.rows() * size);
            TernaryMatmul.multiply(groups[i], part, biasOf(bias, i), target);
            insert(target, y, i);
        }
        return y;
    }

    private float[] newOutput(int rows) {
        return Workspace.floats(Shape.size("bitConv2d", rows, outChannels));
    }

    private float[] biasOf(float[] bias, int group) {
        int size = outChannels / groups.length;
        return bias == null || groups.length == 1 ? bias : Arrays.copyOfRange(bias, group * size, (group + 1) * size);
    }

    /** Copies the outputs of a group to their columns. */
    private void insert(float[] part, float[] y, int group) {
        int size = outChannels / groups.length;
        for (int row = 0; part != y && row < y.length / outChannels; row++) {
            System.arraycopy(part, row * size, y, row * outChannels + group * size, size);
        }
    }

    /** Sums of products of integers are exact in floats, so they are what a kernel would return. */
    private float[] multiplyChannels(QuantizedPatches x, float[] bias) {
        byte[] pixels = x.pixels();
        float[] values = Workspace.floats(pixels.length);
        Parallel.current().forRange(values.length, 1, (long) (NANOS_PER_VALUE * values.length), (from, to) -> {
            for (int i = from; i < to; i++) {
                values[i] = pixels[i];
            }
        });
        float[] y = newOutput(x.rows());
        new DepthwiseConvolution(x.grid()).forward(values, depthwise.weights, y);
        int images = x.grid().images();
        PixelStripes stripes = new PixelStripes(images, x.rows() / images, outChannels);
        float[] weightScales = stripes.repeatedForAll(depthwise.scales);
        float[] added = stripes.repeatedForAll(bias == null ? new float[outChannels] : bias);
        stripes.forEachStripe(NANOS_PER_VALUE, 1, (image, at, length, rows) -> {
            System.arraycopy(y, at, rows[0], 0, length);
            scale(rows[0], weightScales, x.scaleOfImage(image), added, length);
            System.arraycopy(rows[0], 0, y, at, length);
        });
        return y;
    }

    private static void scale(float[] sums, float[] weightScales, float scale, float[] bias, int length) {
        for (int i = 0; i < length; i++) {
            sums[i] = sums[i] * weightScales[i] * scale + bias[i];
        }
    }

    // ---------------------------------------------------------------- patches as rows

    /** The outputs for patches that are rounded one by one, or floats. */
    float[] multiplyByPatch(float[] pixels, PatchGrid grid, float[] bias, String layer) {
        float[] y = newOutput(grid.rows());
        int channels = inChannels / groups.length;
        int size = outChannels / groups.length;
        for (int i = 0; i < groups.length; i++) {
            int group = i;
            PatchRows rows = new PatchRows(grid.withChannels(i * channels, channels));
            rows.forEachPart(pixels, (first, count, values) -> {
                float[] part = Workspace.floats(count * size);
                TernaryMatmul.multiply(groups[group], quantize(values, count, pixels, grid, layer),
                        biasOf(bias, group), part);
                for (int row = 0; row < count; row++) {
                    System.arraycopy(part, row * size, y, (first + row) * outChannels + group * size, size);
                }
            });
        }
        return y;
    }

    private Activations quantize(float[] patches, int count, float[] pixels, PatchGrid grid, String layer) {
        try {
            return TernaryMatmul.quantize(patches, count, patches.length / count, config, layer);
        } catch (NonFiniteException e) {
            throw inImages(e, pixels, grid, layer);
        }
    }

    /** Adds the gradient of the weights for patches that are rounded one by one; see {@link PixelConvolution}. */
    void addWeightGradientByPatch(float[] pixels, PatchGrid grid, float[] g, float[] dw, String layer) {
        int channels = inChannels / groups.length;
        int size = outChannels / groups.length;
        for (int i = 0; i < groups.length; i++) {
            int group = i;
            PatchRows rows = new PatchRows(grid.withChannels(i * channels, channels));
            float[] sums = Workspace.zeros(size * rows.columns()); // [output][tap][channel]
            rows.forEachPart(pixels,
                    (first, count, values) -> rows.addProduct(g, outChannels, group * size, size, first,
                            new QuantizedInput(Tensor.of(values, count, rows.columns()), count, rows.columns(), config,
                                    layer)
                                    .values(),
                            count, sums));
            rows.addByChannel(sums, size, dw, group * size);
        }
    }
}
