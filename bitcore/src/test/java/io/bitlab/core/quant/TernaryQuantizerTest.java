package io.bitlab.core.quant;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.bitlab.core.Granularity;
import io.bitlab.core.WeightScale;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.apache.commons.math3.stat.descriptive.rank.Median;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class TernaryQuantizerTest {

    private static TernaryMatrix perTensor(WeightScale scale, float... w) {
        return TernaryQuantizer.quantize(w, 1, w.length, Granularity.PER_TENSOR, scale);
    }

    @Test
    void meanMedianAndMaximum() {
        float[] w = {1, -2, 0, 5};
        TernaryMatrix mean = perTensor(WeightScale.ABS_MEAN, w);
        assertArrayEquals(new float[] {2}, mean.scales());
        assertArrayEquals(new byte[] {0, -1, 0, 1}, mean.trits(), "1 / 2 is a tie and goes to the even 0");
        TernaryMatrix median = perTensor(WeightScale.ABS_MEDIAN, w);
        assertArrayEquals(new float[] {1.5f}, median.scales());
        assertArrayEquals(new byte[] {1, -1, 0, 1}, median.trits());
        TernaryMatrix max = perTensor(WeightScale.ABS_MAX, w);
        assertArrayEquals(new float[] {5}, max.scales());
        assertArrayEquals(new byte[] {0, 0, 0, 1}, max.trits());
    }

    @Test
    void mediansOfFewValues() {
        assertArrayEquals(new float[] {3}, perTensor(WeightScale.ABS_MEDIAN, -3).scales());
        assertArrayEquals(new float[] {2}, perTensor(WeightScale.ABS_MEDIAN, -3, 1).scales());
        assertArrayEquals(new float[] {1}, perTensor(WeightScale.ABS_MEDIAN, -3, 1, -0.5f).scales());
        assertArrayEquals(new float[] {Float.MAX_VALUE},
                perTensor(WeightScale.ABS_MEDIAN, Float.MAX_VALUE, -Float.MAX_VALUE).scales());
    }

    @Test
    void perChannelHasAScaleARow() {
        float[] w = {1, -1, 0, 8, -8, 2};
        TernaryMatrix rows = TernaryQuantizer.quantize(w, 2, 3, Granularity.PER_CHANNEL, WeightScale.ABS_MEAN);
        assertArrayEquals(new float[] {2 / 3f, 6}, rows.scales());
        assertArrayEquals(new byte[] {1, -1, 0, 1, -1, 0}, rows.trits());
        TernaryMatrix tensor = TernaryQuantizer.quantize(w, 2, 3, Granularity.PER_TENSOR, WeightScale.ABS_MEAN);
        assertArrayEquals(new float[] {20 / 6f}, tensor.scales());
        assertArrayEquals(new byte[] {0, 0, 0, 1, -1, 1}, tensor.trits());
    }

    @ParameterizedTest
    @EnumSource
    void zerosTakeTheSmallestScale(WeightScale scale) {
        TernaryMatrix zeros = perTensor(scale, 0, -0f, 0);
        assertArrayEquals(new float[] {1e-5f}, zeros.scales());
        assertArrayEquals(new byte[3], zeros.trits());
    }

    @Test
    void outliersAreClamped() {
        float[] w = new float[101];
        w[7] = Float.MAX_VALUE;
        w[8] = -Float.MAX_VALUE;
        TernaryMatrix matrix = perTensor(WeightScale.ABS_MEDIAN, w); // scale 1e-5: the quotient overflows to infinity
        assertEquals(1, matrix.trits()[7]);
        assertEquals(-1, matrix.trits()[8]);
    }

    @Test
    void theMeanIsAccumulatedInDouble() {
        float[] w = new float[1 << 20];
        Arrays.fill(w, 0.1f);
        assertArrayEquals(new float[] {0.1f}, perTensor(WeightScale.ABS_MEAN, w).scales());
    }

    /** Dividing would give 0.50000006 and so the trit 1. */
    @Test
    void weightsAreMultipliedWithTheReciprocal() {
        float justOverHalf = Math.nextUp(20.5f);
        assertEquals(0.5f, justOverHalf * (1 / 41f));
        assertArrayEquals(new byte[] {1, 0}, perTensor(WeightScale.ABS_MAX, 41, justOverHalf).trits());
    }

    /** The formula once more, in double with a rounding to float after each operation. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void agreesWithTheFormula(long seed) {
        Random random = new Random(seed);
        int out = 1 + random.nextInt(20);
        int in = 1 + random.nextInt(100);
        float[] w = new float[out * in];
        for (int i = 0; i < w.length; i++) {
            w[i] = (float) (random.nextGaussian() * 0.05);
        }
        float[] before = w.clone();
        for (Granularity granularity : List.of(Granularity.PER_TENSOR, Granularity.PER_CHANNEL)) {
            for (WeightScale measure : WeightScale.values()) {
                String shape = "seed " + seed + ", shape " + out + " x " + in + ", " + granularity + ", " + measure;
                TernaryMatrix matrix = TernaryQuantizer.quantize(w, out, in, granularity, measure);
                byte[] trits = matrix.trits();
                for (int row = 0; row < out; row++) {
                    double[] magnitudes = granularity == Granularity.PER_TENSOR
                            ? magnitudes(w, 0, w.length)
                            : magnitudes(w, row * in, (row + 1) * in);
                    double exact = Math.max(1e-5, switch (measure) {
                        case ABS_MEAN -> Arrays.stream(magnitudes).sum() / magnitudes.length;
                        case ABS_MEDIAN -> new Median().evaluate(magnitudes);
                        case ABS_MAX -> Arrays.stream(magnitudes).max().orElseThrow();
                    });
                    float scale = matrix.scale(row, 0);
                    assertEquals(exact, scale, Math.ulp(scale), shape + ", row " + row);
                    double reciprocal = (float) (1.0 / scale);
                    for (int i = row * in; i < (row + 1) * in; i++) {
                        int expected = (int) Math.clamp(Math.rint((float) (w[i] * reciprocal)), -1, 1);
                        assertEquals(expected, trits[i], shape + ", index " + i);
                    }
                }
            }
        }
        assertArrayEquals(before, w, "the weights must not change");
    }

    private static double[] magnitudes(float[] w, int from, int to) {
        double[] magnitudes = new double[to - from];
        for (int i = from; i < to; i++) {
            magnitudes[i - from] = Math.abs((double) w[i]);
        }
        return magnitudes;
    }

    @ParameterizedTest
    @CsvSource({"NaN, 0, 0", "NaN, 1, 2", "Infinity, 1, 1", "-Infinity, 0, 3", "NaN, 2, 3"})
    void nanAndInfinityAreRefusedByPlace(float bad, int row, int column) {
        float[] w = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
        w[row * 4 + column] = bad;
        for (Granularity granularity : List.of(Granularity.PER_TENSOR, Granularity.PER_CHANNEL)) {
            for (WeightScale scale : WeightScale.values()) {
                IllegalArgumentException e = assertThrows(IllegalArgumentException.class,
                        () -> TernaryQuantizer.quantize(w, 3, 4, granularity, scale), granularity + " " + scale);
                assertEquals("TernaryQuantizer: weight of shape 3 x 4 has " + bad + " in row " + row + ", column "
                        + column + "; weights must be finite. If it comes from training, training "
                        + "diverged: go back to an earlier checkpoint and lower the learning rate or clip gradients.",
                        e.getMessage());
            }
        }
    }

    @Test
    void wrongSizesAreRefused() {
        IllegalArgumentException length = assertThrows(IllegalArgumentException.class,
                () -> TernaryQuantizer.quantize(new float[5], 2, 3, Granularity.PER_TENSOR, WeightScale.ABS_MEAN));
        assertEquals("TernaryQuantizer: shape 2 x 3 needs 6 values, the array has 5", length.getMessage());
        IllegalArgumentException empty = assertThrows(IllegalArgumentException.class,
                () -> TernaryQuantizer.quantize(new float[0], 0, 3, Granularity.PER_TENSOR, WeightScale.ABS_MEAN));
        assertEquals("TernaryQuantizer: shape 0 x 3, expected at least 1 row and 1 column", empty.getMessage());
        IllegalArgumentException samples = assertThrows(IllegalArgumentException.class,
                () -> TernaryQuantizer.quantize(new float[6], 2, 3, Granularity.PER_SAMPLE, WeightScale.ABS_MEAN));
        assertEquals("TernaryQuantizer: granularity is PER_SAMPLE, and weights have no samples; expected PER_TENSOR or "
                + "PER_CHANNEL", samples.getMessage());
    }
}
