package io.bitlab.models.io.gguf;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bitlab.models.io.ModelFormatException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Blocks of llama.cpp against a transcription of its own loops, one weight at a time. */
class QuantBlocksTest {

    @TempDir
    Path folder;

    @ParameterizedTest
    @CsvSource({"Q4_0, 3, 64", "Q8_0, 3, 64", "Q6_K, 3, 512", "Q4_0, 40, 1024", "Q8_0, 40, 1024", "Q6_K, 40, 1024"})
    void randomBlocks(GgufType type, int rows, int columns) throws IOException {
        long seed = type.id() * 1000L + rows;
        byte[] data = randomBlocks(type, rows * columns, new Random(seed));
        float[] expected = new float[rows * columns];
        for (int i = 0; i < expected.length; i++) {
            int block = i / type.blockSize() * type.blockBytes();
            expected[i] = weight(type, data, block, i % type.blockSize());
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

    private static byte[] randomBlocks(GgufType type, int weights, Random random) {
        byte[] data = new byte[weights / type.blockSize() * type.blockBytes()];
        random.nextBytes(data);
        int scale = type == GgufType.Q6_K ? 208 : 0;
        for (int at = scale; at < data.length; at += type.blockBytes()) {
            short half = Float.floatToFloat16(random.nextFloat() - 0.5f);
            data[at] = (byte) half;
            data[at + 1] = (byte) (half >> 8);
        }
        return data;
    }

    private static float weight(GgufType type, byte[] b, int block, int e) {
        return switch (type) {
            case Q4_0 -> {
                int q = Byte.toUnsignedInt(b[block + 2 + e % 16]);
                yield ((e < 16 ? q % 16 : q / 16) - 8) * half(b, block);
            }
            case Q8_0 -> b[block + 2 + e] * half(b, block);
            case Q6_K -> q6(b, block, e);
            default -> throw new IllegalArgumentException(type.name());
        };
    }

    /** The four cases of dequantize_row_q6_K, by name. */
    private static float q6(byte[] b, int block, int e) {
        int n = e / 128;
        int l = e % 32;
        int ql = block + 64 * n;
        int qh = Byte.toUnsignedInt(b[block + 128 + 32 * n + l]);
        int sc = block + 192 + 8 * n;
        int is = l / 16;
        float d = half(b, block + 208);
        int first = Byte.toUnsignedInt(b[ql + l]);
        int second = Byte.toUnsignedInt(b[ql + l + 32]);
        return switch (e % 128 / 32) {
            case 0 -> d * b[sc + is] * ((first % 16 + 16 * (qh % 4)) - 32);
            case 1 -> d * b[sc + is + 2] * ((second % 16 + 16 * (qh / 4 % 4)) - 32);
            case 2 -> d * b[sc + is + 4] * ((first / 16 + 16 * (qh / 16 % 4)) - 32);
            default -> d * b[sc + is + 6] * ((second / 16 + 16 * (qh / 64)) - 32);
        };
    }

    private static float half(byte[] b, int at) {
        return Float.float16ToFloat((short) (Byte.toUnsignedInt(b[at]) + 256 * b[at + 1]));
    }

    @ParameterizedTest
    @EnumSource(value = GgufType.class, names = {"Q4_0", "Q8_0", "Q6_K", "TQ1_0", "TQ2_0"})
    void scalesThatAreNotFiniteAreRefused(GgufType type) throws IOException {
        byte[] data = new byte[2 * type.blockBytes()];
        int scale = type == GgufType.Q4_0 || type == GgufType.Q8_0 ? type.blockBytes() : data.length - 2;
        data[scale + 1] = 0x7c; // F16 infinity
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
