package io.bitlab.core.ops;

import io.bitlab.core.memory.Workspace;
import io.bitlab.core.tensor.Autograd;
import io.bitlab.core.tensor.Shape;
import io.bitlab.core.tensor.Tensor;
import java.util.Arrays;

/**
 * Sines and cosines of positions or times, as features that a network can compare (Vaswani et al., <i>Attention Is All
 * You Need</i>, 2017): of {@code d} features, half are sines and half cosines of {@code t * 10000^(-2i/d)}, i from 0.
 *
 * {@snippet class="io.bitlab.core.snippets.OpsSnippets" region="sinusoids"}
 *
 * <p>Angles are products of floats, as in the published models; their sines and cosines are rounded from double.
 */
public final class Sinusoids {

    /** The order of the features. */
    public enum Arrangement {
        /** Sine 0, cosine 0, sine 1, cosine 1 and so on: the original transformer. */
        ALTERNATING,
        /** All cosines, then all sines: diffusion transformers (Peebles and Xie, 2022). */
        COSINES_FIRST
    }

    private static final double BASE = 10_000;

    private Sinusoids() {
    }

    /**
     * Embeds positions or times. Gradient: {@code dt = sum over the features of g * dy/dt}, ascending, in double.
     *
     * @param times any tensor; values need not be whole numbers
     * @param features d, the number of features of each value; even
     * @param arrangement the order of the features
     * @param layer name of the layer for messages
     * @return {@code [..., features]}
     * @throws IllegalArgumentException if the number of features is not even and positive
     */
    public static Tensor embed(Tensor times, int features, Arrangement arrangement, String layer) {
        if (features < 2 || features % 2 != 0) {
            throw new IllegalArgumentException(layer + ": " + features + " features, expected an even number");
        }
        int half = features / 2;
        boolean alternating = arrangement == Arrangement.ALTERNATING;
        float[] t = times.data();
        float[] frequencies = new float[half];
        for (int i = 0; i < half; i++) {
            frequencies[i] = (float) (1 / StrictMath.pow(BASE, (double) i / half));
        }
        int[] shape = Arrays.copyOf(times.shape(), times.rank() + 1);
        shape[times.rank()] = features;
        float[] y = Workspace.floats(Shape.size(layer, shape));
        for (int row = 0; row < t.length; row++) {
            if (row > 0 && Float.floatToRawIntBits(t[row]) == Float.floatToRawIntBits(t[row - 1])) {
                System.arraycopy(y, (row - 1) * features, y, row * features, features); // as when pictures are made
                continue;
            }
            for (int i = 0; i < half; i++) {
                float angle = t[row] * frequencies[i];
                y[row * features + sine(i, half, alternating)] = (float) StrictMath.sin(angle);
                y[row * features + cosine(i, alternating)] = (float) StrictMath.cos(angle);
            }
        }
        return Autograd.result("sinusoids", y, shape, g -> {
            float[] dt = times.gradBuffer();
            for (int row = 0; row < t.length; row++) {
                double sum = 0;
                for (int i = 0; i < half; i++) {
                    int s = row * features + sine(i, half, alternating);
                    int c = row * features + cosine(i, alternating);
                    sum += frequencies[i] * ((double) g[s] * y[c] - (double) g[c] * y[s]);
                }
                dt[row] += (float) sum;
            }
        }, times);
    }

    private static int sine(int i, int half, boolean alternating) {
        return alternating ? 2 * i : half + i;
    }

    private static int cosine(int i, boolean alternating) {
        return alternating ? 2 * i + 1 : i;
    }
}
