package io.bitlab.models.text;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bitlab.models.io.ModelFormatException;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class GgufTokenizerTest {

    @Test
    void describedAndReadItIsTheSame() throws ModelFormatException {
        for (BpeTokenizer tokenizer : List.of(
                Vocabularies.chat(Pretokenizer.LLAMA3, true), Vocabularies.chat(Pretokenizer.GPT2, false))) {
            Tokenizer gguf = GgufTokenizer.read(tokenizer.toGguf(), "model.gguf");
            TokenizerFilesTest.assertSame(tokenizer, gguf);
            TokenizerFilesTest.assertSame(Tokenizers.of(tokenizer.toMap(), "test"), gguf);
        }
        assertEquals("llama-bpe", Vocabularies.chat(Pretokenizer.LLAMA3, true).toGguf().get("tokenizer.ggml.pre"));
        assertEquals("gpt-2", Vocabularies.chat(Pretokenizer.GPT2, false).toGguf().get("tokenizer.ggml.pre"));
    }

    /** What llama.cpp does where nothing is said: those like Llama put bos before a text. */
    @Test
    void bosIsPutBeforeATextAsLlamaCppDoes() throws ModelFormatException {
        Map<String, Object> llama3 = new LinkedHashMap<>(Vocabularies.chat(Pretokenizer.LLAMA3, true).toGguf());
        assertEquals(true, llama3.remove("tokenizer.ggml.add_bos_token"));
        assertTrue(GgufTokenizer.read(llama3, "model.gguf").addsBos());
        Map<String, Object> gpt2 = new LinkedHashMap<>(Vocabularies.chat(Pretokenizer.GPT2, false).toGguf());
        assertEquals(true, gpt2.remove("tokenizer.ggml.add_bos_token"));
        assertFalse(GgufTokenizer.read(gpt2, "model.gguf").addsBos());
        Map<String, Object> pieces = Vocabularies.sentencePieces();
        assertTrue(GgufTokenizer.read(pieces, "model.gguf").addsBos());
        pieces.put("tokenizer.ggml.add_bos_token", false);
        assertFalse(GgufTokenizer.read(pieces, "model.gguf").addsBos());
    }

    @Test
    void saysWhereGgufHasNoNameForIt() {
        BpeTokenizer tokenizer = Vocabularies.chat(Pretokenizer.of("a"), false);
        IllegalStateException e = assertThrows(IllegalStateException.class, tokenizer::toGguf);
        assertTrue(e.getMessage().contains("patterns [a] with ignoreMerges = false"), e.getMessage());
    }

    /** he, _t, _the have the ids 259, 260, 261; ll 262, lo 263, llo 264, hello 265, _ 266, t h e l o. */
    @Test
    void sentencePiecesAreMergedByScore() throws ModelFormatException {
        Tokenizer tokenizer = GgufTokenizer.read(Vocabularies.sentencePieces(), "model.gguf");
        assertArrayEquals(new int[] {261}, tokenizer.encode("the"));
        // he, ll, then ll o; he llo
        assertArrayEquals(new int[] {266, 265, 261}, tokenizer.encode("hello the"));
        // no token for the emoji: its bytes
        assertArrayEquals(new int[] {266, 3 + 0xf0, 3 + 0x9f, 3 + 0x98, 3 + 0x80}, tokenizer.encode("\ud83d\ude00"));
        assertArrayEquals(new int[] {1, 261, 2}, tokenizer.encodeWithSpecial("<s>the</s>"));
        for (String text : Vocabularies.corpus(9)) {
            assertEquals(text, tokenizer.decode(tokenizer.encode(text)), "seed 9");
        }
    }

    static Stream<Object[]> damaged() {
        return Stream.of(
                row("model", "bert", "tokenizer.ggml.model is 'bert', expected gpt2 or llama"),
                row("model", null, "tokenizer.ggml.model is missing"),
                row("model", 3, "tokenizer.ggml.model is 3"),
                row("pre", "unheard-of", "tokenizer.ggml.pre is 'unheard-of', expected one of [gpt-2, "),
                row("tokens", null, "tokenizer.ggml.tokens is missing"),
                row("tokens", List.of("a", "b", "a"), "has 'a' twice, as token 0 and 2"),
                row("tokens", List.of("a", 1), "tokenizer.ggml.tokens has the element 1, expected strings"),
                row("tokens", Arrays.asList("a", null), "tokenizer.ggml.tokens has the element null"),
                row("token_type", List.of(1), "tokenizer.ggml.token_type has 1 elements, expected 270"),
                row("merges", List.of("a b"), "the vocabulary has no token 'ab'"),
                row("merges", List.of("ab"), "is not two tokens"),
                row("merges", "a b", "tokenizer.ggml.merges is 'a b', expected a list"),
                row("eos_token_id", 270, "eos token is 270, expected an id below 270"),
                row("eos_token_id", -1, "tokenizer.ggml.eos_token_id is -1"),
                row("bos_token_id", "x", "tokenizer.ggml.bos_token_id is 'x'"));
    }

    static Stream<Object[]> damagedPieces() {
        return Stream.of(
                row("scores", null, "tokenizer.ggml.scores has 0 elements, expected 272"),
                row("scores", Collections.nCopies(272, "x"), "tokenizer.ggml.scores has 'x' at index 0"),
                row("scores", Collections.nCopies(272, Double.NaN), "tokenizer.ggml.scores has NaN"),
                row("unknown_token_id", 272, "tokenizer.ggml.unknown_token_id is 272, expected an id below 272"),
                row("add_space_prefix", 1, "tokenizer.ggml.add_space_prefix is 1, expected true or false"));
    }

    private static Object[] row(String key, Object value, String message) {
        return new Object[] {key, value, message};
    }

    @ParameterizedTest
    @MethodSource("damaged")
    void damagedMetadataIsRefused(String key, Object value, String message) {
        assertRefused(Vocabularies.chat(Pretokenizer.LLAMA3, true).toGguf(), key, value, message);
    }

    @ParameterizedTest
    @MethodSource("damagedPieces")
    void damagedSentencePiecesAreRefused(String key, Object value, String message) {
        assertRefused(Vocabularies.sentencePieces(), key, value, message);
    }

    private static void assertRefused(Map<String, Object> metadata, String key, Object value, String message) {
        Map<String, Object> damaged = new HashMap<>(metadata);
        damaged.put("tokenizer.ggml." + key, value);
        ModelFormatException e =
                assertThrows(ModelFormatException.class, () -> GgufTokenizer.read(damaged, "model.gguf"));
        assertTrue(e.getMessage().startsWith("model.gguf: "), e.getMessage());
        assertTrue(e.getMessage().contains(message), () -> "expected '" + message + "' in: " + e.getMessage());
    }
}
