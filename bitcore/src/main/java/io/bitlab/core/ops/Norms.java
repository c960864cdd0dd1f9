package io.bitlab.core.ops;

import io.bitlab.core.math.FloatMath;
import io.bitlab.core.memory.Workspace;
import io.bitlab.core.tensor.Autograd;
import io.bitlab.core.tensor.Tensor;
import java.util.Arrays;

/** Normalisation of each row to mean 0 and variance 1; {@link Ops#rmsNorm} is the one without means. */
public final class Norms {

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
}
