package io.bitlab.models.io.gguf;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bitlab.core.parallel.Parallel;
import io.bitlab.core.quant.TernaryMatrix;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** What is written comes back: trits and fitting scales exactly, floats to the precision of their type. */
class GgufRoundTripTest {

    @TempDir
    Path folder;

    private Path path() {
        return folder.resolve("model.gguf");
    }

    private static byte[] trits(int count, long seed) {
        Random random = new Random(seed);
        byte[] trits = new byte[count];
        for (int i = 0; i < count; i++) {
            trits[i] = (byte) (random.nextInt(3) - 1);
        }
        return trits;
    }

    private TernaryMatrix roundTrip(GgufType type, I2sLayout layout, TernaryMatrix matrix) throws IOException {
        new GgufWriter(layout).ternary("x", type, matrix.outFeatures(), matrix.inFeatures(), () -> matrix)
                .write(path());
        try (GgufFile file = GgufFile.open(path(), layout)) {
            TernaryMatrix read = file.ternary("x");
            assertArrayEquals(read.dequantize(), file.floats("x"));
            assertArrayEquals(read.packed(), Parallel.sequential().call(() -> file.ternary("x")).packed());
            return read;
        }
    }

    // ---------------------------------------------------------------- ternary

    @ParameterizedTest
    @CsvSource({"TQ1_0, X86, 3, 256", "TQ1_0, X86, 97, 1024", "TQ2_0, X86, 3, 256", "TQ2_0, X86, 97, 1024",
        "I2_S, X86, 3, 256", "I2_S, X86, 97, 1024", "I2_S, X86, 32, 12", "I2_S, X86, 64, 1100", "I2_S, ARM, 3, 256",
        "I2_S, ARM, 97, 1024", "I2_S, ARM, 3, 64"})
    void oneScale(GgufType type, I2sLayout layout, int out, int in) throws IOException {
        byte[] trits = trits(out * in, out);
        TernaryMatrix read = roundTrip(type, layout, TernaryMatrix.of(trits, out, in, new float[] {0.75f}));
        assertArrayEquals(trits, read.trits());
        assertArrayEquals(new float[] {0.75f}, read.scales());
    }

    @ParameterizedTest
    @EnumSource(value = GgufType.class, names = {"TQ1_0", "TQ2_0"})
    void zeroBlocksGoWithAnyScale(GgufType type) throws IOException {
        byte[] trits = trits(4 * 512, 4);
        Arrays.fill(trits, 0, 256, (byte) 0);
        Arrays.fill(trits, 1024, 1536, (byte) 0); // a whole row
        TernaryMatrix matrix = TernaryMatrix.of(trits, 4, 512, new float[] {0.75f});
        TernaryMatrix read = roundTrip(type, I2sLayout.X86, matrix);
        assertArrayEquals(matrix.packed(), read.packed());
        assertArrayEquals(new float[] {0.75f}, read.scales());

        TernaryMatrix zeros = TernaryMatrix.of(new byte[1024], 2, 512, new float[] {3});
        assertArrayEquals(new float[1024], roundTrip(type, I2sLayout.X86, zeros).dequantize());
    }

    @ParameterizedTest
    @EnumSource(value = GgufType.class, names = {"TQ1_0", "TQ2_0"})
    void scalesOfRowsAndBlocks(GgufType type) throws IOException {
        byte[] trits = trits(3 * 512, 5);
        float[] rows = {0.5f, -0.25f, 6.1035156e-5f};
        TernaryMatrix read = roundTrip(type, I2sLayout.X86, TernaryMatrix.of(trits, 3, 512, rows));
        assertArrayEquals(rows, read.scales());
        assertEquals(512, read.blockColumns());
        assertArrayEquals(trits, read.trits());

        float[] blocks = {1, 2, 3, 4, 5, 65504};
        read = roundTrip(type, I2sLayout.X86, TernaryMatrix.ofBlocks(trits, 3, 512, blocks, 256));
        assertArrayEquals(blocks, read.scales());
        assertEquals(256, read.blockColumns());
        assertArrayEquals(trits, read.trits());
    }

    @ParameterizedTest
    @EnumSource(value = GgufType.class, names = {"TQ1_0", "TQ2_0"})
    void rowOfZerosAmongRowScales(GgufType type) throws IOException {
        byte[] trits = trits(3 * 512, 6);
        Arrays.fill(trits, 512, 1024, (byte) 0);
        TernaryMatrix matrix = TernaryMatrix.of(trits, 3, 512, new float[] {0.5f, 9, 0.25f});
        TernaryMatrix read = roundTrip(type, I2sLayout.X86, matrix);
        assertArrayEquals(new float[] {0.5f, 0, 0.25f}, read.scales());
        assertArrayEquals(trits, read.trits());
    }

    @Test
    void tritsUnderAScaleOfZeroAreZero() throws IOException {
        byte[] block = new byte[66]; // codes 0, which are -1, and a scale of 0
        try (GgufFile file = GgufFile.open(GgufSamples.file(folder, GgufType.TQ2_0, block, 256, 1))) {
            assertArrayEquals(new float[256], file.floats("x"));
            assertArrayEquals(new byte[256], file.ternary("x").trits());
        }
    }

    @Test
    void roundingIsRefusedUnlessAllowed() throws IOException {
        Files.writeString(path(), "old");
        TernaryMatrix matrix = TernaryMatrix.of(trits(512, 1), 2, 256, new float[] {0.1f});
        GgufWriter writer = new GgufWriter().ternary("x", GgufType.TQ2_0, 2, 256, () -> matrix);
        String message = assertThrows(IllegalArgumentException.class, () -> writer.write(path())).getMessage();
        assertTrue(message.startsWith("tensor 'x' TQ2_0 [2, 256]: the scale 0.1 at row 0, column 0 is no F16 number, "
                + "the next is 0.099975586 with a relative error of 2.44"), message);
        assertEquals("old", Files.readString(path()));

        double error = writer.allowRounding(true).write(path());
        assertEquals(Math.abs(0.099975586f - (double) 0.1f) / 0.1f, error, 1e-9);
        try (GgufFile file = GgufFile.open(path())) {
            assertArrayEquals(new float[] {0.099975586f}, file.ternary("x").scales());
        }
        try (var files = Files.list(folder)) {
            assertEquals(1, files.count());
        }
    }

    @ParameterizedTest
    @CsvSource({"1e-9, 0.0", "70000, Infinity"})
    void scalesBeyondF16AreAlwaysRefused(float scale, String stored) {
        TernaryMatrix matrix = TernaryMatrix.of(trits(256, 1), 1, 256, new float[] {scale});
        GgufWriter writer = new GgufWriter().allowRounding(true).ternary("x", GgufType.TQ1_0, 1, 256, () -> matrix);
        String message = assertThrows(IllegalArgumentException.class, () -> writer.write(path())).getMessage();
        assertTrue(message.endsWith("the next is " + stored + "; only I2_S and F32 can hold it"), message);
        assertFalse(Files.exists(path()));
    }

    @Test
    void i2sHoldsAnyFloatAsItsOneScale() throws IOException {
        byte[] trits = trits(512, 1);
        TernaryMatrix matrix = TernaryMatrix.of(trits, 2, 256, new float[] {1e-30f});
        assertArrayEquals(new float[] {1e-30f}, roundTrip(GgufType.I2_S, I2sLayout.X86, matrix).scales());

        TernaryMatrix rows = TernaryMatrix.of(trits, 2, 256, new float[] {1, 2});
        GgufWriter writer = new GgufWriter().ternary("x", GgufType.I2_S, 2, 256, () -> rows);
        assertEquals("tensor 'x' I2_S [2, 256]: the matrix has scales 1.0 and 2.0, but I2_S holds one for the tensor; "
                + "write TQ1_0 or TQ2_0",
                assertThrows(IllegalArgumentException.class, () -> writer.write(path())).getMessage());
    }

    @ParameterizedTest
    @CsvSource({"X86, 33, 1, 4", "ARM, 37, 5, 2"}) // lane 1 of 32 bytes, lane 2 of 16 bytes
    void layoutsOfI2s(I2sLayout layout, int element, int expectedByte, int expectedShift) throws IOException {
        byte[] trits = new byte[128];
        trits[element] = 1;
        TernaryMatrix matrix = TernaryMatrix.of(trits, 1, 128, new float[] {1});
        new GgufWriter(layout).ternary("x", GgufType.I2_S, 1, 128, () -> matrix).write(path());
        try (GgufFile file = GgufFile.open(path(), layout)) {
            byte[] bytes = file.segment("x").toArray(ValueLayout.JAVA_BYTE);
            for (int i = 0; i < 32; i++) {
                assertEquals(0x55 + (i == expectedByte ? 1 << expectedShift : 0), bytes[i], "byte " + i);
            }
        }
    }

    @Test
    void otherBlocksOfScalesAreRefused() {
        TernaryMatrix matrix = TernaryMatrix.ofBlocks(trits(256, 1), 1, 256, new float[] {1, 2}, 128);
        GgufWriter writer = new GgufWriter().ternary("x", GgufType.TQ1_0, 1, 256, () -> matrix);
        assertEquals("tensor 'x' TQ1_0 [1, 256]: the matrix has a scale for each 128 columns, but TQ1_0 holds one for "
                + "each 256", assertThrows(IllegalArgumentException.class, () -> writer.write(path())).getMessage());
    }

    @Test
    void announcedShapesCount() {
        TernaryMatrix matrix = TernaryMatrix.of(trits(512, 1), 2, 256, new float[] {1});
        GgufWriter ternary = new GgufWriter().ternary("x", GgufType.TQ1_0, 1, 512, () -> matrix);
        assertEquals("tensor 'x' TQ1_0 [1, 512]: the source gave a matrix [2, 256], expected the shape that was "
                + "announced", assertThrows(IllegalArgumentException.class, () -> ternary.write(path())).getMessage());
        GgufWriter floats = new GgufWriter().floats("y", GgufType.F32, () -> new float[5], 2, 3);
        assertEquals("tensor 'y' F32 [2, 3]: the source gave 5 weights, expected 6",
                assertThrows(IllegalArgumentException.class, () -> floats.write(path())).getMessage());
    }

    // ---------------------------------------------------------------- floats

    @ParameterizedTest
    @CsvSource({"F32, 0", "F16, 4.9e-4", "BF16, 3.91e-3"})
    void floatsToThePrecisionOfTheirType(GgufType type, double relative) throws IOException {
        Random random = new Random(7);
        float[] weights = new float[3 * 7001]; // more than a piece, and not a multiple
        for (int i = 0; i < weights.length; i++) {
            weights[i] = (float) random.nextGaussian();
        }
        weights[5] = Float.NaN;
        weights[6] = Float.NEGATIVE_INFINITY;
        weights[7] = -0f;
        new GgufWriter()
                .floats("whole", type, () -> weights, 3, 7001)
                .floatParts("parts", type, (from, into) -> System.arraycopy(weights, (int) from, into, 0, into.length),
                        3, 7001)
                .floats("scalar", type, () -> new float[] {2})
                .write(path());
        try (GgufFile file = GgufFile.open(path())) {
            float[] read = file.floats("whole");
            assertArrayEquals(read, file.floats("parts"));
            assertArrayEquals(new float[] {2}, file.floats("scalar"));
            assertArrayEquals(new int[0], file.info("scalar").shape());
            assertArrayEquals(new int[] {3, 7001}, file.info("whole").shape());
            for (int i = 0; i < weights.length; i++) {
                double allowed = Math.abs(weights[i]) * relative + (type == GgufType.F16 ? 3e-8 : 0);
                assertTrue(Float.compare(read[i], weights[i]) == 0
                        || Math.abs((double) read[i] - weights[i]) <= allowed, i + ": " + weights[i] + " " + read[i]);
            }
        }
    }

    @Test
    void bfloat16RoundsToNearestEven() throws IOException {
        float[] weights = {Float.intBitsToFloat(0x3f808000), Float.intBitsToFloat(0x3f818000),
            Float.intBitsToFloat(0x3f808001), Float.intBitsToFloat(0x7f800001)};
        new GgufWriter().floats("x", GgufType.BF16, () -> weights, 4).write(path());
        try (GgufFile file = GgufFile.open(path())) {
            float[] read = file.floats("x");
            assertEquals(0x3f800000, Float.floatToRawIntBits(read[0]));
            assertEquals(0x3f820000, Float.floatToRawIntBits(read[1]));
            assertEquals(0x3f810000, Float.floatToRawIntBits(read[2]));
            assertTrue(Float.isNaN(read[3]));
        }
    }

    @ParameterizedTest
    @CsvSource({"F16, 65520", "BF16, 3.4028235e38", "Q8_0, NaN", "Q8_0, Infinity", "Q8_0, 1e7"})
    void weightsBeyondTheRangeAreRefused(GgufType type, float weight) {
        float[] weights = new float[64];
        weights[40] = weight;
        GgufWriter writer = new GgufWriter().floats("x", type, () -> weights, 2, 32);
        String message = assertThrows(IllegalArgumentException.class, () -> writer.write(path())).getMessage();
        assertTrue(message.startsWith("tensor 'x' " + type + " [2, 32]: the weight in row 1, column 8 is " + weight),
                message);
        assertFalse(Files.exists(path()));
    }

    @Test
    void partsOfATensor() throws IOException {
        float[] weights = new float[100];
        for (int i = 0; i < weights.length; i++) {
            weights[i] = i;
        }
        new GgufWriter().floats("x", GgufType.F32, () -> weights, 10, 10).write(path());
        try (GgufFile file = GgufFile.open(path())) {
            float[] row = new float[10];
            file.floats("x", 90, row);
            assertArrayEquals(Arrays.copyOfRange(weights, 90, 100), row);
            file.floats("x", 100, new float[0]);
            for (long from : new long[] {-1, 91, Long.MAX_VALUE, Long.MIN_VALUE}) {
                assertEquals("tensor 'x' F32 [10, 10]: 10 weights from " + from + " on, but it has 100",
                        assertThrows(IndexOutOfBoundsException.class, () -> file.floats("x", from, row)).getMessage());
            }
        }
    }

    // ---------------------------------------------------------------- the writer's own checks

    @Test
    void alignmentOfTheMetadataCounts() throws IOException {
        new GgufWriter()
                .put("general.alignment", GgufValueType.U32, 256)
                .floats("a", GgufType.F32, () -> new float[] {1}, 1)
                .floats("b", GgufType.F32, () -> new float[] {2}, 1)
                .write(path());
        assertEquals(3 * 256, Files.size(path()));
        try (GgufFile file = GgufFile.open(path())) {
            assertEquals(256, file.info("b").offset());
            assertArrayEquals(new float[] {2}, file.floats("b"));
        }
    }

    @Test
    void namesAndShapesAreCheckedWhenAdded() {
        GgufWriter writer = new GgufWriter().floats("x", GgufType.F32, () -> new float[2], 2);
        refused("tensor 'x' F16 [1] was added before", () -> writer.floats("x", GgufType.F16, () -> null, 1));
        refused("tensor 'y': floats cannot be written as Q6_K, expected F32, F16, BF16 or Q8_0",
                () -> writer.floats("y", GgufType.Q6_K, () -> null, 256));
        refused("tensor 'y': type F32 is not ternary, expected TQ1_0, TQ2_0 or I2_S",
                () -> writer.ternary("y", GgufType.F32, 1, 1, () -> null));
        refused("tensor 'y' TQ1_0 [2, 300]: rows of 300 weights, expected a multiple of the 256 in a block of TQ1_0",
                () -> writer.ternary("y", GgufType.TQ1_0, 2, 300, () -> null));
        refused("tensor 'y' I2_S [3, 64]: 192 weights, expected a multiple of the 128 in a block of layout X86",
                () -> writer.ternary("y", GgufType.I2_S, 3, 64, () -> null));
        refused("tensor name '\ud800' holds half a surrogate pair, not valid Unicode",
                () -> writer.floats("\ud800", GgufType.F32, () -> null, 1));
        String name = "n".repeat(64);
        refused("tensor '" + name + "' F32 [1]: a name of 64 bytes, expected at most the 63 that llama.cpp reads",
                () -> writer.floats(name, GgufType.F32, () -> null, 1));
        refused("tensor 'y' F32 [1, 1, 1, 1, 1]: 5 dimensions, expected at most 4",
                () -> writer.floats("y", GgufType.F32, () -> null, 1, 1, 1, 1, 1));
        refused("tensor 'y' F32 [0]: dimension 0, expected at least 1",
                () -> writer.floats("y", GgufType.F32, () -> null, 0));
    }

    private static void refused(String message, Runnable call) {
        assertEquals(message, assertThrows(IllegalArgumentException.class, call::run).getMessage());
    }

    @Test
    void aFailingSourceLeavesTheOldFile() throws IOException {
        Files.writeString(path(), "old");
        GgufWriter writer = new GgufWriter().floats("x", GgufType.F32, () -> {
            throw new IOException("no such luck");
        }, 2);
        assertTrue(assertThrows(IOException.class, () -> writer.write(path())).getMessage().contains("no such luck"));
        assertEquals("old", Files.readString(path()));
    }

    @Test
    void readingAfterCloseIsRefused() throws IOException {
        new GgufWriter().floats("x", GgufType.F32, () -> new float[2], 2).write(path());
        GgufFile file = GgufFile.open(path());
        assertEquals("GgufFile(" + path() + ", version 3, 1 tensors)", file.toString());
        file.close();
        file.close();
        assertEquals(path() + ": closed; read tensors before close()",
                assertThrows(IllegalStateException.class, () -> file.floats("x")).getMessage());
    }
}
