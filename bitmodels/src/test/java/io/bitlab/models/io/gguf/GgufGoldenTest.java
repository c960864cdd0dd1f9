package io.bitlab.models.io.gguf;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.bitlab.core.quant.TernaryMatrix;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Files that the quantisers of llama.cpp and bitnet.cpp made are read exactly, and written to the same bytes. */
class GgufGoldenTest {

    @TempDir
    Path folder;

    private static Path golden(String name) {
        try {
            return Path.of(GgufGoldenTest.class.getResource("/golden/" + name).toURI());
        } catch (URISyntaxException e) {
            throw new AssertionError(e);
        }
    }

    private static float[] expected(GgufType type, String tensor) throws IOException {
        byte[] bytes = Files.readAllBytes(golden("expect_" + type + "_" + tensor + ".f32.bin"));
        float[] floats = new float[bytes.length / Float.BYTES];
        ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(floats);
        return floats;
    }

    @ParameterizedTest
    @CsvSource({"TQ1_0, a", "TQ1_0, b", "TQ2_0, a", "TQ2_0, b", "I2_S, a", "I2_S, b"})
    void weightsAreExactlyThoseOfTheReference(GgufType type, String letter) throws IOException {
        String name = letter + ".weight";
        float[] expected = expected(type, name);
        try (GgufFile file = GgufFile.open(golden("tiny_" + type + ".gguf"))) {
            assertEquals(new GgufTensor(name, type, new int[] {8, 512}, file.info(name).offset()), file.info(name));
            assertArrayEquals(expected, file.floats(name));
            assertArrayEquals(expected, file.ternary(name).dequantize());
            float[] part = new float[1000];
            file.floats(name, 777, part);
            for (int i = 0; i < part.length; i++) {
                assertEquals(expected[777 + i], part[i], "weight " + (777 + i));
            }
        }
    }

    @ParameterizedTest
    @EnumSource(value = GgufType.class, names = {"TQ1_0", "TQ2_0"})
    void scalesAreOneWhereBlocksAgreeAndBlocksElse(GgufType type) throws IOException {
        try (GgufFile file = GgufFile.open(golden("tiny_" + type + ".gguf"))) {
            assertArrayEquals(new float[] {0.75f}, file.ternary("a.weight").scales());
            TernaryMatrix b = file.ternary("b.weight");
            assertEquals(256, b.blockColumns());
            assertEquals(16, b.scales().length);
            assertEquals(0, b.scale(3, 0)); // a row of zeros
            assertEquals(0.16003418f, b.scale(7, 1));
        }
    }

    @ParameterizedTest
    @EnumSource(value = GgufType.class, names = {"TQ1_0", "TQ2_0", "I2_S"})
    void theWriterMakesTheSameFile(GgufType type) throws IOException {
        Path original = golden("tiny_" + type + ".gguf");
        Path copy = folder.resolve("copy.gguf");
        try (GgufFile file = GgufFile.open(original)) {
            GgufWriter writer = new GgufWriter();
            file.metadata().forEach((key, value) -> {
                if (value instanceof Long number) {
                    writer.put(key, GgufValueType.U32, number);
                } else {
                    writer.put(key, value);
                }
            });
            for (String name : file.names()) {
                writer.ternary(name, type, 8, 512, () -> file.ternary(name));
            }
            assertEquals(0, writer.write(copy));
        }
        assertArrayEquals(Files.readAllBytes(original), Files.readAllBytes(copy));
    }

    @Test
    void metadataOfBitnetCpp() throws IOException {
        try (GgufFile file = GgufFile.open(golden("tiny_I2_S.gguf"))) {
            assertEquals(3, file.version());
            assertEquals(List.of("a.weight", "b.weight", "c.weight"), file.names());
            assertEquals(
                    List.of("general.architecture", "general.name", "general.file_type", "general.alignment"),
                    List.copyOf(file.metadata().keySet()));
            assertEquals(List.of("bitnet-b1.58", "tiny-I2_S", 40L, 32L), List.copyOf(file.metadata().values()));
        }
    }
}
