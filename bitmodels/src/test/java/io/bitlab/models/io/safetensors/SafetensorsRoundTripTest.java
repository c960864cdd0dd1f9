package io.bitlab.models.io.safetensors;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bitlab.models.io.ModelFormatException;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class SafetensorsRoundTripTest {

    /** Scalars, empty ones, primes, and counts around the 64 KiB in which arrays are written. */
    private static final int[][] SHAPES = {
        {}, {0}, {1}, {3, 0, 5}, {7}, {2, 3}, {1, 1, 1, 1}, {13, 17, 3}, {16383}, {16384}, {16385}, {8191, 9}
    };

    @TempDir
    Path folder;

    @ParameterizedTest
    @EnumSource(DType.class)
    void everyTypeKeepsItsBytes(DType dtype) throws IOException {
        long seed = 41L + dtype.ordinal();
        Random random = new Random(seed);
        SafetensorsWriter writer = new SafetensorsWriter();
        List<byte[]> written = new ArrayList<>();
        for (int i = 0; i < SHAPES.length; i++) {
            byte[] bytes = new byte[elements(SHAPES[i]) * dtype.byteSize()];
            random.nextBytes(bytes);
            written.add(bytes);
            writer.bytes("tensor." + i, dtype, bytes, SHAPES[i]);
        }
        Path path = folder.resolve("model.safetensors");
        writer.write(path);
        try (SafetensorsFile file = SafetensorsFile.open(path)) {
            for (int i = 0; i < SHAPES.length; i++) {
                String name = "tensor." + i;
                String replay = "seed " + seed + ", " + file.info(name);
                assertEquals(dtype, file.info(name).dtype(), replay);
                assertArrayEquals(SHAPES[i], file.info(name).shape(), replay);
                assertEquals(elements(SHAPES[i]), file.info(name).elements(), replay);
                byte[] read = file.segment(name).toArray(ValueLayout.JAVA_BYTE);
                assertArrayEquals(written.get(i), read, replay);
                CRC32C checksum = new CRC32C();
                checksum.update(written.get(i));
                assertEquals(checksum.getValue(), file.crc32c(name), replay);
                assertEquals(checksum.getValue(), writer.crc32c(name), replay);
                assertEquals(elements(SHAPES[i]), file.floats(name).length, replay);
                if (dtype.byteSize() == 1) {
                    assertArrayEquals(written.get(i), file.bytes(name), replay);
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void floatsAndLongsKeepTheirBits(long seed) throws IOException {
        Random random = new Random(seed);
        SafetensorsWriter writer = new SafetensorsWriter();
        List<int[]> floats = new ArrayList<>();
        List<long[]> longs = new ArrayList<>();
        for (int i = 0; i < SHAPES.length; i++) {
            // any bits: NaN payloads, subnormals and infinities among them
            floats.add(random.ints(elements(SHAPES[i])).toArray());
            longs.add(random.longs(elements(SHAPES[i])).toArray());
            float[] values = new float[floats.get(i).length];
            for (int j = 0; j < values.length; j++) {
                values[j] = Float.intBitsToFloat(floats.get(i)[j]);
            }
            writer.floats("f" + i, values, SHAPES[i]).longs("l" + i, longs.get(i), SHAPES[i]);
        }
        Path path = folder.resolve("model.safetensors");
        writer.write(path);
        try (SafetensorsFile file = SafetensorsFile.open(path)) {
            for (int i = 0; i < SHAPES.length; i++) {
                String replay = "seed " + seed + ", shape " + Arrays.toString(SHAPES[i]);
                int[] bits = new int[floats.get(i).length];
                float[] values = file.floats("f" + i);
                for (int j = 0; j < values.length; j++) {
                    bits[j] = Float.floatToRawIntBits(values[j]);
                }
                assertArrayEquals(floats.get(i), bits, replay);
                assertArrayEquals(longs.get(i), file.longs("l" + i), replay);
                assertEquals(writer.crc32c("f" + i), file.crc32c("f" + i), replay);
                assertEquals(writer.crc32c("l" + i), file.crc32c("l" + i), replay);
            }
        }
    }

    @Test
    void keepsOrderAlignsDataAndRepeatsItself() throws IOException {
        Path path = folder.resolve("model.safetensors");
        for (Path target : List.of(path, folder.resolve("again.safetensors"))) {
            new SafetensorsWriter()
                    .metadata("zebra", "first")
                    .bytes("u8", DType.U8, new byte[] {1, 2, 3}, 3)
                    .floats("f32", new float[] {1, 2, 3}, 3)
                    .bytes("bf16", DType.BF16, new byte[] {0, 0}, 1)
                    .longs("i64", new long[] {-5}, 1)
                    .metadata("apple", "{\"quoted\": \"\u00e4\u6f22\ud83d\ude00\\\"}")
                    .write(target);
        }
        byte[] bytes = Files.readAllBytes(path);
        assertArrayEquals(bytes, Files.readAllBytes(folder.resolve("again.safetensors")));
        long headerLength = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getLong();
        assertEquals(0, headerLength % 8, "header length " + headerLength);
        try (SafetensorsFile file = SafetensorsFile.open(path)) {
            assertEquals(List.of("u8", "f32", "bf16", "i64"), file.names());
            assertEquals(List.of("zebra", "apple"), List.copyOf(file.metadata().keySet()));
            assertEquals("{\"quoted\": \"\u00e4\u6f22\ud83d\ude00\\\"}", file.metadata().get("apple"));
            for (String name : file.names()) {
                TensorInfo info = file.info(name);
                assertEquals(0, info.begin() % info.dtype().byteSize(), "alignment of " + info);
            }
        }
    }

    @Test
    void packageTutorialRuns() throws IOException {
        Path path = folder.resolve("model.safetensors");
        byte[] packed = new byte[2 * 52];
        Arrays.fill(packed, (byte) 121);
        SafetensorsWriter writer = new SafetensorsWriter()
                .floats("fc.bias", new float[] {0.5f, -1f}, 2)
                .bytes("fc.weight", DType.U8, packed, 2, 52)
                .metadata("format", "example");
        writer.metadata("crc32c.fc.weight", Long.toString(writer.crc32c("fc.weight")));
        writer.write(path);
        try (SafetensorsFile file = SafetensorsFile.open(path)) {
            assertEquals("'fc.bias' F32 [2]", file.info("fc.bias").toString());
            assertArrayEquals(new float[] {0.5f, -1f}, file.floats("fc.bias"));
            assertArrayEquals(packed, file.bytes("fc.weight"));
            assertEquals(
                    Map.of("format", "example", "crc32c.fc.weight", Long.toString(file.crc32c("fc.weight"))),
                    file.metadata());
        }
    }

    @Test
    void readerNamesWhatItCannotGive() throws IOException {
        Path path = folder.resolve("model.safetensors");
        new SafetensorsWriter().floats("w", new float[6], 2, 3).write(path);
        SafetensorsFile file = SafetensorsFile.open(path);
        assertTrue(file.contains("w"));
        assertFalse(file.contains("v"));
        assertEquals(path, file.path());
        assertEquals("SafetensorsFile(" + path + ", 1 tensors)", file.toString());
        ModelFormatException missing = assertThrows(ModelFormatException.class, () -> file.floats("v"));
        assertEquals(path + ": there is no tensor 'v' among the 1 of this file", missing.getMessage());
        ModelFormatException bytes = assertThrows(ModelFormatException.class, () -> file.bytes("w"));
        assertEquals(path + ": tensor 'w' F32 [2, 3]: expected U8, I8 or BOOL", bytes.getMessage());
        ModelFormatException longs = assertThrows(ModelFormatException.class, () -> file.longs("w"));
        assertEquals(path + ": tensor 'w' F32 [2, 3]: expected I8, U8, I16, I32, I64 or BOOL", longs.getMessage());
        assertThrows(UnsupportedOperationException.class, () -> file.metadata().put("a", "b"));
        assertTrue(file.segment("w").isReadOnly());
        file.close();
        file.close();
        IllegalStateException closed = assertThrows(IllegalStateException.class, () -> file.floats("w"));
        assertEquals(path + ": closed; read tensors before close()", closed.getMessage());
    }

    @Test
    void writerRefusesWhatNoReaderTakes() {
        SafetensorsWriter writer = new SafetensorsWriter().floats("w", new float[6], 2, 3).metadata("k", "v");
        assertRefused("tensor 'w' was added before", () -> writer.floats("w", new float[1], 1));
        assertRefused("tensor name '__metadata__' is reserved", () -> writer.floats("__metadata__", new float[1], 1));
        assertRefused("metadata 'k' was added before", () -> writer.metadata("k", "w"));
        assertRefused("shape [2, 2] needs 4 elements, got 6", () -> writer.floats("a", new float[6], 2, 2));
        assertRefused("shape [] needs 1 elements, got 6", () -> writer.longs("a", new long[6]));
        assertRefused("dimension -2 is negative", () -> writer.floats("a", new float[6], -2, -3));
        assertRefused(
                "need more bytes than a file can have",
                () -> writer.floats("a", new float[0], Integer.MAX_VALUE, Integer.MAX_VALUE, 2));
        assertRefused("65 dimensions, expected at most 64", () -> writer.floats("a", new float[0], new int[65]));
        assertRefused("3 bytes are no whole number of F16", () -> writer.bytes("a", DType.F16, new byte[3], 1));
        assertRefused("tensor name 'a\ud800' holds half a surrogate", () -> writer.floats("a\ud800", new float[1], 1));
        assertRefused("metadata value '\udc00' holds half", () -> writer.metadata("a", "\udc00"));
        assertRefused("tensor 'a' was not added", () -> writer.crc32c("a"));
    }

    @Test
    void writerRefusesHeaderOver100MB() throws IOException {
        Path path = folder.resolve("model.safetensors");
        SafetensorsWriter writer = new SafetensorsWriter().metadata("long", "x".repeat(100_000_000));
        IllegalStateException e = assertThrows(IllegalStateException.class, () -> writer.write(path));
        assertTrue(e.getMessage().contains("expected at most 100000000"), e.getMessage());
        assertFalse(Files.exists(path));
    }

    private static void assertRefused(String problem, Executable call) {
        IllegalArgumentException e = assertThrows(IllegalArgumentException.class, call);
        assertTrue(e.getMessage().contains(problem), () -> "expected '" + problem + "' in: " + e.getMessage());
    }

    private static int elements(int[] shape) {
        return Arrays.stream(shape).reduce(1, Math::multiplyExact);
    }

    @Test
    void contentMadeWhenWrittenMustHaveTheAnnouncedLength(@TempDir Path other) throws IOException {
        Path file = other.resolve("content.safetensors");
        new SafetensorsWriter().content("a", DType.U8, out -> {
            out.write(7);
            out.write(new byte[] {1, 2, 3}, 1, 2);
        }, 3).write(file);
        try (SafetensorsFile read = SafetensorsFile.open(file)) {
            assertArrayEquals(new byte[] {7, 2, 3}, read.bytes("a"));
        }
        SafetensorsWriter wrong = new SafetensorsWriter().content("a", DType.F32, out -> out.write(new byte[3]), 1);
        IllegalArgumentException e = assertThrows(IllegalArgumentException.class, () -> wrong.write(file));
        assertTrue(e.getMessage().contains("tensor 'a': its content is 3 bytes, expected the 4 of F32 [1]"),
                e.getMessage());
    }
}
