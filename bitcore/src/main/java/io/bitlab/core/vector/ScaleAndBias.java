package io.bitlab.core.vector;

/**
 * From sums to results: {@code (sum * weightScale) * activationScale + bias}, rounded after each operation, as {@link
 * io.bitlab.core.kernel.TernaryKernel} defines.
 *
 * <p>C2 vectorises these loops by itself, and never fuses a product and a sum.
 */
final class ScaleAndBias {

    private ScaleAndBias() {
    }

    /** {@code y[at + o] = y[at + o] * w[o] * x + bias[o]}; null is a bias of +0, which turns -0 into +0. */
    static void scale(float[] y, int at, float[] w, float x, float[] bias, int from, int to) {
        if (bias == null) {
            for (int o = from; o < to; o++) {
                y[at + o] = y[at + o] * w[o] * x + 0f;
            }
        } else {
            for (int o = from; o < to; o++) {
                y[at + o] = y[at + o] * w[o] * x + bias[o];
            }
        }
    }

    /** {@code y[at + o] = y[at + o] * x + bias[o]}; null is a bias of +0, which turns -0 into +0. */
    static void scale(float[] y, int at, float x, float[] bias, int from, int to) {
        if (bias == null) {
            for (int o = from; o < to; o++) {
                y[at + o] = y[at + o] * x + 0f;
            }
        } else {
            for (int o = from; o < to; o++) {
                y[at + o] = y[at + o] * x + bias[o];
            }
        }
    }

    /** {@code y[at + i] = sums[s + i] * w[first + i]}. */
    static void weigh(float[] sums, int s, float[] w, int first, float[] y, int at, int count) {
        for (int i = 0; i < count; i++) {
            y[at + i] = sums[s + i] * w[first + i];
        }
    }

    /** {@code y[at + i] += sums[s + i] * w[first + i]}. */
    static void addWeighed(float[] sums, int s, float[] w, int first, float[] y, int at, int count) {
        for (int i = 0; i < count; i++) {
            y[at + i] += sums[s + i] * w[first + i];
        }
    }
}
