package io.bitlab.core.embedding;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bitlab.core.embedding.loops.EmbeddingLoops;
import io.bitlab.core.math.CounterRandom;
import io.bitlab.core.math.Fma;
import io.bitlab.core.parallel.Parallel;
import java.util.Arrays;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("fallback")
@Tag("parity")
class EmbeddingTableTest {

    private static final int[][] SIZES = {{1, 1}, {3, 7}, {63, 64}, {64, 65}, {65, 128}, {130, 200}, {2061, 70}};

    private static float[] random(long seed, int length) {
        float[] values = new float[length];
        CounterRandom random = new CounterRandom(seed, 1);
        for (int i = 0; i < length; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return values;
    }

    /** The definition: the values that the table has, in the order that its description gives. */
    private static float product(EmbeddingTable table, int row, float[] x, int at) {
        float[] values = new float[table.columns()];
        if (table.format() == EmbeddingFormat.FLOAT32 || table.format() == EmbeddingFormat.BFLOAT16) {
            table.row(row, values, 0);
            float sum = 0f;
            for (int c = 0; c < values.length; c++) {
                sum = Fma.fma(values[c], x[at + c], sum);
            }
            return sum;
        }
        QuantizedTable quantized = (QuantizedTable) table;
        byte[] codes = new byte[quantized.codeBytes()];
        float[] scales = new float[quantized.scalesPerRow()];
        quantized.codes(row, codes, scales);
        if (table.format() == EmbeddingFormat.INT8) {
            float sum = 0f;
            for (int c = 0; c < values.length; c++) {
                sum = Fma.fma(codes[c], x[at + c], sum);
            }
            return sum * scales[0];
        }
        float[] levels = new float[values.length];
        unscaled(codes, scales.length, values.length).row(0, levels, 0);
        float all = 0f;
        for (int g = 0; g < scales.length; g++) {
            int to = Math.min(values.length, g * 64 + 64);
            float absolute = 0f;
            for (int c = g * 64; c < to; c++) {
                absolute += Math.abs(x[at + c]);
            }
            float unit = absolute / 32_700;
            int sum = 0;
            for (int c = g * 64; c < to; c++) {
                sum += (int) Math.rint((double) levels[c] * (x[at + c] * (1 / unit)));
            }
            all = Fma.fma(sum, scales[g] * unit, all);
        }
        return all;
    }

    /** A table has more memory than rows, so a row behind the last would be read as zeros, or written to no effect. */
    @ParameterizedTest
    @EnumSource(value = EmbeddingFormat.class, names = "FLOAT16", mode = EnumSource.Mode.EXCLUDE)
    void rowsThatAreNotThereAndArraysThatAreTooShortAreRefused(EmbeddingFormat format) {
        EmbeddingTable table = EmbeddingTable.of(format, random(1, 3 * 5), 3, 5);
        EmbeddingTable.Builder builder = EmbeddingTable.builder(format, 3, 5);
        for (int row : new int[] {-1, 3, 40}) {
            String missing = ": there is no row " + row + ", expected 0 to 2";
            assertOutside("EmbeddingTable.row" + missing, () -> table.row(row, new float[5], 0));
            assertOutside("EmbeddingTable.put" + missing, () -> builder.put(row, new float[5], 0));
            if (table instanceof QuantizedTable quantized) {
                byte[] codes = new byte[quantized.codeBytes()];
                float[] scales = new float[quantized.scalesPerRow()];
                assertOutside("EmbeddingTable.codes" + missing, () -> quantized.codes(row, codes, scales));
                assertOutside("EmbeddingTable.putCodes" + missing, () -> builder.putCodes(row, codes, scales));
                assertThrows(IllegalArgumentException.class,
                        () -> quantized.codes(0, new byte[codes.length + 1], scales));
            }
        }
        assertOutside("EmbeddingTable.row: 5 values from index 1 on, but the array has 5",
                () -> table.row(0, new float[5], 1));
        assertOutside("EmbeddingTable.put: 5 values from index -1 on, but the array has 5",
                () -> builder.put(0, new float[5], -1));
        assertOutside("EmbeddingTable.multiply: 10 values from index 0 on, but the array has 9",
                () -> table.multiply(new float[9], 2, new float[6]));
        assertOutside("EmbeddingTable.multiply: 6 values from index 0 on, but the array has 5",
                () -> table.multiply(new float[10], 2, new float[5]));
        assertOutside("EmbeddingTable.multiply: -5 values from index 0 on, but the array has 10",
                () -> table.multiply(new float[10], -1, new float[5]));
    }

    private static void assertOutside(String message, Executable executable) {
        assertEquals(message, assertThrows(IndexOutOfBoundsException.class, executable).getMessage());
    }

    /** Against doubles: the whole numbers cost far less than NF4 itself, whatever the activations' size. */
    @ParameterizedTest
    @ValueSource(floats = {1e-30f, 1e-3f, 1f, 1e30f})
    void nf4sProductsAreRoundedFinely(float size) {
        int rows = 200;
        int columns = 256;
        EmbeddingTable table = EmbeddingTable.of(EmbeddingFormat.NF4, random(1, rows * columns), rows, columns);
        float[] x = random(2, columns);
        for (int c = 0; c < columns; c++) {
            x[c] *= size;
        }
        float[] y = new float[rows];
        table.multiply(x, 1, y);
        double errors = 0;
        double squares = 0;
        float[] row = new float[columns];
        for (int r = 0; r < rows; r++) {
            table.row(r, row, 0);
            double exact = 0;
            for (int c = 0; c < columns; c++) {
                exact += (double) row[c] * x[c] / size;
            }
            errors += Math.pow(y[r] / size - exact, 2);
            squares += exact * exact;
        }
        double relative = Math.sqrt(errors / squares);
        assertTrue(relative < 2e-3, "root mean square error " + relative);
    }

    /** The largest sums that there can be: every activation at the same size and every weight at an outermost level. */
    @Test
    void nf4sSumsDontOverflow() {
        int columns = 640;
        float[] values = new float[columns];
        float[] x = new float[columns];
        for (int c = 0; c < columns; c++) {
            values[c] = c % 3 == 0 ? -1f : 1f;
            x[c] = values[c] * (c / 64 == 3 && c % 64 != 5 ? 0f : 7.3f);
        }
        float[] y = new float[1];
        EmbeddingTable.of(EmbeddingFormat.NF4, values, 1, columns).multiply(x, 1, y);
        assertEquals((9 * 64 + 1) * 7.3f, y[0], 1f);
        EmbeddingTable.of(EmbeddingFormat.NF4, values, 1, columns).multiply(new float[columns], 1, y);
        assertEquals(0f, y[0]);
    }

    @Test
    void nf4PassesOnWhatIsNoNumber() {
        float[] x = random(3, 128);
        x[70] = Float.NaN;
        float[] y = new float[3];
        EmbeddingTable table = EmbeddingTable.of(EmbeddingFormat.NF4, random(4, 3 * 128), 3, 128);
        table.multiply(x, 1, y);
        assertTrue(Float.isNaN(y[0]) && Float.isNaN(y[1]) && Float.isNaN(y[2]), Arrays.toString(y));
        x[70] = Float.NEGATIVE_INFINITY;
        table.multiply(x, 1, y);
        assertTrue(Float.isNaN(y[0]) || Float.isInfinite(y[0]), Arrays.toString(y));
    }

    private static EmbeddingTable unscaled(byte[] codes, int groups, int columns) {
        EmbeddingTable.Builder builder = EmbeddingTable.builder(EmbeddingFormat.NF4, 1, columns);
        float[] ones = new float[groups];
        Arrays.fill(ones, 1f);
        builder.putCodes(0, codes, ones);
        return builder.build();
    }

    @ParameterizedTest
    @EnumSource(value = EmbeddingFormat.class, names = "FLOAT16", mode = EnumSource.Mode.EXCLUDE)
    void productsAreChainsWhateverTheWidthAndTheThreads(EmbeddingFormat format) {
        for (int[] size : SIZES) {
            int rows = size[0];
            int columns = size[1];
            EmbeddingTable table = EmbeddingTable.of(format, random(rows, rows * columns), rows, columns);
            for (int n : new int[] {1, 3, 5, 12, 77}) {
                float[] x = random(columns, n * columns);
                float[] expected = new float[n * rows];
                for (int i = 0; i < expected.length; i++) {
                    expected[i] = product(table, i % rows, x, i / rows * columns);
                }
                float[] y = new float[n * rows];
                Parallel.sequential().call(() -> {
                    table.multiply(x, n, y);
                    return null;
                });
                assertArrayEquals(expected, y, format + " " + Arrays.toString(size) + ", " + n);
                float[] shared = new float[n * rows];
                table.multiply(x, n, shared);
                assertArrayEquals(expected, shared);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(value = EmbeddingFormat.class, names = "FLOAT16", mode = EnumSource.Mode.EXCLUDE)
    void roundsAsPromised(EmbeddingFormat format) {
        int columns = 640;
        float[] values = random(7, 4 * columns);
        values[3] = 0f;
        EmbeddingTable table = EmbeddingTable.of(format, values, 4, columns);
        double squares = 0;
        for (int r = 0; r < 4; r++) {
            float[] row = new float[columns];
            table.row(r, row, 0);
            float max = 0;
            for (int c = 0; c < columns; c++) {
                max = Math.max(max, Math.abs(values[r * columns + c]));
            }
            for (int c = 0; c < columns; c++) {
                double error = Math.abs(row[c] - values[r * columns + c]);
                squares += error * error;
                double allowed = switch (format) {
                    case FLOAT32 -> 0;
                    case BFLOAT16 -> Math.abs(values[r * columns + c]) / 256;
                    case INT8 -> max / 254 * 1.0001;
                    case NF4 -> max * 0.16;
                    case FLOAT16 -> throw new AssertionError();
                };
                assertTrue(error <= allowed, format + " " + r + ", " + c + ": " + error);
            }
        }
        double deviation = Math.sqrt(squares / (4 * columns));
        assertTrue(format != EmbeddingFormat.NF4 || deviation < 0.12, "root mean square error " + deviation);
        int padded = format == EmbeddingFormat.FLOAT32 ? 4 : EmbeddingLoops.ROWS;
        assertEquals(format.bits() / 8 * padded * columns + (format == EmbeddingFormat.INT8 ? padded * Float.BYTES : 0),
                table.bytes(), 0.0);
    }

    /** Values between all levels and at their middles; the first of each 64 is the largest, 1. */
    @Test
    void nf4TakesTheNearestLevel() {
        int columns = 64 * 640;
        float[] values = new float[columns];
        for (int i = 0; i < columns; i++) {
            values[i] = i % 64 == 0 ? 1f : 2f * i / columns - 1;
        }
        values[1] = -1f;
        values[2] = 0f;
        values[3] = (0.9f - 1e-7f) / 2;
        float[] row = new float[columns];
        EmbeddingTable.of(EmbeddingFormat.NF4, values, 1, columns).row(0, row, 0);
        float[] levels = new float[columns];
        System.arraycopy(row, 0, levels, 0, columns);
        Arrays.sort(levels);
        float[] distinct = new float[16];
        int found = 0;
        for (int i = 0; i < columns; i++) {
            if (i == 0 || levels[i] != levels[i - 1]) {
                distinct[found++] = levels[i];
            }
        }
        assertEquals(16, found);
        for (int i = 0; i < columns; i++) {
            float nearest = 9;
            for (float level : distinct) {
                nearest = Math.min(nearest, Math.abs(level - values[i]));
            }
            assertEquals(nearest, Math.abs(row[i] - values[i]), "value " + values[i]);
        }
    }

    @ParameterizedTest
    @EnumSource(value = EmbeddingFormat.class, names = {"INT8", "NF4"})
    void codesMakeTheSameTable(EmbeddingFormat format) {
        QuantizedTable table = (QuantizedTable) EmbeddingTable.of(format, random(3, 70 * 67), 70, 67);
        EmbeddingTable.Builder builder = EmbeddingTable.builder(format, 70, 67);
        byte[] codes = new byte[table.codeBytes()];
        float[] scales = new float[table.scalesPerRow()];
        for (int r = 0; r < 70; r++) {
            table.codes(r, codes, scales);
            builder.putCodes(r, codes, scales);
        }
        EmbeddingTable again = builder.build();
        for (int r = 0; r < 70; r++) {
            float[] expected = new float[67];
            float[] found = new float[67];
            table.row(r, expected, 0);
            again.row(r, found, 0);
            assertArrayEquals(expected, found, "row " + r);
        }
    }

    @Test
    void refusesWhatItCannotHold() {
        float[] values = {1, Float.NaN};
        Exception e = assertThrows(IllegalArgumentException.class,
                () -> EmbeddingTable.of(EmbeddingFormat.INT8, values, 1, 2));
        assertEquals(
                "EmbeddingTable: row 0 has NaN or an infinite value, which int8 cannot represent; keep the table as "
                        + "float32, or train again",
                e.getMessage());
        EmbeddingTable.Builder builder = EmbeddingTable.builder(EmbeddingFormat.INT8, 1, 2);
        e = assertThrows(IllegalArgumentException.class, () -> builder.putCodes(0, new byte[3], new float[1]));
        assertEquals("EmbeddingTable: row 0 has 3 bytes and 1 scales, expected 2 and 1", e.getMessage());
        e = assertThrows(IllegalArgumentException.class,
                () -> builder.putCodes(0, new byte[2], new float[] {Float.NaN}));
        assertEquals("EmbeddingTable: row 0 has the scale NaN, expected a finite number that is not negative",
                e.getMessage());
        e = assertThrows(IllegalStateException.class,
                () -> EmbeddingTable.builder(EmbeddingFormat.FLOAT32, 1, 1).scalesPerRow());
        assertEquals("EmbeddingTable: float32 has no codes; use the values", e.getMessage());
        assertThrows(IllegalArgumentException.class, () -> EmbeddingTable.builder(EmbeddingFormat.NF4, 0, 4));
        e = assertThrows(IllegalArgumentException.class,
                () -> EmbeddingTable.builder(EmbeddingFormat.FLOAT16, 1, 1));
        assertEquals("EmbeddingTable: the embedding format is FLOAT16, which only exported files can have, expected "
                + "one of [FLOAT32, BFLOAT16, INT8, NF4]; BFLOAT16 takes the same memory", e.getMessage());
    }

    @ParameterizedTest
    @EnumSource(value = EmbeddingFormat.class, names = "FLOAT16", mode = EnumSource.Mode.EXCLUDE)
    void aRowThatIsPutTwiceIsTheSecond(EmbeddingFormat format) {
        EmbeddingTable.Builder builder = EmbeddingTable.builder(format, 1, 67);
        float[] values = random(3, 67);
        builder.put(0, random(2, 67), 0).put(0, values, 0);
        float[] twice = new float[67];
        builder.build().row(0, twice, 0);
        float[] once = new float[67];
        EmbeddingTable.of(format, values, 1, 67).row(0, once, 0);
        assertArrayEquals(once, twice);
    }

    @ParameterizedTest
    @EnumSource(value = EmbeddingFormat.class, names = "FLOAT16", mode = EnumSource.Mode.EXCLUDE)
    void tooManyValuesAreRefusedBeforeMemoryIsTaken(EmbeddingFormat format) {
        assertEquals("EmbeddingTable: 256000 x 12288 values are more than one table can hold, 2^31; take fewer rows or "
                + "columns",
                assertThrows(IllegalArgumentException.class,
                        () -> EmbeddingTable.builder(format, 256_000, 12_288)).getMessage());
    }

    @Test
    void int8HoldsNoNumbersOfTheWrongSign() {
        float[] tiny = {1e-38f, -1e-38f, 0f, 1e-40f};
        float[] row = new float[4];
        EmbeddingTable.of(EmbeddingFormat.INT8, tiny, 1, 4).row(0, row, 0);
        for (int i = 0; i < 4; i++) {
            assertTrue(row[i] * tiny[i] >= 0, row[i] + " for " + tiny[i]);
        }
    }

    @Test
    void aTableThatIsBuiltNoLongerChanges() {
        EmbeddingTable.Builder builder = EmbeddingTable.builder(EmbeddingFormat.INT8, 1, 2);
        builder.build();
        Exception e = assertThrows(IllegalStateException.class, () -> builder.put(0, new float[2], 0));
        assertEquals("EmbeddingTable.put: EmbeddingTable(1 x 2, int8) is built and no longer changes; start another "
                + "builder",
                e.getMessage());
        assertThrows(IllegalStateException.class, () -> builder.putCodes(0, new byte[2], new float[1]));
    }
}
