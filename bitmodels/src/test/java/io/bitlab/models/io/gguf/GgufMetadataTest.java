package io.bitlab.models.io.gguf;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Metadata of every type, written and read. */
class GgufMetadataTest {

    private static final BigInteger LARGEST = BigInteger.TWO.pow(64).subtract(BigInteger.ONE);

    @TempDir
    Path folder;

    private Map<String, Object> written(GgufWriter writer) throws IOException {
        Path path = folder.resolve("model.gguf");
        writer.write(path);
        try (GgufFile file = GgufFile.open(path)) {
            return file.metadata();
        }
    }

    @ParameterizedTest
    @CsvSource({"U8, 0, 255", "I8, -128, 127", "U16, 0, 65535", "I16, -32768, 32767", "U32, 0, 4294967295",
        "I32, -2147483648, 2147483647", "U64, 0, 9223372036854775807",
        "I64, -9223372036854775808, 9223372036854775807"})
    void integers(GgufValueType type, long least, long most) throws IOException {
        GgufWriter writer = new GgufWriter()
                .put("least", type, least)
                .put("most", type, most)
                .put("seven", type, (byte) 7)
                .putArray("array", type, List.of(least, 7, (short) 7, most));
        Map<String, Object> read = written(writer);
        assertEquals(least, read.get("least"));
        assertEquals(most, read.get("most"));
        assertEquals(7L, read.get("seven"));
        assertEquals(List.of(least, 7L, 7L, most), read.get("array"));
        refused("metadata 'low': " + BigInteger.valueOf(least).subtract(BigInteger.ONE) + " of BigInteger is no "
                + "value of type " + type,
                () -> writer.put("low", type, BigInteger.valueOf(least).subtract(BigInteger.ONE)));
        BigInteger high = type == GgufValueType.U64 ? LARGEST : BigInteger.valueOf(most);
        refused("metadata 'high': " + high.add(BigInteger.ONE) + " of BigInteger is no value of type " + type,
                () -> writer.put("high", type, high.add(BigInteger.ONE)));
    }

    @Test
    void largeUnsignedIntegersKeepTheirValue() throws IOException {
        Map<String, Object> read = written(new GgufWriter()
                .put("one", GgufValueType.U64, LARGEST)
                .putArray("array", GgufValueType.U64, List.of(1, LARGEST)));
        assertEquals(LARGEST, read.get("one"));
        assertEquals(List.of(1L, LARGEST), read.get("array"));
    }

    @Test
    void otherTypes() throws IOException {
        Map<String, Object> read = written(new GgufWriter()
                .put("f32", GgufValueType.F32, 1e-5)
                .put("f64", GgufValueType.F64, 1e-5f)
                .putArray("floats", GgufValueType.F32, List.of(1f, Float.NaN, -0f))
                .putArray("doubles", GgufValueType.F64, List.of(Math.PI))
                .put("yes", true)
                .putArray("booleans", GgufValueType.BOOL, List.of(true, false))
                .put("text", "\u00e4\ud83d\ude00 \u0000")
                .put("", "\ufffd")
                .putArray("texts", GgufValueType.STRING, List.of("", "b"))
                .putArray("none", GgufValueType.ARRAY, List.of()));
        assertEquals(1e-5f, read.get("f32"));
        assertEquals((double) 1e-5f, read.get("f64"));
        assertEquals(List.of(1f, Float.NaN, -0f), read.get("floats"));
        assertEquals(List.of(Math.PI), read.get("doubles"));
        assertEquals(true, read.get("yes"));
        assertEquals(List.of(true, false), read.get("booleans"));
        assertEquals("\u00e4\ud83d\ude00 \u0000", read.get("text"));
        assertEquals("\ufffd", read.get(""));
        assertEquals(List.of("", "b"), read.get("texts"));
        assertEquals(List.of(), read.get("none"));
        assertEquals("f32", List.copyOf(read.keySet()).getFirst());
    }

    @Test
    void theJavaTypeDecidesWhereNoneIsGiven() throws IOException {
        List<Object> values = List.of("s", true, 1f, 2d, (byte) 3, (short) 4, 5, 6L);
        GgufWriter writer = new GgufWriter();
        values.forEach(value -> writer.put(value.getClass().getSimpleName(), value));
        Map<String, Object> read = written(writer.put("nested", List.of(List.of(1, 2), List.of(3L))));
        assertEquals(List.of("s", true, 1f, 2d, 3L, 4L, 5L, 6L, List.of(List.of(1L, 2L), List.of(3L))),
                List.copyOf(read.values()));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 8})
    void arraysInArrays(int depth) throws IOException {
        Object value = "deep";
        for (int i = 0; i < depth; i++) {
            value = List.of(value);
        }
        assertEquals(value, written(new GgufWriter().put("x", value)).get("x"));
    }

    @Test
    void metadataIsReadOnlyAndOutlivesTheFile() throws IOException {
        Map<String, Object> read = written(new GgufWriter().put("numbers", List.of(1, 2)).put("texts", List.of("a")));
        assertThrows(UnsupportedOperationException.class, () -> read.put("x", 1));
        for (Object value : read.values()) {
            List<?> list = assertInstanceOf(List.class, value);
            assertThrows(UnsupportedOperationException.class, () -> list.set(0, null));
            assertThrows(UnsupportedOperationException.class, list::removeFirst);
            assertThrows(IndexOutOfBoundsException.class, () -> list.get(2));
        }
    }

    @Test
    void copiesKeepTheTypes() throws IOException {
        Path path = folder.resolve("original.gguf");
        new GgufWriter()
                .put("general.alignment", GgufValueType.U32, 64)
                .put("u8", GgufValueType.U8, 1)
                .putArray("i16", GgufValueType.I16, List.of(1, 2))
                .put("nested", List.of(List.of("a"), List.of("b")))
                .write(path);
        Path copy = folder.resolve("copy.gguf");
        GgufFile file = GgufFile.open(path);
        new GgufWriter().put("general.alignment", GgufValueType.U32, 64).putAll(file).write(copy);
        assertArrayEquals(Files.readAllBytes(path), Files.readAllBytes(copy));
        refused("metadata 'u8' was added before", () -> {
            try {
                new GgufWriter().put("u8", 1).putAll(file);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
        file.close();
        assertThrows(IllegalStateException.class, () -> new GgufWriter().putAll(file));
    }

    @Test
    void whatCannotBeWritten() {
        GgufWriter writer = new GgufWriter().put("a", 1);
        refused("metadata 'a' was added before", () -> writer.put("a", 2));
        refused("metadata 'x': an empty list has no element type; give it with putArray",
                () -> writer.put("x", List.of()));
        refused("metadata 'x': a java.lang.Object, expected String, Boolean, a number or a List of these",
                () -> writer.put("x", new Object()));
        refused("metadata 'x': 'text' of String is no value of type I32", () -> writer.put("x", List.of(1, "text")));
        refused("metadata 'x': 1.5 of Double is no value of type U32",
                () -> writer.put("x", GgufValueType.U32, 1.5));
        refused("metadata 'x': 1 of Integer is no value of type F32", () -> writer.put("x", GgufValueType.F32, 1));
        refused("metadata 'x': 1 of Integer is no value of type BOOL", () -> writer.put("x", GgufValueType.BOOL, 1));
        refused("metadata 'x': null of no type is no value of type STRING",
                () -> writer.putArray("x", GgufValueType.STRING, Arrays.asList("a", null)));
        refused("metadata 'x' '\ud800' holds half a surrogate pair, not valid Unicode",
                () -> writer.put("x", "\ud800"));
        refused("metadata key '\udc00' holds half a surrogate pair, not valid Unicode",
                () -> writer.put("\udc00", "x"));
        for (Object alignment : List.of(0, 24, 1 << 21)) {
            refused("metadata 'general.alignment': U32 " + alignment + ", expected U32 and a power of two up to "
                    + "1048576", () -> writer.put("general.alignment", GgufValueType.U32, alignment));
        }
        refused("metadata 'general.alignment': STRING 32, expected U32 and a power of two up to 1048576",
                () -> writer.put("general.alignment", "32"));
    }

    private static void refused(String message, Runnable call) {
        assertEquals(message, assertThrows(IllegalArgumentException.class, call::run).getMessage());
    }
}
