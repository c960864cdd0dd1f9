package io.bitlab.core.quant;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ActivationsTest {

    private static String refusal(Runnable making) {
        return assertThrows(IllegalArgumentException.class, making::run).getMessage();
    }

    @Test
    void floatsMayBeAnything() {
        float[] values = {Float.NaN, Float.NEGATIVE_INFINITY, 0, 1, 2, 3};
        FloatActivations x = new FloatActivations(values, 2, 3);
        assertEquals("FloatActivations(2 x 3)", x.toString());
        assertEquals(values, x.values(), "the array is kept, not copied");
    }

    @Test
    void sizesMustMatch() {
        assertEquals("FloatActivations: shape 2 x 3 needs 6 values, the array has 5",
                refusal(() -> new FloatActivations(new float[5], 2, 3)));
        assertEquals("FloatActivations: shape 0 x 3, expected at least 1 row and 1 column",
                refusal(() -> new FloatActivations(new float[0], 0, 3)));
        assertEquals("QuantizedActivations: shape 2 x 3 needs 6 values, the array has 7",
                refusal(() -> new QuantizedActivations(new byte[7], new float[2], 2, 3)));
        assertEquals("QuantizedActivations: shape 2 x -3, expected at least 1 row and 1 column",
                refusal(() -> new QuantizedActivations(new byte[6], new float[2], 2, -3)));
        assertEquals("QuantizedActivations: 3 x 2 values need 1 scale, 3 (one a row), or one for each sample of "
                + "several rows; got 2",
                refusal(() -> new QuantizedActivations(new byte[6], new float[2], 3, 2)));
    }

    @ParameterizedTest
    @ValueSource(floats = {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY})
    void scalesMustBeFinite(float scale) {
        assertEquals("QuantizedActivations: scale 1 of 2 is " + scale + "; scales must be finite",
                refusal(() -> new QuantizedActivations(new byte[6], new float[] {1, scale}, 2, 3)));
    }

    @Test
    void dequantizingMultipliesWithTheScaleOfTheRow() {
        byte[] values = {1, -2, 127, 0};
        assertArrayEquals(new float[] {0.5f, -1, 254, 0},
                new QuantizedActivations(values, new float[] {0.5f, 2}, 2, 2).dequantize());
        assertArrayEquals(new float[] {0.5f, -1, 63.5f, 0},
                new QuantizedActivations(values, new float[] {0.5f}, 2, 2).dequantize());
    }

    @Test
    void quantizedActivationsDescribeThemselves() {
        assertEquals("QuantizedActivations(2 x 3, 2 scales)",
                new QuantizedActivations(new byte[6], new float[2], 2, 3).toString());
        assertEquals("QuantizedActivations(2 x 3, 1 scale)",
                new QuantizedActivations(new byte[6], new float[1], 2, 3).toString());
    }
}
