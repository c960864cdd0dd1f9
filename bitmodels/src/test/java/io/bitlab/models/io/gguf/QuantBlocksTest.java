package io.bitlab.models.io.gguf;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bitlab.models.io.ModelFormatException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Blocks of llama.cpp against the formula of each type in double, one weight at a time. */
class QuantBlocksTest {

    @TempDir
    Path folder;

    @ParameterizedTest
    @CsvSource({"Q4_0, 3, 64", "Q8_0, 3, 64", "Q6_K, 3, 512", "Q4_0, 40, 1024", "Q8_0, 40, 1024", "Q6_K, 40, 1024",
        "Q4_1, 3, 64", "Q5_0, 3, 64", "Q5_1, 3, 64", "Q2_K, 3, 512", "Q3_K, 3, 512", "Q4_K, 3, 512", "Q5_K, 3, 512",
        "Q4_1, 40, 1024", "Q5_0, 40, 1024", "Q5_1, 40, 1024", "Q2_K, 40, 1024", "Q3_K, 40, 1024", "Q4_K, 40, 1024",
        "Q5_K, 40, 1024"})
    void randomBlocks(GgufType type, int rows, int columns) throws IOException {
        long seed = type.id() * 1000L + rows;
        byte[] data = RawGguf.randomBlocks(type, rows * columns, new Random(seed));
        float[] expected = new float[rows * columns];
        for (int i = 0; i < expected.length; i++) {
            int block = i / type.blockSize() * type.blockBytes();
            expected[i] = (float) weight(type, data, block, i % type.blockSize());
        }
        try (GgufFile file = GgufFile.open(GgufSamples.file(folder, type, data, columns, rows))) {
            assertArrayEquals(expected, file.floats("x"), "seed " + seed);
            float[] part = new float[columns];
            file.floats("x", columns + 5, part);
            for (int i = 0; i < columns; i++) {
                assertEquals(expected[columns + 5 + i], part[i], "seed " + seed + ", weight " + i);
            }
        }
    }

    /** All of these are exact in double: an F16 number has 11 bits, a part's scale up to 8, a code up to 6. */
    private static double weight(GgufType type, byte[] b, int block, int e) {
        return switch (type) {
            case Q4_0 -> (nibble(b, block + 2, e) - 8) * half(b, block);
            case Q4_1 -> nibble(b, block + 4, e) * half(b, block) + half(b, block + 2);
            case Q5_0 -> (nibble(b, block + 6, e) + 16 * bit(b, block + 2, e) - 16) * half(b, block);
            case Q5_1 -> (nibble(b, block + 8, e) + 16 * bit(b, block + 4, e)) * half(b, block) + half(b, block + 2);
            case Q8_0 -> b[block + 2 + e] * half(b, block);
            case Q2_K -> {
                int part = Byte.toUnsignedInt(b[block + e / 16]);
                yield half(b, block + 80) * (part % 16) * quarter(b, block + 16, e)
                        - half(b, block + 82) * (part >> 4);
            }
            case Q3_K -> q3(b, block, e);
            case Q4_K -> half(b, block) * partScale(b, block + 4, e / 32) * nibbleOf64(b, block + 16, e)
                    - half(b, block + 2) * partMinimum(b, block + 4, e / 32);
            case Q5_K -> half(b, block) * partScale(b, block + 4, e / 32)
                    * (nibbleOf64(b, block + 48, e) + 16 * bit(b, block + 16, e % 32 * 8 + e / 32))
                    - half(b, block + 2) * partMinimum(b, block + 4, e / 32);
            case Q6_K -> q6(b, block, e);
            default -> throw new IllegalArgumentException(type.name());
        };
    }

    /** Of 16 bytes with 32 codes of four bits. */
    private static int nibble(byte[] b, int at, int e) {
        int q = Byte.toUnsignedInt(b[at + e % 16]);
        return e < 16 ? q % 16 : q / 16;
    }

    /** Of 128 bytes with 256 codes of four bits, each 32 bytes for 64 codes. */
    private static int nibbleOf64(byte[] b, int at, int e) {
        int q = Byte.toUnsignedInt(b[at + e / 64 * 32 + e % 32]);
        return e % 64 < 32 ? q % 16 : q / 16;
    }

    /** Of 64 bytes with 256 codes of two bits, each 32 bytes for 128 codes. */
    private static int quarter(byte[] b, int at, int e) {
        int q = Byte.toUnsignedInt(b[at + e / 128 * 32 + e % 32]);
        return switch (e % 128 / 32) {
            case 0 -> q % 4;
            case 1 -> q / 4 % 4;
            case 2 -> q / 16 % 4;
            default -> q / 64;
        };
    }

    private static int bit(byte[] b, int at, int i) {
        return Byte.toUnsignedInt(b[at + i / 8]) / (1 << i % 8) % 2;
    }

    /** The cases of get_scale_min_k4, by name. */
    private static int partScale(byte[] b, int scales, int j) {
        int q = Byte.toUnsignedInt(b[scales + j + (j < 4 ? 0 : 4)]);
        return j < 4 ? q % 64 : q % 16 + 16 * (Byte.toUnsignedInt(b[scales + j - 4]) / 64);
    }

    private static int partMinimum(byte[] b, int scales, int j) {
        int q = Byte.toUnsignedInt(b[scales + j + 4]);
        return j < 4 ? q % 64 : q / 16 + 16 * (Byte.toUnsignedInt(b[scales + j]) / 64);
    }

    /** As dequantize_row_q3_K, with the scales put together as 16 numbers. */
    private static double q3(byte[] b, int block, int e) {
        int[] scales = new int[16];
        for (int i = 0; i < 4; i++) {
            int first = Byte.toUnsignedInt(b[block + 96 + i]);
            int second = Byte.toUnsignedInt(b[block + 100 + i]);
            int high = Byte.toUnsignedInt(b[block + 104 + i]);
            scales[i] = first % 16 + 16 * (high % 4);
            scales[4 + i] = second % 16 + 16 * (high / 4 % 4);
            scales[8 + i] = first / 16 + 16 * (high / 16 % 4);
            scales[12 + i] = second / 16 + 16 * (high / 64);
        }
        int third = bit(b, block, e % 32 * 8 + e / 32);
        return half(b, block + 108) * (scales[e / 16] - 32) * (quarter(b, block + 32, e) - (third == 1 ? 0 : 4));
    }

    /** The four cases of dequantize_row_q6_K, by name. */
    private static double q6(byte[] b, int block, int e) {
        int n = e / 128;
        int l = e % 32;
        int ql = block + 64 * n;
        int qh = Byte.toUnsignedInt(b[block + 128 + 32 * n + l]);
        int sc = block + 192 + 8 * n;
        int is = l / 16;
        double d = half(b, block + 208);
        int first = Byte.toUnsignedInt(b[ql + l]);
        int second = Byte.toUnsignedInt(b[ql + l + 32]);
        return switch (e % 128 / 32) {
            case 0 -> d * b[sc + is] * ((first % 16 + 16 * (qh % 4)) - 32);
            case 1 -> d * b[sc + is + 2] * ((second % 16 + 16 * (qh / 4 % 4)) - 32);
            case 2 -> d * b[sc + is + 4] * ((first / 16 + 16 * (qh / 16 % 4)) - 32);
            default -> d * b[sc + is + 6] * ((second / 16 + 16 * (qh / 64)) - 32);
        };
    }

    private static double half(byte[] b, int at) {
        return Float.float16ToFloat((short) (Byte.toUnsignedInt(b[at]) + 256 * b[at + 1]));
    }

    /** Numbers worked out on paper; the bits of parts above the third are split between two bytes. */
    @Test
    void aSuperBlockThatWasWrittenByHand() throws IOException {
        byte[] q4 = new byte[144];
        q4[1] = 0x3c; // scale 1
        q4[3] = 0x38; // minimum 0.5
        q4[4 + 8 + 1] = (byte) 0b0010_0101; // part 5: the lower bits of its minimum, 2, and of its scale, 5
        q4[4 + 1] = (byte) 0b1000_0000; // the upper two of its scale: 2, so 37
        q4[4 + 5] = (byte) 0b1100_0000; // and of its minimum: 3, so 50
        q4[16 + 64 + 7] = (byte) 0xb4; // code 4 of weight 135, code 11 of weight 167
        float[] weights = new float[256];
        Arrays.fill(weights, 160, 192, -25f); // part 5: minus 50 times 0.5
        weights[167] = 11 * 37 - 25;
        byte[] q5 = new byte[176];
        System.arraycopy(q4, 0, q5, 0, 16);
        System.arraycopy(q4, 16, q5, 48, 128);
        q5[16 + 7] = 1 << 5; // the fifth bit of weight 167
        for (GgufType type : List.of(GgufType.Q4_K, GgufType.Q5_K)) {
            weights[167] = (type == GgufType.Q4_K ? 11 : 27) * 37 - 25;
            try (GgufFile file = GgufFile.open(
                    GgufSamples.file(folder, type, type == GgufType.Q4_K ? q4 : q5, 256))) {
                assertArrayEquals(weights, file.floats("x"), type.name());
            }
        }
    }

    static Stream<Arguments> halves() {
        return Stream.of(GgufType.values()).filter(type -> !type.isFloat() && type != GgufType.I2_S)
                .flatMap(type -> Arrays.stream(RawGguf.halves(type)).mapToObj(at -> Arguments.of(type, at)));
    }

    @ParameterizedTest
    @MethodSource("halves")
    void scalesThatAreNotFiniteAreRefused(GgufType type, int half) throws IOException {
        byte[] data = new byte[2 * type.blockBytes()];
        data[type.blockBytes() + half + 1] = 0x7c; // F16 infinity
        Path path = GgufSamples.file(folder, type, data, type.blockSize(), 2);
        try (GgufFile file = GgufFile.open(path)) {
            Exception e = assertThrows(ModelFormatException.class, () -> file.floats("x"));
            assertEquals(path + ": tensor 'x' " + type + " [2, " + type.blockSize() + "]: the scale of the block at "
                    + "row 1, column 0 is Infinity, expected a finite number", e.getMessage());
            if (type.isTernary()) {
                assertEquals(e.getMessage(), assertThrows(ModelFormatException.class, () -> file.ternary("x"))
                        .getMessage());
            }
        }
    }

    @Test
    void q8IsTheNearestOfItsSteps() throws IOException {
        Random random = new Random(8);
        float[] weights = new float[4 * 96];
        for (int i = 32; i < weights.length; i++) {
            weights[i] = (float) random.nextGaussian() / 10; // the first block is zeros
        }
        Path path = folder.resolve("q8.gguf");
        new GgufWriter().floats("x", GgufType.Q8_0, () -> weights, 4, 96).write(path);
        try (GgufFile file = GgufFile.open(path)) {
            float[] read = file.floats("x");
            for (int i = 0; i < weights.length; i += 32) {
                float largest = 0;
                for (int j = i; j < i + 32; j++) {
                    largest = Math.max(largest, Math.abs(weights[j]));
                }
                for (int j = i; j < i + 32; j++) {
                    // half a step, and what rounding the scale to F16 adds
                    assertTrue(Math.abs(read[j] - weights[j]) <= largest / 127 * 0.5 + largest / 2048, "weight " + j);
                }
            }
        }
    }
}
