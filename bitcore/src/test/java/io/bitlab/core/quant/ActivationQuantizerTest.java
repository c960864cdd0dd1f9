package io.bitlab.core.quant;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bitlab.core.Granularity;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ActivationQuantizerTest {

    private static QuantizedActivations quantize(Granularity granularity, int rows, float... x) {
        return ActivationQuantizer.quantize(x, rows, x.length / rows, granularity, "layer");
    }

    @Test
    void aRowWithMaximum127IsRoundedHalfToEven() {
        QuantizedActivations q = quantize(
                Granularity.PER_CHANNEL, 1, 127, -127, 0.5f, 1.5f, 2.5f, -0.5f, -1.5f, 0.499f, -0f, 126.5f);
        assertArrayEquals(new byte[] {127, -127, 0, 2, 2, 0, -2, 0, 0, 126}, q.values());
        assertArrayEquals(new float[] {1}, q.scales());
    }

    /** Dividing by the maximum at the end would give 63.5 and so 64. */
    @Test
    void valuesAreMultipliedWithOneFactor() {
        assertEquals(63.499996f, 7.5f * (127 / 15f));
        assertArrayEquals(new byte[] {127, 63}, quantize(Granularity.PER_CHANNEL, 1, 15, 7.5f).values());
    }

    @Test
    void perChannelHasAScaleARowAndPerTensorOne() {
        float[] x = {1, -2, 0, 8, 4, 2};
        QuantizedActivations rows = quantize(Granularity.PER_CHANNEL, 2, x);
        assertArrayEquals(new byte[] {64, -127, 0, 127, 64, 32}, rows.values());
        assertArrayEquals(new float[] {2 / 127f, 8 / 127f}, rows.scales());
        assertEquals(8 / 127f, rows.scale(1));
        QuantizedActivations tensor = quantize(Granularity.PER_TENSOR, 2, x);
        assertArrayEquals(new byte[] {16, -32, 0, 127, 64, 32}, tensor.values());
        assertArrayEquals(new float[] {8 / 127f}, tensor.scales());
        assertEquals(8 / 127f, tensor.scale(1));
    }

    @Test
    void zerosAndTinyValuesTakeTheSmallestScale() {
        QuantizedActivations q = quantize(Granularity.PER_CHANNEL, 2, 0, 0, 4e-6f, Float.MIN_VALUE);
        assertArrayEquals(new byte[] {0, 0, 51, 0}, q.values());
        assertArrayEquals(new float[] {1e-5f / 127, 1e-5f / 127}, q.scales());
    }

    @Test
    void theLargestFloatsAreQuantized() {
        float max = Float.MAX_VALUE;
        assertArrayEquals(new byte[] {127, -127, 64},
                quantize(Granularity.PER_CHANNEL, 1, max, -max, max / 2).values());
    }

    /** The formula once more, in double with a rounding to float after each operation. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void agreesWithTheFormula(long seed) {
        Random random = new Random(seed);
        int rows = 1 + random.nextInt(5);
        int columns = 1 + random.nextInt(300);
        float[] x = new float[rows * columns];
        for (int i = 0; i < x.length; i++) {
            x[i] = (float) (random.nextGaussian() * Math.scalb(1.0, random.nextInt(20) - 10));
        }
        float[] before = x.clone();
        String shape = "seed " + seed + ", shape " + rows + " x " + columns;
        for (Granularity granularity : Granularity.values()) {
            QuantizedActivations q = ActivationQuantizer.quantize(x, rows, columns, granularity, "layer");
            for (int i = 0; i < x.length; i++) {
                int row = i / columns;
                float[] group = granularity == Granularity.PER_TENSOR
                        ? x
                        : Arrays.copyOfRange(x, row * columns, (row + 1) * columns);
                double m = 1e-5f;
                for (float v : group) {
                    m = Math.max(m, Math.abs((double) v));
                }
                double factor = (float) (127 / m);
                double rounded = Math.rint((float) (x[i] * factor));
                assertEquals((int) Math.clamp(rounded, -127, 127), q.values()[i], shape + ", index " + i);
                assertEquals((float) (m / 127), q.scale(row), shape + ", row " + row);
                assertTrue(Math.abs(x[i] - q.values()[i] * (double) q.scale(row)) <= 0.50001 * q.scale(row), shape);
            }
        }
        assertArrayEquals(before, x, "the input must not change");
    }

    @ParameterizedTest
    @CsvSource({"NaN, 0, 0", "NaN, 1, 2", "Infinity, 2, 1", "-Infinity, 1, 0", "NaN, 2, 2"})
    void nanAndInfinityAreRefusedByName(float bad, int row, int column) {
        float[] x = {1, 2, 3, 4, 5, 6, 7, 8, 9};
        x[row * 3 + column] = bad;
        for (Granularity granularity : Granularity.values()) {
            IllegalArgumentException e = assertThrows(IllegalArgumentException.class,
                    () -> ActivationQuantizer.quantize(x, 3, 3, granularity, "BitLinear(3 -> 4)"));
            assertEquals("BitLinear(3 -> 4): the input in row " + row + ", column " + column + " is " + bad
                    + ", which int8 cannot represent. Look for where it arises: bad input data, or training that "
                    + "diverged. (Layers with float32 activations let it pass.)", e.getMessage());
        }
    }

    @Test
    void theFirstOfSeveralBadValuesIsNamed() {
        IllegalArgumentException e = assertThrows(IllegalArgumentException.class, () -> quantize(
                Granularity.PER_TENSOR, 2, 1, Float.POSITIVE_INFINITY, Float.NaN, 2));
        assertTrue(e.getMessage().startsWith("layer: the input in row 0, column 1 is Infinity"), e.getMessage());
    }

    @ParameterizedTest
    @CsvSource({"0, 3", "3, 0", "-1, 3", "3, -2"})
    void emptyAndNegativeSizesAreRefused(int rows, int columns) {
        IllegalArgumentException e = assertThrows(IllegalArgumentException.class,
                () -> ActivationQuantizer.quantize(new float[3], rows, columns, Granularity.PER_CHANNEL, "layer"));
        assertEquals("layer: shape " + rows + " x " + columns + ", expected at least 1 row and 1 column",
                e.getMessage());
    }

    @Test
    void wrongLengthsAreRefused() {
        IllegalArgumentException e = assertThrows(IllegalArgumentException.class,
                () -> ActivationQuantizer.quantize(new float[11], 3, 4, Granularity.PER_CHANNEL, "layer"));
        assertEquals("layer: shape 3 x 4 needs 12 values, the array has 11", e.getMessage());
        // 65536 * 65536 is 0 in 32 bits.
        IllegalArgumentException wrapped = assertThrows(IllegalArgumentException.class,
                () -> ActivationQuantizer.quantize(new float[0], 65536, 65536, Granularity.PER_CHANNEL, "layer"));
        assertEquals("layer: shape 65536 x 65536 needs 4294967296 values, the array has 0", wrapped.getMessage());
    }
}
