package io.bitlab.core.ops;

import io.bitlab.core.math.FloatMath;
import io.bitlab.core.memory.Workspace;
import io.bitlab.core.parallel.Parallel;
import io.bitlab.core.tensor.Autograd;
import io.bitlab.core.tensor.Tensor;
import java.util.Arrays;

/**
 * How a condition steers a transformer block: it scales, shifts and gates the features of all positions of its sample
 * (W. Peebles and S. Xie, <i>Scalable Diffusion Models with Transformers</i>, 2022).
 *
 * {@snippet class="io.bitlab.core.snippets.OpsSnippets" region="modulation"}
 */
public final class Modulation {

    private static final double NANOS = 1; // a value, forward

    private Modulation() {
    }

    /**
     * Normalises, modulates, and normalises again: {@code y = rms(rms(x) * (1 + scale) + shift)} with
     * {@code rms(x) = x / sqrt(mean(x²) + eps)} over the last axis. The second norm keeps large scales from the
     * ternary layers that follow (X. Lu et al., <i>TerDiT</i>, 2024).
     *
     * @param x {@code [samples, positions, features]}; not modified
     * @param scale {@code [samples, features]}; not modified
     * @param shift {@code [samples, features]}; not modified
     * @param eps keeps the divisors away from 0
     * @param layer name of the layer for messages
     * @return a tensor of x's shape
     * @throws IllegalArgumentException if the shapes don't fit
     */
    public static Tensor modulatedNorm(Tensor x, Tensor scale, Tensor shift, float eps, String layer) {
        requireFit(x, scale, layer);
        requireFit(x, shift, layer);
        int positions = x.length(1);
        int features = x.length(2);
        int rows = x.length(0) * positions;
        FloatMath math = FloatMath.get();
        float[] in = x.data();
        float[] factors = scale.data();
        float[] terms = shift.data();
        float[] ones = ones(features);
        float[] z = Workspace.floats(in.length);
        float[] y = Workspace.floats(in.length);
        float[] inner = Workspace.floats(rows);
        float[] outer = Workspace.floats(rows);
        Parallel.current().forRange(x.length(0), 1, (long) (NANOS * in.length), (s0, s1) -> {
            float[] gain = new float[features];
            float[] u = new float[features];
            for (int s = s0; s < s1; s++) {
                gain(factors, s * features, gain);
                for (int r = s * positions; r < (s + 1) * positions; r++) {
                    int at = r * features;
                    inner[r] = math.rmsNorm(in, at, ones, eps, z, at, features);
                    System.arraycopy(terms, s * features, u, 0, features);
                    math.addProducts(1f, z, at, gain, 0, u, 0, features);
                    outer[r] = math.rmsNorm(u, 0, ones, eps, y, at, features);
                }
            }
        });
        return Autograd.result("modulatedNorm", y, x.shape(), g -> {
            float[] dx = x.needsGrad() ? x.gradBuffer() : null;
            float[] dScale = scale.needsGrad() ? scale.gradBuffer() : null;
            float[] dShift = shift.needsGrad() ? shift.gradBuffer() : null;
            Parallel.current().forRange(x.length(0), 1, (long) (NANOS * 3 * in.length), (s0, s1) -> {
                float[] gain = new float[features];
                float[] h = new float[features];
                float[] dz = new float[features];
                for (int s = s0; s < s1; s++) {
                    gain(factors, s * features, gain);
                    for (int r = s * positions; r < (s + 1) * positions; r++) {
                        int at = r * features;
                        System.arraycopy(g, at, h, 0, features); // du / outer
                        math.axpy(-math.dot(g, at, y, at, features) / features, y, at, h, 0, features);
                        if (dShift != null) {
                            math.axpy(outer[r], h, 0, dShift, s * features, features);
                        }
                        if (dScale != null) {
                            math.addProducts(outer[r], h, 0, z, at, dScale, s * features, features);
                        }
                        if (dx != null) {
                            Arrays.fill(dz, 0f);
                            math.addProducts(outer[r], h, 0, gain, 0, dz, 0, features);
                            math.axpy(-math.dot(dz, 0, z, at, features) / features, z, at, dz, 0, features);
                            math.axpy(inner[r], dz, 0, dx, at, features);
                        }
                    }
                }
            });
        }, x, scale, shift);
    }

    /**
     * Adds the gated output of a branch: {@code y = x + gate * branch}.
     *
     * @param x {@code [samples, positions, features]}; not modified
     * @param gate {@code [samples, features]}; not modified
     * @param branch of x's shape; not modified
     * @param layer name of the layer for messages
     * @return a tensor of x's shape
     * @throws IllegalArgumentException if the shapes don't fit
     */
    public static Tensor addGated(Tensor x, Tensor gate, Tensor branch, String layer) {
        requireFit(x, gate, layer);
        if (!Arrays.equals(x.shape(), branch.shape())) {
            throw new IllegalArgumentException(layer + ": a branch of the shape " + Arrays.toString(branch.shape())
                    + " for an input of the shape " + Arrays.toString(x.shape()));
        }
        int features = x.length(2);
        FloatMath math = FloatMath.get();
        float[] factors = gate.data();
        float[] added = branch.data();
        float[] in = x.data();
        float[] y = Workspace.floats(in.length);
        forRows(x, (s, at) -> {
            System.arraycopy(in, at, y, at, features);
            math.addProducts(1f, added, at, factors, s * features, y, at, features);
        });
        return Autograd.result("addGated", y, x.shape(), g -> {
            if (x.needsGrad()) {
                float[] dx = x.gradBuffer();
                forRows(x, (s, at) -> math.axpy(1f, g, at, dx, at, features));
            }
            if (branch.needsGrad()) {
                float[] dBranch = branch.gradBuffer();
                forRows(x, (s, at) -> math.addProducts(1f, g, at, factors, s * features, dBranch, at, features));
            }
            if (gate.needsGrad()) {
                float[] dGate = gate.gradBuffer();
                forRows(x, (s, at) -> math.addProducts(1f, g, at, added, at, dGate, s * features, features));
            }
        }, x, gate, branch);
    }

    /** What to do with a row of features. */
    @FunctionalInterface
    private interface Row {
        void apply(int sample, int offset);
    }

    /** The rows of a sample in their order, samples shared by threads. */
    private static void forRows(Tensor x, Row row) {
        int positions = x.length(1);
        int features = x.length(2);
        Parallel.current().forRange(x.length(0), 1, (long) (NANOS * x.size()), (s0, s1) -> {
            for (int r = s0 * positions; r < s1 * positions; r++) {
                row.apply(r / positions, r * features);
            }
        });
    }

    private static void gain(float[] scale, int offset, float[] gain) {
        for (int i = 0; i < gain.length; i++) {
            gain[i] = 1f + scale[offset + i];
        }
    }

    private static float[] ones(int features) {
        float[] ones = new float[features];
        Arrays.fill(ones, 1f);
        return ones;
    }

    private static void requireFit(Tensor x, Tensor condition, String layer) {
        if (x.rank() != 3 || !Arrays.equals(condition.shape(), new int[] {x.length(0), x.length(2)})) {
            throw new IllegalArgumentException(layer + ": a condition of the shape "
                    + Arrays.toString(condition.shape()) + " for an input of the shape " + Arrays.toString(x.shape())
                    + "; expected [samples, features] for [samples, positions, features]");
        }
    }
}
