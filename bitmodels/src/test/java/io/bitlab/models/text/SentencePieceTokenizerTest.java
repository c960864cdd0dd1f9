package io.bitlab.models.text;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.bitlab.models.io.Json;
import io.bitlab.models.io.ModelFormatException;
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
                arguments(metaspace("\"split\": true"), "pre_tokenizer.split is true, expected false"),
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
