package io.bitlab.core.ops;

import io.bitlab.core.math.FloatMath;
import io.bitlab.core.memory.Workspace;
import io.bitlab.core.parallel.Parallel;
import io.bitlab.core.tensor.Autograd;
import io.bitlab.core.tensor.Tensor;
import java.util.Arrays;

/** Normalisation of each row to mean 0 and variance 1; {@link Ops#rmsNorm} is the one without means. */
public final class Norms {

    /** A normalised element in one thread, roughly. */
    static final double NANOS = 0.3;
    /** Rows that share a row of scratch. */
    private static final int BLOCK = 16;
    /** Columns whose sums one thread takes together: a cache line. */
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
     * @param eps what keeps the root away from 0
     * @param layer what to call the layer in messages
     * @return a tensor of x's shape
     * @throws IllegalArgumentException if x or the bias has another number of features
     */
    public static Tensor layerNorm(Tensor x, Tensor weight, Tensor bias, float eps, String layer) {
        int features = weight.size();
        int rows = Ops.requireFeatures(x, features, layer);
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
        for (int r = 0; r < rows; r++) {
            int at = r * features;
            inverse[r] = math.standardize(in, at, eps, z, at, features);
            for (int i = 0; i < features; i++) {
                y[at + i] = z[at + i] * w[i] + b[i];
            }
        }
        Tensor[] inputs = bias == null ? new Tensor[] {x, weight} : new Tensor[] {x, weight, bias};
        return Autograd.result("layerNorm", y, x.shape(), g -> {
            if (weight.needsGrad()) {
                addProducts(g, z, weight.gradBuffer());
            }
            if (bias != null && bias.needsGrad()) {
                math.addRowsTo(g, bias.gradBuffer(), features);
            }
            if (x.needsGrad()) {
                addInputGradient(g, w, z, inverse, x.gradBuffer());
            }
        }, inputs);
    }

    private static void addProducts(float[] g, float[] z, float[] dw) {
        for (int at = 0; at < g.length; at += dw.length) {
            for (int i = 0; i < dw.length; i++) {
                dw[i] += g[at + i] * z[at + i];
            }
        }
    }

    private static void addInputGradient(float[] g, float[] w, float[] z, float[] inverse, float[] dx) {
        FloatMath math = FloatMath.get();
        int features = w.length;
        float[] h = Workspace.floats(features);
        for (int r = 0; r < inverse.length; r++) {
            int at = r * features;
            for (int i = 0; i < features; i++) {
                h[i] = g[at + i] * w[i];
            }
            float mean = math.sum(h, 0, features) / features;
            float pull = math.dot(h, 0, z, at, features) / features;
            for (int i = 0; i < features; i++) {
                dx[at + i] += inverse[r] * (h[i] - mean - z[at + i] * pull);
            }
        }
    }

    // ---------------------------------------------------------------- root mean square

    /** {@code dw += sum over the rows of g * x * inverse}, row after row whatever the number of threads. */
    static void addRmsWeightGradient(float[] g, float[] x, float[] inverse, float[] dw) {
        FloatMath math = FloatMath.get();
        int features = dw.length;
        Parallel.current().forRange(features, COLUMNS, (long) (NANOS * x.length), (c0, c1) -> {
            for (int r = 0; r < inverse.length; r++) {
                int at = r * features + c0;
                math.addProducts(inverse[r], g, at, x, at, dw, c0, c1 - c0);
            }
        });
    }

    /** {@code dx += inverse * (h - x * inverse² * mean(h * x))} with {@code h = g * w}. */
    static void addRmsInputGradient(float[] g, float[] w, float[] x, float[] inverse, float[] dx) {
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
}
