package io.bitlab.benchmarks.jmh;

import java.util.Random;

/** Draws normally distributed numbers. */
final class NormalValues {

    private NormalValues() {
    }

    static float[] of(Random random, int length) {
        float[] values = new float[length];
        for (int i = 0; i < length; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return values;
    }
}
