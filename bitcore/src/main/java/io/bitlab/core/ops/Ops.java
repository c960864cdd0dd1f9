package io.bitlab.core.ops;

import io.bitlab.core.BitQuantConfig;
import io.bitlab.core.kernel.PackedWeights;
import io.bitlab.core.kernel.TernaryMatmul;
import io.bitlab.core.math.CounterRandom;
import io.bitlab.core.math.FloatMath;
import io.bitlab.core.memory.Workspace;
import io.bitlab.core.parallel.Parallel;
import io.bitlab.core.quant.TernaryMatrix;
import io.bitlab.core.tensor.Autograd;
import io.bitlab.core.tensor.Shape;
import io.bitlab.core.tensor.Tensor;
import java.util.Arrays;
import java.util.function.Supplier;

/**
 * The operations that layers are made of. Each works on the last axis of its input; all other axes are rows of a batch.
 */
public final class Ops {

    private Ops() {
    }

    /**
     * The float linear layer {@code y = x·Wᵀ + b}.
     *
     * <p>Each output is one chain over the inputs, ascending (see {@link FloatMath}), and the bias is added last.
     * Gradients: {@code dx = g·W}, {@code dW = gᵀ·x}, {@code db} = the rows of g, summed in order.
     *
     * @param x {@code [..., in]}
     * @param weight {@code [out, in]}
     * @param bias {@code [out]}, or null
     * @param layer what to call the layer in messages
     * @return {@code [..., out]}
     * @throws IllegalArgumentException if x has another number of features, or the bias another length
     */
    public static Tensor linear(Tensor x, Tensor weight, Tensor bias, String layer) {
        int rows = requireFeatures(x, weight.length(1), layer);
        requireBias(bias, weight.length(0), layer);
        return linear("linear", x, x.data(), weight, weight.data(), bias, rows);
    }

    /**
     * The ternary linear layer in training: fake quantisation with the straight-through estimator (Bengio et al., 2013;
     * BitNet b1.58, Ma et al., 2024).
     *
     * <p>With strength 1 the weights become ternary, the activations int8 (if so configured), and the product is
     * computed by the same kernel, in the same integer arithmetic, as in evaluation: equal to the bit. With a strength
     * λ below 1 both operands are blended, {@code w + λ(q(w) - w)}, and multiplied in float; λ = 0 is {@link #linear}
     * to the bit. The gradients pass the rounding as if it were the identity: {@code dx = g·Wq}, {@code dW = gᵀ·Xq},
     * with the operands that the forward used.
     *
     * @param x {@code [..., in]}
     * @param weight latent weights {@code [out, in]}
     * @param bias {@code [out]}, or null
     * @param config how to quantise
     * @param quantStrength λ, from 0 to 1
     * @param layer what to call the layer in messages
     * @return {@code [..., out]}
     * @throws IllegalArgumentException if x has another number of features, the bias another length, λ another range,
     *     or a value can't be quantised
     */
    public static Tensor bitLinear(Tensor x, Tensor weight, Tensor bias, BitQuantConfig config, float quantStrength,
            String layer) {
        return bitLinear(x, weight, bias, new QuantizedWeightCache(config), quantStrength, layer);
    }

    /**
     * The same, for who calls it again and again.
     *
     * @param x {@code [..., in]}
     * @param weight latent weights {@code [out, in]}
     * @param bias {@code [out]}, or null
     * @param form keeps the ternary weights from call to call; one for each weight
     * @param quantStrength λ, from 0 to 1
     * @param layer what to call the layer in messages
     * @return {@code [..., out]}
     * @throws IllegalArgumentException as the other form
     */
    public static Tensor bitLinear(Tensor x, Tensor weight, Tensor bias, QuantizedWeightCache form, float quantStrength,
            String layer) {
        if (!(quantStrength >= 0f && quantStrength <= 1f)) {
            throw new IllegalArgumentException(layer + ": quantStrength " + quantStrength + " is not in [0, 1]");
        }
        if (quantStrength == 0f) {
            return linear(x, weight, bias, layer);
        }
        int rows = requireFeatures(x, weight.length(1), layer);
        QuantizedInput input = new QuantizedInput(x, rows, weight.length(1), form.config(), layer);
        if (quantStrength == 1f) {
            return bitLinear(input, weight, bias, form, layer);
        }
        requireBias(bias, weight.length(0), layer);
        TernaryMatrix ternary = form.matrix(weight.data(), weight.length(0), weight.length(1));
        float[] blendedX = blend(x.data(), input.values(), quantStrength);
        float[] blendedW = blend(weight.data(), ternary.dequantize(), quantStrength);
        return linear("bitLinear", x, blendedX, weight, blendedW, bias, rows);
    }

    /**
     * The same at full strength, of an input that several layers share.
     *
     * @param input rounded as the form says; not modified
     * @param weight latent weights {@code [out, in]}
     * @param bias {@code [out]}, or null
     * @param form keeps the ternary weights from call to call; one for each weight
     * @param layer what to call the layer in messages
     * @return {@code [..., out]}
     * @throws IllegalArgumentException as the other forms
     */
    public static Tensor bitLinear(QuantizedInput input, Tensor weight, Tensor bias, QuantizedWeightCache form,
            String layer) {
        Tensor x = input.tensor();
        int out = weight.length(0);
        int in = weight.length(1);
        int rows = requireFeatures(x, in, layer);
        requireBias(bias, out, layer);
        TernaryMatrix ternary = form.matrix(weight.data(), out, in);
        PackedWeights packed = form.packed(weight.data(), out, in);
        float[] y = Workspace.floats(Math.multiplyExact(rows, out));
        TernaryMatmul.multiply(packed, input.preparedFor(packed.kernel()), bias == null ? null : bias.data(), y);
        return Autograd.result("bitLinear", y, Shape.with(x.shape(), x.rank() - 1, out),
                g -> addGradients(g, rows, x, input.values(), weight, ternary.dequantize(), bias),
                inputs(x, weight, bias));
    }

    private static float[] blend(float[] latent, float[] quantized, float strength) {
        if (latent == quantized) {
            return latent;
        }
        float[] blended = Workspace.floats(latent.length);
        for (int i = 0; i < blended.length; i++) {
            blended[i] = latent[i] + strength * (quantized[i] - latent[i]);
        }
        return blended;
    }

    /** The float product of the values that stand for x and W; the gradients go to x and W themselves. */
    private static Tensor linear(String operation, Tensor x, float[] xValues, Tensor weight, float[] wValues,
            Tensor bias, int rows) {
        int out = weight.length(0);
        int in = weight.length(1);
        float[] y = Workspace.floats(Math.multiplyExact(rows, out));
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

    /**
     * Checks that a layer can work on a tensor.
     *
     * @param x the input
     * @param features how many features the layer expects in the last axis
     * @param layer what to call the layer in the message
     * @return the number of rows: the product of all other axes
     * @throws IllegalArgumentException if x is a scalar or has another number of features
     */
    public static int requireFeatures(Tensor x, int features, String layer) {
        if (x.rank() == 0) {
            throw new IllegalArgumentException(layer + ": input is a scalar (rank 0), expected shape [..., " + features
                    + "]");
        }
        if (x.length(-1) != features) {
            throw new IllegalArgumentException(layer + ": input " + Arrays.toString(x.shape()) + " has " + x.length(-1)
                    + " features in its last dimension, expected " + features);
        }
        return x.size() / features;
    }

    private static void requireBias(Tensor bias, int out, String layer) {
        if (bias != null && (bias.rank() != 1 || bias.size() != out)) {
            throw new IllegalArgumentException(layer + ": bias " + Arrays.toString(bias.shape()) + " for " + out
                    + " output features, expected [" + out + "]");
        }
    }

    /**
     * Root-mean-square normalisation (Zhang and Sennrich, 2019): {@code y = w * x / sqrt(mean(x²) + eps)} over the last
     * axis.
     *
     * @param x {@code [..., features]}
     * @param weight {@code [features]}
     * @param eps what keeps the root away from 0
     * @param layer what to call the layer in messages
     * @return a tensor of x's shape
     */
    public static Tensor rmsNorm(Tensor x, Tensor weight, float eps, String layer) {
        return rmsNorm(x, weight, eps, () -> layer);
    }

    /**
     * The same, for who has to put the name together first.
     *
     * @param x {@code [..., features]}
     * @param weight {@code [features]}
     * @param eps what keeps the root away from 0
     * @param layer what to call the layer in messages; asked only for a message
     * @return a tensor of x's shape
     */
    public static Tensor rmsNorm(Tensor x, Tensor weight, float eps, Supplier<String> layer) {
        int features = weight.size();
        boolean fits = x.rank() > 0 && x.length(-1) == features;
        int rows = fits ? x.size() / features : requireFeatures(x, features, layer.get());
        FloatMath math = FloatMath.get();
        float[] in = x.data();
        float[] w = weight.data();
        float[] y = Workspace.floats(in.length);
        float[] inverse = Workspace.floats(rows);
        Parallel.current().forRange(rows, 1, (long) (Norms.NANOS * in.length), (r0, r1) -> {
            for (int r = r0; r < r1; r++) {
                int at = r * features;
                inverse[r] = math.rmsNorm(in, at, w, eps, y, at, features);
            }
        });
        return Autograd.result("rmsNorm", y, x.shape(), g -> {
            if (weight.needsGrad()) {
                Norms.addRmsWeightGradient(g, in, inverse, weight.gradBuffer());
            }
            if (x.needsGrad()) {
                Norms.addRmsInputGradient(g, w, in, inverse, x.gradBuffer());
            }
        }, x, weight);
    }

    /**
     * Dropout (Srivastava et al., 2014): each element is zeroed with a probability, the others grow to keep the mean.
     *
     * @param x any tensor
     * @param probability of an element to be zeroed, from 0 to below 1
     * @param random draws one number an element; its position moves on
     * @return a tensor of x's shape
     * @throws IllegalArgumentException if the probability is outside that range
     */
    public static Tensor dropout(Tensor x, float probability, CounterRandom random) {
        if (!(probability >= 0f && probability < 1f)) {
            throw new IllegalArgumentException("dropout: probability " + probability + " is not in [0, 1)");
        }
        float[] in = x.data();
        float[] factor = Workspace.floats(in.length);
        float[] y = Workspace.floats(in.length);
        float kept = 1f / (1f - probability);
        for (int i = 0; i < in.length; i++) {
            factor[i] = random.nextFloat() < probability ? 0f : kept;
            y[i] = in[i] * factor[i];
        }
        return Autograd.result("dropout", y, x.shape(), g -> {
            float[] dx = x.gradBuffer();
            for (int i = 0; i < g.length; i++) {
                dx[i] += g[i] * factor[i];
            }
        }, x);
    }
}
