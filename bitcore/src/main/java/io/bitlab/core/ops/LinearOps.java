package io.bitlab.core.ops;

import io.bitlab.core.BitQuantConfig;
import io.bitlab.core.kernel.PackedWeights;
import io.bitlab.core.kernel.TernaryMatmul;
import io.bitlab.core.math.FloatMath;
import io.bitlab.core.memory.Workspace;
import io.bitlab.core.quant.TernaryMatrix;
import io.bitlab.core.tensor.Autograd;
import io.bitlab.core.tensor.Shape;
import io.bitlab.core.tensor.Tensor;
import java.util.Arrays;

/**
 * The linear layer {@code y = x·Wᵀ + b}: {@link #linear} in float, {@link #bitLinear} with ternary weights.
 *
 * <p>Both work on the last axis of {@code x [..., in]}; all other axes are rows of a batch. The weight is
 * {@code [out, in]}, as in PyTorch, the result {@code [..., out]}:
 *
 * {@snippet class="io.bitlab.core.snippets.OpsSnippets" region="linear"}
 */
public final class LinearOps {

    private LinearOps() {
    }

    /**
     * The float linear layer {@code y = x·Wᵀ + b}.
     *
     * <p>Each output is one chain of multiply-adds over the input features in ascending order (see {@link FloatMath});
     * the bias is added last. Gradients: {@code dx = g·W}, {@code dW = gᵀ·x}, {@code db} = sum of the rows of g.
     *
     * @param x {@code [..., in]}
     * @param weight {@code [out, in]}
     * @param bias {@code [out]}, or null
     * @param layer name of the layer for messages
     * @return {@code [..., out]}
     * @throws IllegalArgumentException if x has another number of features, or the bias another length
     */
    public static Tensor linear(Tensor x, Tensor weight, Tensor bias, String layer) {
        requireMatrix(weight, layer);
        int rows = Shape.requireFeatures(x, weight.length(1), layer);
        requireBias(bias, weight.length(0), layer);
        return linear("linear", x, x.data(), weight, weight.data(), bias, rows);
    }

    static void requireMatrix(Tensor weight, String layer) {
        if (weight.rank() != 2) {
            throw new IllegalArgumentException(
                    layer + ": weight " + Arrays.toString(weight.shape()) + ", expected [out, in]");
        }
    }

    /**
     * The ternary linear layer in training: fake quantisation with the straight-through estimator (Bengio et al., 2013;
     * BitNet b1.58, Ma et al., 2024).
     *
     * <p>With strength 1 the weights become ternary and the activations int8 (if so configured). They are multiplied by
     * the same kernel as in evaluation, so both modes return the same bits. With a strength λ below 1 both operands are
     * blended, {@code w + λ(q(w) - w)}, and multiplied in float; λ = 0 gives the bits of {@link #linear}. The gradients
     * treat rounding as the identity: {@code dx = g·Wq}, {@code dW = gᵀ·Xq}, with the operands that the forward used.
     *
     * @param x {@code [..., in]}
     * @param weight latent weights {@code [out, in]}
     * @param bias {@code [out]}, or null
     * @param config how to quantise
     * @param quantStrength λ, from 0 to 1
     * @param layer name of the layer for messages
     * @return {@code [..., out]}
     * @throws IllegalArgumentException if the shapes don't fit together, λ is out of range, or a value to be quantised
     *     is NaN or infinite
     */
    public static Tensor bitLinear(Tensor x, Tensor weight, Tensor bias, BitQuantConfig config, float quantStrength,
            String layer) {
        return bitLinear(x, weight, bias, new QuantizedWeightCache(config), quantStrength, layer);
    }

    /**
     * As {@link #bitLinear(Tensor, Tensor, Tensor, BitQuantConfig, float, String)}, but keeps the quantised weights
     * between calls.
     *
     * @param x {@code [..., in]}
     * @param weight latent weights {@code [out, in]}
     * @param bias {@code [out]}, or null
     * @param cache keeps the ternary weights, and says how to quantise; one for each weight
     * @param quantStrength λ, from 0 to 1
     * @param layer name of the layer for messages
     * @return {@code [..., out]}
     * @throws IllegalArgumentException as the overload without a cache
     */
    public static Tensor bitLinear(Tensor x, Tensor weight, Tensor bias, QuantizedWeightCache cache,
            float quantStrength, String layer) {
        if (!(quantStrength >= 0f && quantStrength <= 1f)) {
            throw new IllegalArgumentException(layer + ": quantStrength " + quantStrength + " is not in [0, 1]");
        }
        if (quantStrength == 0f) {
            return linear(x, weight, bias, layer);
        }
        int rows = Shape.requireFeatures(x, weight.length(1), layer);
        QuantizedInput input = new QuantizedInput(x, rows, weight.length(1), cache.config(), layer);
        if (quantStrength == 1f) {
            return bitLinear(input, weight, bias, cache, layer);
        }
        requireBias(bias, weight.length(0), layer);
        TernaryMatrix ternary = cache.matrix(weight.data(), weight.length(0), weight.length(1));
        float[] blendedX = blend(x.data(), input.values(), quantStrength);
        float[] blendedW = blend(weight.data(), ternary.dequantize(), quantStrength);
        return linear("bitLinear", x, blendedX, weight, blendedW, bias, rows);
    }

    /**
     * As above with strength 1, for an input that several layers share and that is therefore quantised only once.
     *
     * @param input quantised with the cache's configuration; not modified
     * @param weight latent weights {@code [out, in]}
     * @param bias {@code [out]}, or null
     * @param cache keeps the ternary weights between calls; one for each weight
     * @param layer name of the layer for messages
     * @return {@code [..., out]}
     * @throws IllegalArgumentException if the shapes don't fit together, or a weight is NaN or infinite
     */
    public static Tensor bitLinear(QuantizedInput input, Tensor weight, Tensor bias, QuantizedWeightCache cache,
            String layer) {
        Tensor x = input.tensor();
        int out = weight.length(0);
        int in = weight.length(1);
        int rows = Shape.requireFeatures(x, in, layer);
        requireBias(bias, out, layer);
        QuantizedWeightCache.Quantized quantized = cache.quantized(weight.data(), out, in);
        PackedWeights packed = quantized.packed();
        float[] y = Workspace.floats(Shape.size(layer, rows, out));
        TernaryMatmul.multiply(packed, input.preparedFor(packed.kernel()), bias == null ? null : bias.data(), y);
        return Autograd.result("bitLinear", y, Shape.with(x.shape(), x.rank() - 1, out),
                g -> addGradients(g, rows, x, input.values(), weight, quantized.matrix().dequantize(), bias),
                inputs(x, weight, bias));
    }

    /** {@code latent + strength * (quantized - latent)}. */
    static float[] blend(float[] latent, float[] quantized, float strength) {
        if (latent == quantized) {
            return latent;
        }
        float[] blended = Workspace.floats(latent.length);
        for (int i = 0; i < blended.length; i++) {
            blended[i] = latent[i] + strength * (quantized[i] - latent[i]);
        }
        return blended;
    }

    /** The float product of the values used in place of x and W; the gradients go to x and W themselves. */
    private static Tensor linear(String operation, Tensor x, float[] xValues, Tensor weight, float[] wValues,
            Tensor bias, int rows) {
        int out = weight.length(0);
        int in = weight.length(1);
        float[] y = Workspace.floats(Shape.size(operation, rows, out));
        FloatMath.get().gemmTransposedB(rows, out, in, xValues, 0, wValues, 0, y, 0, false);
        if (bias != null) {
            FloatMath.get().addToRows(bias.data(), y, out);
        }
        return Autograd.result(operation, y, Shape.with(x.shape(), x.rank() - 1, out),
                g -> addGradients(g, rows, x, xValues, weight, wValues, bias), inputs(x, weight, bias));
    }

    private static void addGradients(float[] g, int rows, Tensor x, float[] xValues, Tensor weight, float[] wValues,
            Tensor bias) {
        int out = weight.length(0);
        int in = weight.length(1);
        FloatMath math = FloatMath.get();
        if (x.needsGrad()) {
            math.gemm(rows, in, out, g, 0, wValues, 0, x.gradBuffer(), 0, true);
        }
        if (weight.needsGrad()) {
            math.gemmTransposedA(out, in, rows, g, 0, xValues, 0, weight.gradBuffer(), 0, true);
        }
        if (bias != null && bias.needsGrad()) {
            math.addRowsTo(g, bias.gradBuffer(), out);
        }
    }

    private static Tensor[] inputs(Tensor x, Tensor weight, Tensor bias) {
        return bias == null ? new Tensor[] {x, weight} : new Tensor[] {x, weight, bias};
    }

    private static void requireBias(Tensor bias, int out, String layer) {
        if (bias != null && (bias.rank() != 1 || bias.size() != out)) {
            throw new IllegalArgumentException(layer + ": bias " + Arrays.toString(bias.shape()) + " for " + out
                    + " output features, expected [" + out + "]");
        }
    }
}
