package io.bitlab.core.kernel.vector;

/**
 * From sums to results: {@code (sum * weightScale) * activationScale + bias}, one rounding after each operation, as
 * {@link io.bitlab.core.kernel.ScalarKernel} has it.
 *
 * <p>C2 makes vectors of these loops by itself, and never one fma of a product and a sum.
 */
final class Scaling {

    private Scaling() {
    }

    /** {@code y[at + o] = y[at + o] * w[o] * x + 0}; the zero makes +0 of -0, as a bias of zero would. */
    static void scale(float[] y, int at, float[] w, float x, int from, int to) {
        for (int o = from; o < to; o++) {
            y[at + o] = y[at + o] * w[o] * x + 0f;
        }
    }

    /** {@code y[at + o] = y[at + o] * w[o] * x + bias[o]}. */
    static void scale(float[] y, int at, float[] w, float x, float[] bias, int from, int to) {
        for (int o = from; o < to; o++) {
            y[at + o] = y[at + o] * w[o] * x + bias[o];
        }
    }

    /** {@code y[at + o] = y[at + o] * x + 0}. */
    static void scale(float[] y, int at, float x, int from, int to) {
        for (int o = from; o < to; o++) {
            y[at + o] = y[at + o] * x + 0f;
        }
    }

    /** {@code y[at + o] = y[at + o] * x + bias[o]}. */
    static void scale(float[] y, int at, float x, float[] bias, int from, int to) {
        for (int o = from; o < to; o++) {
            y[at + o] = y[at + o] * x + bias[o];
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
