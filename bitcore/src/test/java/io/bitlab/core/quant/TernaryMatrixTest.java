package io.bitlab.core.quant;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class TernaryMatrixTest {

    private static final float[] ONE = {1};

    private static byte[] randomTrits(long seed, int count) {
        Random random = new Random(seed);
        byte[] trits = new byte[count];
        for (int i = 0; i < count; i++) {
            trits[i] = (byte) (random.nextInt(3) - 1);
        }
        return trits;
    }

    private static void assertRefused(String message, Executable making) {
        assertEquals(message, assertThrows(IllegalArgumentException.class, making).getMessage());
    }

    // ---------------------------------------------------------------- packing

    @Test
    void theBytesAreThoseOfTheFormat() {
        // 0*1 + 1*3 + 2*9 + 1*27 + 2*81 = 210 for -1 0 1 0 1; then 2 + (1 + 3 + 9 + 27) * 3 = 122 for 1 and padding.
        TernaryMatrix matrix = TernaryMatrix.of(new byte[] {-1, 0, 1, 0, 1, 1, -1, -1, -1, -1, -1, -1}, 2, 6, ONE);
        assertArrayEquals(new byte[] {(byte) 210, 122, 0, 120}, matrix.packed());
        assertArrayEquals(new byte[] {(byte) 242}, TernaryMatrix.of(new byte[] {1, 1, 1, 1, 1}, 1, 5, ONE).packed());
    }

    static IntStream columns() {
        return IntStream.rangeClosed(1, 41);
    }

    @ParameterizedTest
    @MethodSource("columns")
    void tritsSurvivePacking(int columns) {
        for (int rows = 1; rows <= 4; rows++) {
            byte[] trits = randomTrits(columns * 10L + rows, rows * columns);
            TernaryMatrix matrix = TernaryMatrix.of(trits, rows, columns, ONE);
            String shape = rows + " x " + columns;
            assertArrayEquals(trits, matrix.trits(), shape);
            assertEquals(rows * ((columns + 4) / 5), matrix.packed().length, shape);
            TernaryMatrix again = TernaryMatrix.fromPacked(matrix.packed(), rows, columns, ONE);
            assertArrayEquals(trits, again.trits(), shape);
            assertEquals(matrix, again, shape);
            byte[] row = new byte[columns + 3];
            matrix.unpackRow(rows - 1, row, 2);
            assertArrayEquals(
                    Arrays.copyOfRange(trits, (rows - 1) * columns, rows * columns),
                    Arrays.copyOfRange(row, 2, columns + 2), shape);
            assertEquals(0, row[1] | row[columns + 2], "nothing beyond the row is written, " + shape);
        }
    }

    @Test
    void allBytesOfFiveTritsSurvive() {
        for (int code = 0; code < 243; code++) {
            byte[] packed = {(byte) code};
            TernaryMatrix matrix = TernaryMatrix.fromPacked(packed, 1, 5, ONE);
            assertArrayEquals(packed, TernaryMatrix.of(matrix.trits(), 1, 5, ONE).packed(), "code " + code);
        }
    }

    @Test
    void itIsImmutable() {
        byte[] trits = {1, 0, -1};
        float[] scales = {2};
        TernaryMatrix matrix = TernaryMatrix.of(trits, 1, 3, scales);
        byte[] packed = matrix.packed();
        TernaryMatrix fromPacked = TernaryMatrix.fromPacked(packed, 1, 3, scales);
        Arrays.fill(trits, (byte) 0);
        scales[0] = 9;
        packed[0] = 0;
        matrix.packed()[0] = 0;
        matrix.scales()[0] = 9;
        for (TernaryMatrix m : new TernaryMatrix[] {matrix, fromPacked}) {
            assertArrayEquals(new byte[] {1, 0, -1}, m.trits());
            assertEquals(2, m.scale(0, 0));
        }
    }

    // ---------------------------------------------------------------- scales

    @Test
    void scalesForTheMatrixARowOrABlock() {
        byte[] trits = {1, -1, 0, 1, -1, 1, 1, -1, 0, 1};
        TernaryMatrix tensor = TernaryMatrix.of(trits, 2, 5, new float[] {2});
        assertArrayEquals(new float[] {2, -2, 0, 2, -2, 2, 2, -2, 0, 2}, tensor.dequantize());
        assertEquals(5, tensor.blockColumns());
        assertEquals(1, tensor.blocks());
        TernaryMatrix rows = TernaryMatrix.of(trits, 2, 5, new float[] {2, 3});
        assertArrayEquals(new float[] {2, -2, 0, 2, -2, 3, 3, -3, 0, 3}, rows.dequantize());
        assertEquals(3, rows.scale(1, 0));
        TernaryMatrix blocks = TernaryMatrix.ofBlocks(trits, 2, 5, new float[] {2, 3, 4, 5, -6, 7}, 2);
        assertArrayEquals(new float[] {2, -2, 0, 3, -4, 5, 5, 6, -0f, 7}, blocks.dequantize());
        assertEquals(2, blocks.blockColumns());
        assertEquals(3, blocks.blocks());
        assertEquals(-6, blocks.scale(1, 1));
        assertArrayEquals(new float[] {2, 3, 4, 5, -6, 7}, blocks.scales());
        assertEquals(blocks, TernaryMatrix.fromPacked(blocks.packed(), 2, 5, blocks.scales(), 2));
    }

    @Test
    void oneBlockARowIsAScaleARow() {
        byte[] trits = randomTrits(1, 6);
        float[] scales = {2, 3};
        TernaryMatrix rows = TernaryMatrix.of(trits, 2, 3, scales);
        for (int blockColumns : new int[] {3, 4, 256, Integer.MAX_VALUE}) {
            TernaryMatrix blocks = TernaryMatrix.ofBlocks(trits, 2, 3, scales, blockColumns);
            assertEquals(rows, blocks);
            assertEquals(3, blocks.blockColumns());
            assertEquals(rows, TernaryMatrix.fromPacked(rows.packed(), 2, 3, scales, blockColumns));
        }
    }

    @Test
    void anyFiniteScaleIsAccepted() {
        float[] scales = {0, -0f, -3, Float.MAX_VALUE, Float.MIN_VALUE};
        assertArrayEquals(scales, TernaryMatrix.of(new byte[5], 5, 1, scales).scales());
    }

    @ParameterizedTest
    @ValueSource(floats = {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY})
    void nonFiniteScalesAreRefused(float scale) {
        float[] scales = {1, 2, scale};
        String message = "TernaryMatrix(3 x 2): scale 2 of 3 is " + scale + "; scales must be finite";
        assertRefused(message, () -> TernaryMatrix.of(new byte[6], 3, 2, scales));
        assertRefused(message, () -> TernaryMatrix.ofBlocks(new byte[6], 3, 2, scales, 2));
        assertRefused(message, () -> TernaryMatrix.fromPacked(new byte[] {121, 121, 121}, 3, 2, scales));
        assertRefused(message, () -> TernaryMatrix.fromPacked(new byte[] {121, 121, 121}, 3, 2, scales, 2));
    }

    @Test
    void wrongNumbersOfScalesAreRefused() {
        assertRefused("TernaryMatrix(3 x 2): got 2 scales, expected 1 for the matrix or 3, one a row",
                () -> TernaryMatrix.of(new byte[6], 3, 2, new float[2]));
        assertRefused("TernaryMatrix(3 x 2): got 0 scales, expected 1 for the matrix or 3, one a row",
                () -> TernaryMatrix.fromPacked(new byte[3], 3, 2, new float[0]));
        assertRefused("TernaryMatrix(3 x 5): got 3 scales, expected 3 x 3, one for each block of 2 columns of each row",
                () -> TernaryMatrix.ofBlocks(new byte[15], 3, 5, new float[3], 2));
        assertRefused("TernaryMatrix(3 x 5): got 1 scales, expected 3 x 1, one for each block of 5 columns of each row",
                () -> TernaryMatrix.fromPacked(new byte[3], 3, 5, ONE, 5));
        assertRefused("TernaryMatrix(3 x 5): blockColumns is 0, expected at least 1",
                () -> TernaryMatrix.ofBlocks(new byte[15], 3, 5, ONE, 0));
        assertRefused("TernaryMatrix(3 x 5): blockColumns is -1, expected at least 1",
                () -> TernaryMatrix.fromPacked(new byte[3], 3, 5, ONE, -1));
    }

    // ---------------------------------------------------------------- bad input

    @ParameterizedTest
    @ValueSource(bytes = {-128, -2, 2, 3, 127})
    void otherTritsAreRefused(byte trit) {
        byte[] trits = new byte[14];
        trits[9] = trit;
        String message = "TernaryMatrix(2 x 7): the trit in row 1, column 2 is " + trit + ", expected -1, 0 or 1";
        assertRefused(message, () -> TernaryMatrix.of(trits, 2, 7, ONE));
        assertRefused(message, () -> TernaryMatrix.ofBlocks(trits, 2, 7, new float[4], 4));
    }

    @ParameterizedTest
    @ValueSource(ints = {243, 244, 250, 255})
    void bytesOver242AreRefused(int code) {
        byte[] packed = TernaryMatrix.of(new byte[24], 2, 12, ONE).packed();
        for (int at = 0; at < 6; at++) {
            byte[] bad = packed.clone();
            bad[at] = (byte) code;
            assertRefused("TernaryMatrix(2 x 12): packed byte " + at + " (byte " + at % 3 + " of row " + at / 3
                    + ") is " + code + ", expected 0 to 242: the data is corrupt or packed in another way",
                    () -> TernaryMatrix.fromPacked(bad, 2, 12, ONE));
        }
    }

    /** Every last byte, for every remainder: accepted if and only if its padding trits are 0. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5})
    void paddingMustBeZero(int columns) {
        int accepted = 0;
        for (int code = 0; code < 243; code++) {
            byte[] packed = {121, 121, (byte) code};
            boolean zeros = true;
            for (int digit = columns, place = (int) Math.pow(3, columns); digit < 5; digit++, place *= 3) {
                zeros &= code / place % 3 == 1;
            }
            if (zeros) {
                accepted++;
                assertArrayEquals(packed, TernaryMatrix.fromPacked(packed, 3, columns, ONE).packed());
            } else {
                assertRefused("TernaryMatrix(3 x " + columns + "): packed byte 2 (the last of row 2) is " + code
                        + ", but the last " + (5 - columns) + " of its 5 trits are padding and must be 0: the "
                        + "data is corrupt, or its rows do not have " + columns + " columns",
                        () -> TernaryMatrix.fromPacked(packed, 3, columns, ONE));
            }
        }
        assertEquals((int) Math.pow(3, columns), accepted);
    }

    static Stream<int[]> emptyShapes() {
        return Stream.of(new int[] {0, 3}, new int[] {3, 0}, new int[] {-1, 3}, new int[] {3, Integer.MIN_VALUE});
    }

    @ParameterizedTest
    @MethodSource("emptyShapes")
    void emptyAndNegativeSizesAreRefused(int[] shape) {
        int out = shape[0];
        int in = shape[1];
        String message = "TernaryMatrix(" + out + " x " + in + "): shape " + out + " x " + in
                + ", expected at least 1 row and 1 column";
        assertRefused(message, () -> TernaryMatrix.of(new byte[0], out, in, ONE));
        assertRefused(message, () -> TernaryMatrix.ofBlocks(new byte[0], out, in, ONE, 1));
        assertRefused(message, () -> TernaryMatrix.fromPacked(new byte[0], out, in, ONE));
        assertRefused(message, () -> TernaryMatrix.fromPacked(new byte[0], out, in, ONE, 1));
    }

    @Test
    void wrongLengthsAreRefused() {
        assertRefused("TernaryMatrix(2 x 3): shape 2 x 3 needs 6 values, the array has 7",
                () -> TernaryMatrix.of(new byte[7], 2, 3, ONE));
        assertRefused("TernaryMatrix(2 x 6): got 3 packed bytes, expected 4 (2 rows of 2)",
                () -> TernaryMatrix.fromPacked(new byte[3], 2, 6, ONE));
    }

    @Test
    void sizesBeyond32BitsAreRefused() {
        assertRefused("TernaryMatrix(65536 x 65536): shape 65536 x 65536 needs 4294967296 values, the array has 0",
                () -> TernaryMatrix.of(new byte[0], 65536, 65536, ONE));
        assertRefused("TernaryMatrix(1073741824 x 40): it takes 8589934592 packed bytes, more than the 2147483639 that "
                + "fit one array; split it into matrices of fewer rows",
                () -> TernaryMatrix.fromPacked(new byte[0], 1 << 30, 40, ONE));
        assertRefused("TernaryMatrix(1 x 16777216): at most 16777215 input features are supported; with more, 32-bit "
                + "sums could overflow",
                () -> TernaryMatrix.of(new byte[0], 1, 1 << 24, ONE));
        assertEquals(127L * TernaryMatrix.MAX_IN_FEATURES, (int) (127L * TernaryMatrix.MAX_IN_FEATURES));
        assertEquals(-128L * TernaryMatrix.MAX_IN_FEATURES, (int) (-128L * TernaryMatrix.MAX_IN_FEATURES));
    }

    @Test
    @Tag("long") // takes a gigabyte
    void aMatrixOfMoreWeightsThanAnArrayHoldsIsReadByRow() {
        int out = 140;
        int in = TernaryMatrix.MAX_IN_FEATURES; // 2.3 billion weights in 470 MB
        byte[] packed = new byte[out * ((in + 4) / 5)];
        Arrays.fill(packed, (byte) 121);
        packed[packed.length - 1] = 122;
        TernaryMatrix matrix = TernaryMatrix.fromPacked(packed, out, in, ONE);
        byte[] row = new byte[in];
        matrix.unpackRow(out - 1, row, 0);
        assertEquals(1, row[in - 5]);
        String message = "TernaryMatrix(140 x 16777215): its 2348810100 weights don't fit one array of at most "
                + "2147483639; read it row by row with unpackRow";
        assertEquals(message, assertThrows(IllegalStateException.class, matrix::trits).getMessage());
        assertEquals(message, assertThrows(IllegalStateException.class, matrix::dequantize).getMessage());
    }

    @Test
    void indicesOutsideAreRefused() {
        TernaryMatrix matrix = TernaryMatrix.ofBlocks(new byte[15], 3, 5, new float[9], 2);
        assertThrows(IndexOutOfBoundsException.class, () -> matrix.scale(3, 0));
        assertThrows(IndexOutOfBoundsException.class, () -> matrix.scale(-1, 0));
        assertThrows(IndexOutOfBoundsException.class, () -> matrix.scale(0, 3));
        Exception row = assertThrows(IndexOutOfBoundsException.class, () -> matrix.unpackRow(3, new byte[5], 0));
        assertEquals("TernaryMatrix.unpackRow: there is no row 3, expected 0 to 2", row.getMessage());
        Exception packed = assertThrows(IndexOutOfBoundsException.class,
                () -> TernaryMatrix.packRow(new byte[7], 0, new byte[3], 2, 7));
        assertEquals("TernaryMatrix.packRow: 2 values from index 2 on, but the array has 3", packed.getMessage());
        Exception rows = assertThrows(IndexOutOfBoundsException.class, () -> matrix.rows(1, 4));
        assertEquals("TernaryMatrix.rows: from 1 to 4, expected at least one of the rows 0 to 2", rows.getMessage());
        assertThrows(IndexOutOfBoundsException.class, () -> matrix.unpackRow(0, new byte[5], 1));
        assertThrows(IndexOutOfBoundsException.class, () -> matrix.unpackRow(0, new byte[5], -1));
    }

    // ---------------------------------------------------------------- statistics

    @Test
    void statistics() {
        byte[] trits = {1, 0, 0, 0, 1, 0, 1, 0, 0, 1, 1, 0};
        TernaryMatrix matrix = TernaryMatrix.of(trits, 2, 6, new float[] {1, 2});
        assertArrayEquals(new int[] {0, 1}, matrix.distinctValues());
        assertEquals(7 / 12.0, matrix.zeroFraction());
        assertEquals(4 * 8 / 12.0, matrix.bitsPerWeight());
        assertEquals(4 + 8, matrix.bytes());
        assertArrayEquals(new int[] {-1, 0, 1}, TernaryMatrix.of(new byte[] {1, 0, -1}, 1, 3, ONE).distinctValues());
        assertArrayEquals(new int[] {-1}, TernaryMatrix.of(new byte[] {-1}, 1, 1, ONE).distinctValues());
        assertEquals(1.6, TernaryMatrix.of(new byte[2560], 1, 2560, ONE).bitsPerWeight());
    }

    @Test
    void equalityIsThatOfShapeTritsAndScales() {
        byte[] trits = {1, 0, -1, 0, 1, 1};
        TernaryMatrix matrix = TernaryMatrix.of(trits, 2, 3, new float[] {1, 2});
        TernaryMatrix same = TernaryMatrix.of(trits, 2, 3, new float[] {1, 2});
        assertEquals(matrix, same);
        assertEquals(matrix.hashCode(), same.hashCode());
        assertNotEquals(matrix, TernaryMatrix.of(trits, 2, 3, new float[] {1, 3}));
        assertNotEquals(matrix, TernaryMatrix.of(trits, 2, 3, ONE));
        assertNotEquals(matrix, TernaryMatrix.of(new byte[] {1, 0, -1, 0, 1, 0}, 2, 3, new float[] {1, 2}));
        assertNotEquals(matrix, TernaryMatrix.of(trits, 3, 2, new float[] {1, 2, 2}));
        assertNotEquals(
                TernaryMatrix.of(new byte[12], 3, 4, ONE), TernaryMatrix.of(new byte[15], 3, 5, ONE), "same bytes");
        assertNotEquals(matrix, new Object());
        assertNotEquals(matrix, null);
        float[] scales = {1, 2, 3, 4};
        assertNotEquals(
                TernaryMatrix.ofBlocks(new byte[10], 2, 5, scales, 3),
                TernaryMatrix.ofBlocks(new byte[10], 2, 5, scales, 4));
    }

    @Test
    void itDescribesItself() {
        assertEquals("TernaryMatrix(2 x 5, 1 scale, 1.60 bits a weight)",
                TernaryMatrix.of(new byte[10], 2, 5, ONE).toString());
        assertEquals("TernaryMatrix(2 x 5, a scale a row, 1.60 bits a weight)",
                TernaryMatrix.of(new byte[10], 2, 5, new float[2]).toString());
        assertEquals("TernaryMatrix(2 x 6, a scale for each 4 columns of a row, 2.67 bits a weight)",
                TernaryMatrix.ofBlocks(new byte[12], 2, 6, new float[4], 4).toString());
    }
}
