package io.bitlab.models.tokenizer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bitlab.models.io.ModelFormatException;
import io.bitlab.models.testing.Vocabularies;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
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

    /** Names of cuts that are the same, in llama.cpp's {@code llama-vocab.cpp}. */
    @ParameterizedTest
    @CsvSource({"mpt, gpt-2", "olmo, gpt-2", "jais, gpt-2", "phi-2, gpt-2", "gigachat, gpt-2", "exaone4, gpt-2",
        "starcoder, smollm", "refact, smollm", "command-r, smollm", "codeshell, smollm", "exaone, smollm",
        "minerva-7b, smollm", "stablelm2, qwen2", "deepseek-r1-qwen, qwen2", "megrez, qwen2", "hunyuan, qwen2",
        "pixtral, llama-bpe", "lfm2, llama-bpe", "smaug-bpe, dbrx", "chatglm-bpe, dbrx", "glm4, dbrx"})
    void namesOfTheSameCutsGiveTheSameIds(String alias, String name) throws ModelFormatException {
        Map<String, Object> metadata = new HashMap<>(Vocabularies.chat(Pretokenizer.GPT2, false).toGguf());
        metadata.put("tokenizer.ggml.pre", name);
        Tokenizer expected = GgufTokenizer.read(metadata, "model.gguf");
        metadata.put("tokenizer.ggml.pre", alias);
        TokenizerFilesTest.assertSame(expected, GgufTokenizer.read(metadata, "model.gguf"));
    }

    /** Digits one by one as in StarCoder, all together as in GPT-2, by three as in Llama 3. */
    @Test
    void eachNameCutsAsItsModelDoes() throws ModelFormatException {
        Map<String, Object> metadata = new HashMap<>(Vocabularies.chat(Pretokenizer.GPT2, false).toGguf());
        Map<String, int[]> ids = Map.of("mpt", new int[] {259, 259}, "starcoder", new int[] {'1', '2', '1', '2'},
                "dbrx", new int[] {259, '1', '2'});
        for (Map.Entry<String, int[]> name : ids.entrySet()) {
            metadata.put("tokenizer.ggml.pre", name.getKey());
            Tokenizer tokenizer = GgufTokenizer.read(metadata, "model.gguf");
            assertArrayEquals(name.getValue(), tokenizer.encode("1212"), name.getKey());
        }
    }

    /** As llama.cpp: by the model's name, white space after most special tokens belongs to them. */
    @Test
    void tokensOfPhi3TakeTheSpacesAfterThem() throws ModelFormatException {
        Map<String, Object> metadata = Vocabularies.sentencePieces();
        String text = "</s> the<s> the</s>\n\tthe";
        int[] plain = {2, 266, 261, 1, 266, 261, 2, 266, 3 + '\n', 3 + '\t', 267, 259};
        assertArrayEquals(plain, GgufTokenizer.read(metadata, "model.gguf").encodeWithSpecial(text));
        for (String name : List.of("Phi-3-mini-4k-instruct", "my phi3")) {
            metadata.put("general.name", name);
            Tokenizer tokenizer = GgufTokenizer.read(metadata, "model.gguf");
            assertArrayEquals(new int[] {2, 261, 1, 266, 261, 2, 261}, tokenizer.encodeWithSpecial(text));
            TokenizerFilesTest.assertSame(tokenizer, Tokenizers.of(tokenizer.toMap(), "test"));
        }
    }

    /** GGUF has no place for what white space means beside a token; a tokenizer.json has. */
    @Test
    void whatGgufHasNoPlaceForIsNotWritten() {
        BpeTokenizer tokenizer = Vocabularies.bytePairs()
                .added(new AddedToken("<x>", true, false, false, true, false), 256)
                .pretokenizer(Pretokenizer.GPT2).build();
        assertArrayEquals(new int[] {256, 'a'}, tokenizer.encodeWithSpecial("<x>  a"));
        IllegalStateException e = assertThrows(IllegalStateException.class, tokenizer::toGguf);
        assertTrue(e.getMessage().contains("no place for what its added tokens do"), e.getMessage());
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

    private static Map<String, Object> pieces(List<String> tokens, List<Integer> types, List<Double> scores) {
        return Map.of("tokenizer.ggml.model", "llama", "tokenizer.ggml.tokens", tokens, "tokenizer.ggml.token_type",
                types, "tokenizer.ggml.scores", scores, "tokenizer.ggml.add_space_prefix", false,
                "tokenizer.ggml.add_bos_token", false);
    }

    /** With equal scores the leftmost pair goes first, which a list of merges can't say. */
    @Test
    void equalScoresAreNotWrittenAsMerges() throws ModelFormatException {
        Tokenizer tokenizer = GgufTokenizer.read(pieces(List.of("?", "b", "a", "c", "ab", "bc"),
                List.of(2, 1, 1, 1, 1, 1), List.of(0.0, -1.0, -1.0, -1.0, -1.0, -1.0)), "model.gguf");
        assertArrayEquals(new int[] {4, 3}, tokenizer.encode("abc"));
        IllegalStateException e = assertThrows(IllegalStateException.class, tokenizer::toMap);
        assertTrue(e.getMessage().contains("have the same score"), e.getMessage());
    }

    @Test
    void mergesMakeNoSpecialToken() throws ModelFormatException {
        Tokenizer tokenizer = GgufTokenizer.read(
                pieces(List.of("a", "b", "ab"), List.of(1, 1, 3), List.of(-1.0, -2.0, -3.0)), "model.gguf");
        assertArrayEquals(new int[] {0, 1}, tokenizer.encode("ab"));
        assertArrayEquals(new int[] {2}, tokenizer.encodeWithSpecial("ab"));
        BpeTokenizer pairs = Vocabularies.bytePairs("a b").special("ab", 256).build();
        assertArrayEquals(new int[] {'a', 'b'}, pairs.encode("ab"));
    }

    /** As llama.cpp overrides such types: generation would not stop otherwise. */
    @Test
    void tokensThatEndATurnAreSpecialWhateverTheirType() throws ModelFormatException {
        for (int type : new int[] {1, 3, 4}) {
            Tokenizer tokenizer = GgufTokenizer.read(pieces(List.of("a", "<|im_end|>", "</b>"), List.of(1, type, 4),
                    List.of(-1.0, -2.0, -3.0)), "model.gguf");
            assertEquals(Set.of(1), tokenizer.endTokens());
            assertEquals("a", tokenizer.decode(0, 1));
            assertArrayEquals(new int[] {0, 1, 2}, tokenizer.encodeWithSpecial("a<|im_end|></b>"));
        }
    }

    /** All of them make each longer one in every way. */
    @Test
    void vocabulariesThatExhaustMemoryAreRefused() {
        List<String> tokens = IntStream.rangeClosed(1, 200).mapToObj("a"::repeat).toList();
        Map<String, Object> bomb =
                pieces(tokens, Collections.nCopies(200, 1), Collections.nCopies(200, -1.0));
        assertTrue(assertThrows(ModelFormatException.class, () -> GgufTokenizer.read(bomb, "model.gguf")).getMessage()
                .contains("more than 32 pairs of tokens for each token"));
    }

    static Stream<Object[]> damaged() {
        return Stream.of(
                row("model", "bert", "tokenizer.ggml.model is 'bert', expected gpt2 or llama"),
                row("model", null, "tokenizer.ggml.model is null"),
                row("model", 3, "tokenizer.ggml.model is 3"),
                row("pre", "unheard-of", "tokenizer.ggml.pre is 'unheard-of', expected one of [gpt-2, "),
                row("tokens", null, "tokenizer.ggml.tokens is null"),
                row("tokens", List.of("a", "b", "a"), "has 'a' twice, as token 0 and 2"),
                row("tokens", List.of("a", 1), "tokenizer.ggml.tokens has the element 1, expected strings"),
                row("tokens", Arrays.asList("a", null), "tokenizer.ggml.tokens has the element null"),
                row("token_type", List.of(1), "tokenizer.ggml.token_type has 1 elements, expected 270"),
                row("merges", List.of("a b"), "the vocabulary has no token 'ab'"),
                row("merges", List.of("ab"), "expected two tokens"),
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
