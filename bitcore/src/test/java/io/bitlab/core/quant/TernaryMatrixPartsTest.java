package io.bitlab.core.quant;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.bitlab.core.math.CounterRandom;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@link TernaryMatrix#rows} and {@link TernaryMatrix#stack}, against the weights that they stand for. */
class TernaryMatrixPartsTest {

    private static final int OUT = 7;

    /** Scales: 1, one a row, or one for each block of 4 columns. */
    private static TernaryMatrix random(int in, int scalesPerRow, long seed) {
        CounterRandom random = new CounterRandom(seed, in);
        byte[] trits = new byte[OUT * in];
        for (int i = 0; i < trits.length; i++) {
            trits[i] = (byte) (random.nextInt(3) - 1);
        }
        int blocks = Math.ceilDiv(in, 4);
        float[] scales = new float[scalesPerRow == 0 ? 1 : scalesPerRow == 1 ? OUT : OUT * blocks];
        for (int i = 0; i < scales.length; i++) {
            scales[i] = random.nextFloat() - 0.5f;
        }
        return scalesPerRow <= 1 ? TernaryMatrix.of(trits, OUT, in, scales)
                : TernaryMatrix.ofBlocks(trits, OUT, in, scales, 4);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 4, 5, 6, 13})
    void partsAndStacksKeepTheWeights(int in) {
        for (int kind = 0; kind <= 2; kind++) {
            TernaryMatrix matrix = random(in, kind, 11);
            float[] weights = matrix.dequantize();
            for (int cut = 1; cut < OUT; cut++) {
                String label = in + " columns, scales of kind " + kind + ", cut at " + cut;
                TernaryMatrix upper = matrix.rows(0, cut);
                TernaryMatrix lower = matrix.rows(cut, OUT);
                assertArrayEquals(Arrays.copyOfRange(weights, 0, cut * in), upper.dequantize(), label);
                assertArrayEquals(Arrays.copyOfRange(weights, cut * in, OUT * in), lower.dequantize(), label);
                assertEquals(matrix.blockColumns(), lower.blockColumns(), label);
                TernaryMatrix whole = TernaryMatrix.stack(upper, lower);
                assertArrayEquals(weights, whole.dequantize(), label);
                if (kind > 0) {
                    assertEquals(matrix, whole, label);
                }
                assertEquals(OUT * matrix.blocks(), whole.scales().length, label);
            }
            assertEquals(matrix, matrix.rows(0, OUT));
        }
    }

    @Test
    void refusesRowsThatAreNotThere() {
        TernaryMatrix matrix = random(5, 0, 1);
        for (int[] bounds : new int[][] {{-1, 2}, {0, OUT + 1}, {3, 3}, {4, 2}}) {
            assertThrows(IndexOutOfBoundsException.class, () -> matrix.rows(bounds[0], bounds[1]),
                    () -> Arrays.toString(bounds));
        }
    }

    @Test
    void refusesToStackWhatDiffers() {
        TernaryMatrix five = random(5, 0, 1);
        assertEquals("TernaryMatrix.stack: no matrices",
                assertThrows(IllegalArgumentException.class, TernaryMatrix::stack).getMessage());
        TernaryMatrix six = random(6, 0, 1);
        assertEquals("TernaryMatrix.stack: " + five + " and " + six + " differ in columns or blocks",
                assertThrows(IllegalArgumentException.class, () -> TernaryMatrix.stack(five, six)).getMessage());
        assertThrows(IllegalArgumentException.class, () -> TernaryMatrix.stack(five, random(5, 2, 1)));
    }
}
