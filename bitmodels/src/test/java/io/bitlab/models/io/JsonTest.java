package io.bitlab.models.io;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class JsonTest {

    @TempDir
    Path folder;

    @Test
    void parsesEveryKindInOrder() throws ModelFormatException {
        Map<String, Object> object = Json.parse(
                " {\"z\": 1, \"a\": [2147483648, 1.5, 1e3, true, null, \"\\u00e4\"], \"m\": {\"x\": {}},"
                        + " \"big\": 99999999999999999999} \n",
                "test");
        Map<String, Object> expected = new LinkedHashMap<>();
        expected.put("z", 1);
        expected.put("a", Arrays.asList(2147483648L, 1.5, 1000.0, true, null, "\u00e4"));
        expected.put("m", Map.of("x", Map.of()));
        expected.put("big", new BigInteger("99999999999999999999"));
        assertEquals(expected, object);
        assertEquals(List.of("z", "a", "m", "big"), List.copyOf(object.keySet()));
    }

    static Stream<Arguments> wrong() {
        return Stream.of(
                arguments("", "expected a JSON object, which begins with '{'"),
                arguments("[1]", "expected a JSON object, which begins with '{'"),
                arguments("null", "expected a JSON object, which begins with '{'"),
                arguments("{", "not valid JSON at line 1, column"),
                arguments("{\n\"a\": 1,\n}", "not valid JSON at line 3, column"),
                arguments("{'a': 1}", "not valid JSON at line 1, column"),
                arguments("{\"a\": 01}", "not valid JSON at line 1, column"),
                arguments("{\"a\": NaN}", "not valid JSON at line 1, column"),
                arguments("{\"a\": 1} // why", "not valid JSON at line 1, column"),
                arguments("{\"a\": 1, \"a\": 1}", "Duplicate Object property \"a\""),
                arguments("{\"b\": {\"a\": 1, \"a\": 2}}", "Duplicate Object property \"a\""),
                arguments("{\"a\": 1} {}", "text follows after the end of the JSON object, at line 1, column 10"),
                arguments("{\"a\": 1e400}", "JSON member 'a' is Infinity, expected a number that a finite"),
                arguments("{\"a\": " + "[".repeat(64) + "]".repeat(64) + "}", "nesting depth"),
                arguments("{\"a\": " + "[".repeat(1_000_000), "nesting depth"),
                arguments("{\"a\":".repeat(100_000), "nesting depth"));
    }

    @ParameterizedTest
    @MethodSource("wrong")
    void refuses(String text, String problem) {
        ModelFormatException e = assertThrows(ModelFormatException.class, () -> Json.parse(text, "config.json"));
        assertTrue(e.getMessage().startsWith("config.json: "), e.getMessage());
        assertTrue(e.getMessage().contains(problem), () -> "expected '" + problem + "' in: " + e.getMessage());
    }

    @Test
    void allowsTheDepthThatIsDocumented() throws ModelFormatException {
        String text = "{\"a\":" + "[".repeat(Json.MAX_DEPTH - 1) + "]".repeat(Json.MAX_DEPTH - 1) + "}";
        Map<String, Object> object = Json.parse(text, "test");
        assertEquals(text, Json.compact(object));
        assertUnwritable("nests deeper than 64 levels", Map.of("b", object));
    }

    @Test
    void writesInTheOrderOfTheMap() throws ModelFormatException {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("model_type", "bit_mlp");
        object.put("sizes", List.of(64, 32));
        object.put("dropout", 0.1f);
        object.put("eps", 1e-5);
        object.put("quantization_config", new LinkedHashMap<>(Map.of("bias", true)));
        object.put("nothing", null);
        object.put("none", List.of());
        assertEquals(
                """
                {
                  "model_type": "bit_mlp",
                  "sizes": [
                    64,
                    32
                  ],
                  "dropout": 0.1,
                  "eps": 1.0E-5,
                  "quantization_config": {
                    "bias": true
                  },
                  "nothing": null,
                  "none": []
                }
                """,
                Json.pretty(object));
        assertEquals(
                "{\"model_type\":\"bit_mlp\",\"sizes\":[64,32],\"dropout\":0.1,\"eps\":1.0E-5,"
                        + "\"quantization_config\":{\"bias\":true},\"nothing\":null,\"none\":[]}",
                Json.compact(object));
        assertEquals(Json.parse(Json.pretty(object), "pretty"), Json.parse(Json.compact(object), "compact"));
    }

    @Test
    void refusesToWriteWhatJsonHasNot() {
        assertUnwritable("JSON member 'x' is NaN, expected a number", Map.of("x", Double.NaN));
        assertUnwritable("JSON member 'x' is Infinity, expected", Map.of("x", Float.POSITIVE_INFINITY));
        assertUnwritable("JSON element of member 'x' is a java.util.Optional", Map.of("x", List.of(Optional.empty())));
        assertUnwritable("JSON member 'x' has the key 3, expected a string", Map.of("x", Map.of(3, 4)));
        List<Object> cycle = new ArrayList<>();
        cycle.add(cycle);
        assertUnwritable("nests deeper than 64 levels", Map.of("x", cycle));
    }

    private static void assertUnwritable(String problem, Map<String, ?> object) {
        for (boolean pretty : new boolean[] {true, false}) {
            IllegalArgumentException e = assertThrows(
                    IllegalArgumentException.class, () -> write(object, pretty), problem);
            assertTrue(e.getMessage().contains(problem), () -> "expected '" + problem + "' in: " + e.getMessage());
        }
    }

    private static String write(Map<String, ?> object, boolean pretty) {
        return pretty ? Json.pretty(object) : Json.compact(object);
    }

    @Test
    void readsFiles() throws IOException {
        Path file = folder.resolve("config.json");
        AtomicFile.replace(file, Json.pretty(Map.of("name", "\u00e4\ud83d\ude00")));
        assertEquals(Map.of("name", "\u00e4\ud83d\ude00"), Json.read(file));
        Files.write(file, new byte[] {'{', '"', (byte) 0xE4, '"', ':', '1', '}'});
        ModelFormatException e = assertThrows(ModelFormatException.class, () -> Json.read(file));
        assertEquals(file + ": the text is not UTF-8", e.getMessage());
        Files.writeString(file, "{\"a\" 1}");
        ModelFormatException f = assertThrows(ModelFormatException.class, () -> Json.read(file));
        assertTrue(f.getMessage().startsWith(file + ": not valid JSON at line 1, column "), f.getMessage());
    }
}
