package io.bitlab.core.ops;

import io.bitlab.core.math.FloatMath;
import io.bitlab.core.memory.Workspace;
import io.bitlab.core.parallel.Parallel;
import io.bitlab.core.tensor.Autograd;
import io.bitlab.core.tensor.OnDevice;
import io.bitlab.core.tensor.Shape;
import io.bitlab.core.tensor.Tensor;
import java.util.Arrays;
import java.util.function.Supplier;

/**
 * Normalisation of the last axis: {@link #layerNorm} to mean 0 and variance 1, {@link #rmsNorm} to mean square 1.
 *
 * {@snippet class="io.bitlab.core.snippets.OpsSnippets" region="norms"}
 */
public final class Norms {

    /** Rough cost of normalising one element on one thread. */
    private static final double NANOS = 0.3;
    /** Rows that share one row of scratch memory. */
    private static final int BLOCK = 16;
    /** Columns that one thread sums at a time: a cache line. */
    private static final int COLUMNS = 16;

    private Norms() {
    }

    /**
     * Layer normalisation (Ba, Kiros and Hinton, 2016) over the last axis: {@code y = w * z + b} with
     * {@code z = (x - mean(x)) / sqrt(mean((x - mean(x))²) + eps)}. Means are sums in the order of {@link FloatMath},
     * divided by the number of features.
     *
     * <p>Gradient: {@code dx = (h - mean(h) - z * mean(h * z)) / sqrt(variance + eps)} with {@code h = g * w}.
     *
     * @param x {@code [..., features]}
     * @param weight {@code [features]}
     * @param bias {@code [features]}, or null
     * @param eps keeps the divisor away from 0
     * @param layer name of the layer for messages
     * @return a tensor of x's shape
     * @throws IllegalArgumentException if x or the bias has another number of features
     */
    public static Tensor layerNorm(Tensor x, Tensor weight, Tensor bias, float eps, String layer) {
        int features = weight.size();
        int rows = Shape.requireFeatures(x, features, layer);
        if (bias != null && bias.size() != features) {
            throw new IllegalArgumentException(layer + ": bias " + Arrays.toString(bias.shape()) + " for " + features
                    + " features");
        }
        FloatMath math = FloatMath.get();
        float[] in = x.data();
        float[] w = weight.data();
        float[] b = bias == null ? Workspace.zeros(features) : bias.data();
        float[] z = Workspace.floats(in.length);
        float[] y = Workspace.floats(in.length);
        float[] inverse = Workspace.floats(rows);
        Parallel.current().forRange(rows, 1, (long) (NANOS * in.length), (r0, r1) -> {
            for (int r = r0; r < r1; r++) {
                int at = r * features;
                inverse[r] = math.standardize(in, at, eps, z, at, features);
                for (int i = 0; i < features; i++) {
                    y[at + i] = z[at + i] * w[i] + b[i];
                }
            }
        });
        Tensor[] inputs = bias == null ? new Tensor[] {x, weight} : new Tensor[] {x, weight, bias};
        return Autograd.result("layerNorm", y, x.shape(), g -> {
            if (weight.needsGrad()) {
                addWeightGradient(g, z, null, weight.gradBuffer());
            }
            if (bias != null && bias.needsGrad()) {
                math.addRowsTo(g, bias.gradBuffer(), features);
            }
            if (x.needsGrad()) {
                addInputGradient(g, w, z, inverse, x.gradBuffer());
            }
        }, inputs);
    }

    private static void addInputGradient(float[] g, float[] w, float[] z, float[] inverse, float[] dx) {
        FloatMath math = FloatMath.get();
        int features = w.length;
        float[] scratch = Workspace.floats(Math.ceilDiv(inverse.length, BLOCK) * features);
        Parallel.current().forRange(inverse.length, BLOCK, (long) (NANOS * g.length), (r0, r1) -> {
            int h = r0 / BLOCK * features;
            for (int r = r0; r < r1; r++) {
                int at = r * features;
                for (int i = 0; i < features; i++) {
                    scratch[h + i] = g[at + i] * w[i];
                }
                float mean = math.sum(scratch, h, features) / features;
                float pull = math.dot(scratch, h, z, at, features) / features;
                for (int i = 0; i < features; i++) {
                    dx[at + i] += inverse[r] * (scratch[h + i] - mean - z[at + i] * pull);
                }
            }
        });
    }

    // ---------------------------------------------------------------- root mean square

    /**
     * Root-mean-square normalisation (Zhang and Sennrich, 2019): {@code y = w * x / sqrt(mean(x²) + eps)} over the last
     * axis.
     *
     * <p>Gradient: {@code dx = r * (h - x * r² * mean(h * x))} with {@code h = g * w} and
     * {@code r = 1 / sqrt(mean(x²) + eps)}.
     *
     * @param x {@code [..., features]}
     * @param weight {@code [features]}
     * @param eps keeps the divisor away from 0
     * @param layer name of the layer for messages
     * @return a tensor of x's shape
     * @throws IllegalArgumentException if x has another number of features
     */
    public static Tensor rmsNorm(Tensor x, Tensor weight, float eps, String layer) {
        return rmsNorm(x, weight, eps, () -> layer);
    }

    /**
     * As above, for a name that takes work to compose.
     *
     * @param x {@code [..., features]}
     * @param weight {@code [features]}
     * @param eps keeps the divisor away from 0
     * @param layer returns the name of the layer; called only when a message needs it
     * @return a tensor of x's shape
     * @throws IllegalArgumentException if x has another number of features
     */
    public static Tensor rmsNorm(Tensor x, Tensor weight, float eps, Supplier<String> layer) {
        int features = weight.size();
        boolean fits = x.rank() > 0 && x.length(-1) == features;
        int rows = fits ? x.size() / features : Shape.requireFeatures(x, features, layer.get());
        return OnDevice.holds(x)
                ? OnDevice.result(x, onDevice -> onDevice.rmsNorm(weight.data(), eps),
                        () -> rmsNormHere(x, weight, eps, rows))
                : rmsNormHere(x, weight, eps, rows);
    }

    private static Tensor rmsNormHere(Tensor x, Tensor weight, float eps, int rows) {
        FloatMath math = FloatMath.get();
        int features = weight.size();
        float[] in = x.data();
        float[] w = weight.data();
        float[] y = Workspace.floats(in.length);
        float[] inverse = Workspace.floats(rows);
        Parallel.current().forRange(rows, 1, (long) (NANOS * in.length), (r0, r1) -> {
            for (int r = r0; r < r1; r++) {
                int at = r * features;
                inverse[r] = math.rmsNorm(in, at, w, eps, y, at, features);
            }
        });
        return Autograd.result("rmsNorm", y, x.shape(), g -> {
            if (weight.needsGrad()) {
                addWeightGradient(g, in, inverse, weight.gradBuffer());
            }
            if (x.needsGrad()) {
                addRmsInputGradient(g, w, in, inverse, x.gradBuffer());
            }
        }, x, weight);
    }

    /** {@code dx += inverse * (h - x * inverse² * mean(h * x))} with {@code h = g * w}. */
    private static void addRmsInputGradient(float[] g, float[] w, float[] x, float[] inverse, float[] dx) {
        FloatMath math = FloatMath.get();
        int features = w.length;
        float[] h = Workspace.floats(Math.ceilDiv(inverse.length, BLOCK) * features);
        Parallel.current().forRange(inverse.length, BLOCK, (long) (NANOS * x.length), (r0, r1) -> {
            for (int r = r0; r < r1; r++) {
                int at = r * features;
                int scratch = r / BLOCK * features;
                Arrays.fill(h, scratch, scratch + features, 0f);
                math.addProducts(1f, g, at, w, 0, h, scratch, features);
                float pull = math.dot(h, scratch, x, at, features) * inverse[r] * inverse[r] / features;
                math.axpy(-pull, x, at, h, scratch, features);
                math.axpy(inverse[r], h, scratch, dx, at, features);
            }
        });
    }

    /** {@code dw += sum over the rows of g * x * factor}, in row order on any number of threads; null factors are 1. */
    private static void addWeightGradient(float[] g, float[] x, float[] factors, float[] dw) {
        FloatMath math = FloatMath.get();
        int features = dw.length;
        Parallel.current().forRange(features, COLUMNS, (long) (NANOS * x.length), (c0, c1) -> {
            for (int r = 0, at = c0; at < x.length; r++, at += features) {
                math.addProducts(factors == null ? 1f : factors[r], g, at, x, at, dw, c0, c1 - c0);
            }
        });
    }
}
