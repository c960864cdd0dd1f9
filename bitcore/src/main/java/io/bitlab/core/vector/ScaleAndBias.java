package io.bitlab.core.vector;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * From sums to results: {@code (sum * weightScale) * activationScale + bias}, rounded after each operation, as {@link
 * io.bitlab.core.kernel.TernaryKernel} defines.
 *
 * <p>C2 does not vectorise such loops by itself: it can't tell that arrays with different indices don't overlap.
 */
final class ScaleAndBias {

    private static final VectorSpecies<Float> F = FloatVector.SPECIES_PREFERRED;
    private static final int VL = F.length();

    private ScaleAndBias() {
    }

    /** {@code y[at + o] = y[at + o] * w[o] * x + bias[o]}; null is a bias of +0, which turns -0 into +0. */
    static void scale(float[] y, int at, float[] w, float x, float[] bias, int from, int to) {
        int whole = whole(from, to);
        for (int o = from; o < whole; o += VL) {
            FloatVector scaled = FloatVector.fromArray(F, y, at + o).mul(FloatVector.fromArray(F, w, o)).mul(x);
            if (bias == null) {
                scaled.add(0f).intoArray(y, at + o);
            } else {
                scaled.add(FloatVector.fromArray(F, bias, o)).intoArray(y, at + o);
            }
        }
        for (int o = whole; o < to; o++) {
            y[at + o] = y[at + o] * w[o] * x + (bias == null ? 0f : bias[o]);
        }
    }

    /** {@code y[at + o] = y[at + o] * x + bias[o]}; null is a bias of +0, which turns -0 into +0. */
    static void scale(float[] y, int at, float x, float[] bias, int from, int to) {
        int whole = whole(from, to);
        for (int o = from; o < whole; o += VL) {
            FloatVector scaled = FloatVector.fromArray(F, y, at + o).mul(x);
            if (bias == null) {
                scaled.add(0f).intoArray(y, at + o);
            } else {
                scaled.add(FloatVector.fromArray(F, bias, o)).intoArray(y, at + o);
            }
        }
        for (int o = whole; o < to; o++) {
            y[at + o] = y[at + o] * x + (bias == null ? 0f : bias[o]);
        }
    }

    /** {@code y[at + i] = sums[s + i] * w[first + i]}. */
    static void weigh(float[] sums, int s, float[] w, int first, float[] y, int at, int count) {
        int whole = whole(0, count);
        for (int i = 0; i < whole; i += VL) {
            FloatVector.fromArray(F, sums, s + i).mul(FloatVector.fromArray(F, w, first + i)).intoArray(y, at + i);
        }
        for (int i = whole; i < count; i++) {
            y[at + i] = sums[s + i] * w[first + i];
        }
    }

    /** {@code y[at + i] += sums[s + i] * w[first + i]}. */
    static void addWeighed(float[] sums, int s, float[] w, int first, float[] y, int at, int count) {
        int whole = whole(0, count);
        for (int i = 0; i < whole; i += VL) {
            FloatVector weighed = FloatVector.fromArray(F, sums, s + i).mul(FloatVector.fromArray(F, w, first + i));
            FloatVector.fromArray(F, y, at + i).add(weighed).intoArray(y, at + i);
        }
        for (int i = whole; i < count; i++) {
            y[at + i] += sums[s + i] * w[first + i];
        }
    }

    /** The end of the whole vectors. */
    private static int whole(int from, int to) {
        return to - (to - from) % VL;
    }
}
