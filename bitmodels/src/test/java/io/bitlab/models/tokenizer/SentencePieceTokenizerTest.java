package io.bitlab.models.tokenizer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.bitlab.models.io.Json;
import io.bitlab.models.io.ModelFormatException;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class SentencePieceTokenizerTest {

    private static final String REST = "\"added_tokens\": [{\"id\": 5, \"content\": \"<s>\", \"special\": true}],"
            + " \"model\": {\"type\": \"BPE\", \"byte_fallback\": true, \"unk_token\": \"<unk>\","
            + " \"vocab\": {\"<unk>\": 0, \"a\": 1, \"\u2581\": 2, \"\u2581a\": 3, \"<0x42>\": 4},"
            + " \"merges\": [\"\u2581 a\"]}";

    private static Tokenizer read(String spaces) throws ModelFormatException {
        return Tokenizers.of(Json.parse("{" + spaces + ", " + REST + "}", "test"), "test");
    }

    private static String metaspace(String more) {
        return "\"pre_tokenizer\": {\"type\": \"Metaspace\", \"replacement\": \"\u2581\", " + more + "}";
    }

    private static String normalizer(String... steps) {
        return "\"normalizer\": {\"type\": \"Sequence\", \"normalizers\": [" + String.join(",", steps) + "]}";
    }

    static Stream<Arguments> spaces() {
        String replace = "{\"type\": \"Replace\", \"pattern\": {\"String\": \" \"}, \"content\": \"\u2581\"}";
        String prepend = "{\"type\": \"Prepend\", \"prepend\": \"\u2581\"}";
        return Stream.of(
                arguments(normalizer(prepend, replace), new int[] {3, 1, 3, 5, 3}),
                arguments(normalizer(replace), new int[] {1, 1, 3, 5, 1}),
                arguments("\"normalizer\": " + replace, new int[] {1, 1, 3, 5, 1}),
                arguments(metaspace("\"prepend_scheme\": \"always\", \"split\": false"), new int[] {3, 1, 3, 5, 3}),
                arguments(metaspace("\"prepend_scheme\": \"first\", \"split\": false"), new int[] {3, 1, 3, 5, 1}),
                arguments(metaspace("\"prepend_scheme\": \"never\", \"split\": false"), new int[] {1, 1, 3, 5, 1}));
    }

    @ParameterizedTest
    @MethodSource
    void spaces(String settings, int[] ids) throws ModelFormatException {
        Tokenizer tokenizer = read(settings);
        assertArrayEquals(ids, tokenizer.encodeWithSpecial("aa a<s>a"));
        assertEquals("aa a", tokenizer.decode(tokenizer.encode("aa a")));
        TokenizerFilesTest.assertSame(tokenizer, Tokenizers.of(tokenizer.toMap(), "test"));
    }

    /** Where text begins with a space, the normalizer Prepend puts another one before it, Metaspace does not. */
    static Stream<Arguments> leadingSpaces() {
        String prepend = normalizer("{\"type\": \"Prepend\", \"prepend\": \"\u2581\"}",
                "{\"type\": \"Replace\", \"pattern\": {\"String\": \" \"}, \"content\": \"\u2581\"}");
        String always = "\"prepend_scheme\": \"always\"";
        String first = "\"prepend_scheme\": \"first\"";
        String never = "\"prepend_scheme\": \"never\"";
        return Stream.of(prepend, always, first, never).flatMap(settings -> Stream.of(
                arguments(settings, "a", settings.equals(never) ? new int[] {1} : new int[] {3}),
                arguments(settings, " a", settings.equals(prepend) ? new int[] {2, 3} : new int[] {3}),
                arguments(settings, "\u2581a", settings.equals(prepend) ? new int[] {2, 3} : new int[] {3}),
                arguments(settings, "  a", settings.equals(prepend) ? new int[] {2, 2, 3} : new int[] {2, 3}),
                arguments(settings, "<s>a",
                        settings.equals(never) || settings.equals(first) ? new int[] {5, 1} : new int[] {5, 3}),
                arguments(settings, "<s> a", settings.equals(prepend) ? new int[] {5, 2, 3} : new int[] {5, 3}),
                arguments(settings, " <s>a", settings.equals(prepend) ? new int[] {2, 2, 5, 3}
                        : settings.equals(always) ? new int[] {2, 5, 3} : new int[] {2, 5, 1}),
                arguments(settings, " ", settings.equals(prepend) ? new int[] {2, 2} : new int[] {2}),
                arguments(settings, "", new int[0])));
    }

    @ParameterizedTest
    @MethodSource("leadingSpaces")
    void aSpaceIsPutOnlyWhereTheSettingsWantOne(String settings, String text, int[] ids) throws ModelFormatException {
        for (String split : settings.startsWith("\"norm") ? List.of("") : List.of("true", "false")) {
            Tokenizer tokenizer = read(split.isEmpty() ? settings : metaspace(settings + ", \"split\": " + split));
            assertArrayEquals(ids, tokenizer.encodeWithSpecial(text), text);
            assertArrayEquals(ids, Tokenizers.of(tokenizer.toMap(), "test").encodeWithSpecial(text), text);
        }
    }

    @Test
    void whatHasNoTokenBecomesBytesElseUnknown() throws ModelFormatException {
        Tokenizer tokenizer = read(metaspace("\"prepend_scheme\": \"never\", \"split\": false"));
        assertArrayEquals(new int[] {4, 0, 1}, tokenizer.encode("Bba"));
        assertArrayEquals(new byte[] {'B'}, tokenizer.bytes(4));
        Tokenizer withoutUnknown = Tokenizers.of(
                Json.parse(Json.compact(tokenizer.toMap()).replace("\"unk_token\":\"<unk>\"", "\"unk_token\":null"),
                        "test"),
                "test");
        IllegalArgumentException e =
                assertThrows(IllegalArgumentException.class, () -> withoutUnknown.encode("b"));
        assertTrue(e.getMessage().contains("no token for 'b' (U+0062)"), e.getMessage());
    }

    static Stream<Arguments> refused() {
        return Stream.of(
                arguments(metaspace("\"split\": 1"), "pre_tokenizer.split is 1, expected true or false"),
                arguments(normalizer("{\"type\": \"Prepend\", \"prepend\": \"\u2581\"}",
                        "{\"type\": \"Prepend\", \"prepend\": \"\u2581\"}"), "expected one Prepend"),
                arguments(metaspace("\"split\": false, \"prepend_scheme\": \"x\""), "prepend_scheme is 'x'"),
                arguments("\"pre_tokenizer\": {\"type\": \"Metaspace\", \"replacement\": \"_\", \"split\": false}",
                        "pre_tokenizer.replacement is '_'"),
                arguments("\"pre_tokenizer\": {\"type\": \"Whitespace\"}", "type is 'Whitespace'"),
                arguments(normalizer("{\"type\": \"NFKC\"}"), "type is 'NFKC', expected Prepend or Replace"),
                arguments(normalizer("{\"type\": \"Prepend\", \"prepend\": \"x\"}"), "prepend is 'x'"),
                arguments(normalizer("{\"type\": \"Replace\", \"pattern\": {\"String\": \"x\"}}"), "String is 'x'"),
                arguments(normalizer() + ", " + metaspace("\"split\": false"), "no normalizer beside a pre_tokenizer"));
    }

    @ParameterizedTest
    @MethodSource
    void refused(String settings, String message) {
        ModelFormatException e = assertThrows(ModelFormatException.class, () -> read(settings));
        assertTrue(e.getMessage().contains(message), () -> "expected '" + message + "' in: " + e.getMessage());
    }
}
