package io.bitlab.models.tokenizer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bitlab.models.io.Json;
import io.bitlab.models.io.ModelFormatException;
import io.bitlab.models.testing.Vocabularies;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.text.Normalizer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class TokenizerFilesTest {

    private static final String VOCAB = "\"vocab\": {\"a\": 0, \"b\": 1, \"ab\": 2, \"\u0120\": 3, \"\u00e9\": 4}";
    private static final String BYTE_LEVEL =
            "\"pre_tokenizer\": {\"type\": \"ByteLevel\", \"add_prefix_space\": false}";

    @TempDir
    Path folder;

    static Stream<Tokenizer> tokenizers() throws ModelFormatException {
        Map<String, Object> noSpace = new LinkedHashMap<>(Vocabularies.sentencePieces());
        noSpace.put("tokenizer.ggml.add_space_prefix", false);
        StringBuilder characters = new StringBuilder();
        Vocabularies.corpus(3).forEach(characters::append);
        return Stream.of(
                new ByteTokenizer(),
                CharacterTokenizer.of(characters.toString()),
                Vocabularies.chat(Pretokenizer.LLAMA3, true),
                Vocabularies.chat(Pretokenizer.GPT2, false),
                Vocabularies.chat(Pretokenizer.of("\\p{N}", "[a-z]+"), false),
                Vocabularies.chat(Pretokenizer.GPT2.withSpaceFirst(), false),
                Vocabularies.chat(Pretokenizer.NONE.withForm(Normalizer.Form.NFC), true),
                Vocabularies.bytePairs("a b").special("<x>", 257).bos(0).eos(257).build(),
                Vocabularies.bytePairs("a b").special("<x>", 257).bos(257).addsBos(false).build(),
                GgufTokenizer.read(Vocabularies.sentencePieces(), "test"),
                GgufTokenizer.read(noSpace, "test"));
    }

    @ParameterizedTest
    @MethodSource("tokenizers")
    void writtenAndReadItIsTheSame(Tokenizer tokenizer) throws Exception {
        Path file = folder.resolve("tokenizer.json");
        Tokenizers.write(tokenizer, file);
        Tokenizer read = Tokenizers.read(file);
        assertEquals(tokenizer.toMap(), read.toMap());
        assertSame(tokenizer, read);
        assertSame(tokenizer, Tokenizers.of(tokenizer.toMap(), "test"));
    }

    static void assertSame(Tokenizer expected, Tokenizer actual) {
        assertEquals(expected.getClass(), actual.getClass());
        assertEquals(expected.bos(), actual.bos());
        assertEquals(expected.addsBos(), actual.addsBos());
        assertEquals(expected.eos(), actual.eos());
        assertEquals(expected.endTokens(), actual.endTokens());
        assertEquals(expected.vocabularySize(), actual.vocabularySize());
        for (int id = 0; id < expected.vocabularySize(); id++) {
            assertArrayEquals(expected.bytes(id), actual.bytes(id), "token " + id);
        }
        for (String text : Vocabularies.corpus(3)) {
            assertArrayEquals(expected.encode(text), actual.encode(text), text);
            assertArrayEquals(expected.encodeWithSpecial(text), actual.encodeWithSpecial(text), text);
        }
    }

    @Test
    void readsMergesInBothForms() throws Exception {
        for (String merges : List.of("[\"a b\"]", "[[\"a\", \"b\"]]")) {
            Tokenizer tokenizer = read("{" + BYTE_LEVEL + ", \"model\": {" + VOCAB + ", \"merges\": " + merges + "}}");
            assertArrayEquals(new int[] {2, 1}, tokenizer.encode("abb"));
        }
    }

    @Test
    void readsTheStepsThatCut() throws Exception {
        BpeTokenizer tokenizer = (BpeTokenizer) read("""
                {"normalizer": {"type": "NFC"}, "pre_tokenizer": {"type": "Sequence", "pretokenizers": [
                  {"type": "Split", "pattern": {"Regex": "a+"}, "behavior": "Isolated", "invert": false},
                  {"type": "Split", "pattern": {"String": "+("}, "behavior": "Isolated", "invert": false},
                  {"type": "Digits", "individual_digits": true},
                  {"type": "Punctuation", "behavior": "Contiguous"},
                  {"type": "ByteLevel", "add_prefix_space": false, "use_regex": false}]},
                 "model": {"type": "BPE", "vocab": {"a": 0}, "merges": []}}""");
        assertEquals(List.of("b", "aa", "b", "+(", "1", "2", "!?", "\u00e9"),
                tokenizer.pretokenizer().split("baab+(12!?e\u0301"));
    }

    @Test
    void takesTheEndsFromTheConfigurationElseFromTheirNames() throws Exception {
        Path file = folder.resolve("tokenizer.json");
        Files.writeString(file, "{\"added_tokens\": [{\"id\": 5, \"content\": \"<s>\", \"special\": true},"
                + "{\"id\": 6, \"content\": \"</s>\", \"special\": true}, {\"id\": 7, \"content\": \"<end>\","
                + " \"special\": true}], " + BYTE_LEVEL + ", \"model\": {" + VOCAB + ", \"merges\": []}}");
        assertEquals(OptionalInt.of(5), Tokenizers.read(file).bos());
        assertEquals(OptionalInt.of(6), Tokenizers.read(file).eos());
        Files.writeString(folder.resolve("tokenizer_config.json"),
                "{\"bos_token\": {\"content\": \"<end>\"}, \"eos_token\": \"<end>\"}");
        assertEquals(OptionalInt.of(7), Tokenizers.read(file).bos());
        assertEquals(OptionalInt.of(7), Tokenizers.read(file).eos());
        assertEquals(Set.of(6, 7), Tokenizers.read(file).endTokens());
    }

    /** transformers makes them special, whatever the tokenizer's file says. */
    @Test
    void endsOfTheConfigurationAreSpecial() throws Exception {
        Path file = folder.resolve("tokenizer.json");
        Files.writeString(file, "{\"added_tokens\": [{\"id\": 5, \"content\": \"<end>\", \"special\": false}], "
                + BYTE_LEVEL + ", \"model\": {" + VOCAB + ", \"merges\": []}}");
        Path config = folder.resolve("tokenizer_config.json");
        Files.writeString(config, "{\"eos_token\": \"<end>\"}");
        assertEquals(Set.of(5), Tokenizers.read(file).endTokens());
        assertEquals("", Tokenizers.read(file).decode(5));
        Files.writeString(config, "{\"eos_token\": \"b\"}"); // one of the vocabulary
        assertEquals(OptionalInt.of(Tokenizers.read(file).encodeWithSpecial("b")[0]), Tokenizers.read(file).eos());
        Files.writeString(config, "{\"eos_token\": \"<stop>\"}");
        assertTrue(assertThrows(ModelFormatException.class, () -> Tokenizers.read(file)).getMessage()
                .contains("eos_token is '<stop>', which is no token"));
        Path renamed = Files.move(file, folder.resolve("m.gguf.tokenizer.json")); // not what the configuration is of
        assertEquals(OptionalInt.empty(), Tokenizers.read(renamed).eos());
    }

    /** As in GPT-2, Llama 3, a Llama 2 that was told not to, and Llama 2. */
    @Test
    void bosIsPutBeforeATextWhereTheFilesSaySo() throws Exception {
        String added = "{\"added_tokens\": [{\"id\": 5, \"content\": \"<s>\", \"special\": true},"
                + " {\"id\": 6, \"content\": \"<begin>\", \"special\": true}], ";
        String bytes = added + BYTE_LEVEL + ", \"model\": {" + VOCAB + ", \"merges\": []}";
        Tokenizer silent = read(bytes + "}");
        assertEquals(OptionalInt.of(5), silent.bos());
        assertFalse(silent.addsBos());
        String template = "{\"type\": \"TemplateProcessing\", \"single\": [{\"SpecialToken\": {\"id\": \"<begin>\","
                + " \"type_id\": 0}}, {\"Sequence\": {\"id\": \"A\", \"type_id\": 0}}]}";
        Tokenizer told = read(bytes + ", \"post_processor\": {\"type\": \"Sequence\", \"processors\":"
                + " [{\"type\": \"ByteLevel\"}, " + template + "]}}");
        assertEquals(OptionalInt.of(6), told.bos());
        assertTrue(told.addsBos());
        String unknown = bytes + ", \"post_processor\": " + template.replace("<begin>", "<x>") + "}";
        IOException e = assertThrows(ModelFormatException.class, () -> read(unknown));
        assertTrue(e.getMessage().contains("post_processor puts '<x>' before a text"), e.getMessage());
        String pieces = added + "\"normalizer\": {\"type\": \"Replace\", \"pattern\": {\"String\": \" \"},"
                + " \"content\": \"\u2581\"}, \"model\": {" + VOCAB + ", \"merges\": []}}";
        assertTrue(read(pieces).addsBos());
        Files.writeString(folder.resolve("tokenizer.json"), pieces);
        Files.writeString(folder.resolve("tokenizer_config.json"), "{\"add_bos_token\": false}");
        assertFalse(Tokenizers.read(folder.resolve("tokenizer.json")).addsBos());
    }

    /** Hugging Face's library warns of other members in an added token, and refuses others at the top. */
    @ParameterizedTest
    @MethodSource("tokenizers")
    void writtenFilesHaveTheMembersOfTheFormat(Tokenizer tokenizer) {
        if (!(tokenizer instanceof VocabularyTokenizer)) {
            return; // a form of our own
        }
        Map<String, Object> json = tokenizer.toMap();
        assertEquals(Set.of("version", "truncation", "padding", "added_tokens", "normalizer", "pre_tokenizer",
                "post_processor", "decoder", "model"), json.keySet());
        for (Object token : (List<?>) json.get("added_tokens")) {
            assertEquals(Set.of("id", "content", "single_word", "lstrip", "rstrip", "normalized", "special"),
                    ((Map<?, ?>) token).keySet());
        }
    }

    /** Where the usual names don't suffice, the template has names that it doesn't use; Hugging Face accepts those. */
    @Test
    void theEndsAreWrittenWhereTheirNamesDontSayThem() throws Exception {
        assertEquals(Set.of("<|begin_of_text|>"), namedEnds(Vocabularies.chat(Pretokenizer.LLAMA3, true)));
        BpeTokenizer own = Vocabularies.bytePairs().special("<x>", 256).special("<y>", 257).bos(256).eos(257).build();
        assertEquals(Set.of("<x>", "eos_token"), namedEnds(own));
        BpeTokenizer silent = Vocabularies.bytePairs().special("<x>", 256).bos(256).addsBos(false).build();
        assertEquals(Set.of("bos_token"), namedEnds(silent));
        BpeTokenizer none = Vocabularies.bytePairs().special("<s>", 256).special("</s>", 257).build();
        assertEquals(Set.of("bos_token", "eos_token"), namedEnds(none));
        for (Tokenizer tokenizer : List.of(own, silent, none)) {
            assertSame(tokenizer, Tokenizers.of(tokenizer.toMap(), "test"));
        }
    }

    private static Set<?> namedEnds(Tokenizer tokenizer) {
        return ((Map<?, ?>) ((Map<?, ?>) tokenizer.toMap().get("post_processor")).get("special_tokens")).keySet();
    }

    /** Up to version 0.1 this library marked them in the added tokens. */
    @Test
    void readsTheEndsInOlderFiles() throws Exception {
        Tokenizer tokenizer =
                read("{\"added_tokens\": [{\"id\": 5, \"content\": \"<x>\", \"special\": true, \"bos\": true},"
                        + " {\"id\": 6, \"content\": \"<s>\", \"special\": true, \"eos\": true}], " + BYTE_LEVEL
                        + ", \"model\": {" + VOCAB + ", \"merges\": []}}");
        assertEquals(OptionalInt.of(5), tokenizer.bos());
        assertEquals(OptionalInt.of(6), tokenizer.eos());
        Tokenizer written = Tokenizers.of(tokenizer.toMap(), "test");
        assertEquals(tokenizer.toMap(), written.toMap());
        assertEquals(OptionalInt.of(5), written.bos());
        assertEquals(OptionalInt.of(6), written.eos());
    }

    /** What tokenizer_config.json said is kept by a file that is written without it. */
    @Test
    void theEndsOfTheConfigurationAreWritten() throws Exception {
        Path file = folder.resolve("tokenizer.json");
        Tokenizers.write(Vocabularies.chat(Pretokenizer.LLAMA3, true), file);
        Files.writeString(folder.resolve("tokenizer_config.json"),
                "{\"add_bos_token\": false, \"eos_token\": \"<|eot_id|>\"}");
        Tokenizer tokenizer = Tokenizers.read(file);
        assertFalse(tokenizer.addsBos());
        assertEquals(OptionalInt.of(266), tokenizer.eos());
        assertSame(tokenizer, Tokenizers.of(tokenizer.toMap(), "test"));
    }

    @Test
    void transformersFindTheEndsInAFileOfTheirOwn() throws Exception {
        BpeTokenizer tokenizer = Vocabularies.bytePairs("a b").special("<x>", 257).eos(257).build();
        Tokenizers.writeFolder(tokenizer, folder, 128);
        Map<String, Object> config = new LinkedHashMap<>();
        config.put("tokenizer_class", "PreTrainedTokenizerFast");
        config.put("bos_token", null);
        config.put("eos_token", "<x>");
        config.put("model_max_length", 128);
        config.put("clean_up_tokenization_spaces", false);
        assertEquals(config, Json.read(folder.resolve("tokenizer_config.json")));
        assertSame(tokenizer, Tokenizers.read(folder.resolve("tokenizer.json")));
        Tokenizers.writeFolder(new ByteTokenizer(), folder, 128);
        assertFalse(Files.exists(folder.resolve("tokenizer_config.json")));
        assertEquals(ByteTokenizer.class, Tokenizers.read(folder.resolve("tokenizer.json")).getClass());
    }

    static Stream<String[]> damaged() {
        String model = "\"model\": {" + VOCAB + ", \"merges\": []}";
        return Stream.of(
                pair("{}", "model is missing, expected an object"),
                pair("{\"model\": 1}", "model is 1, expected an object"),
                pair("{\"model\": {\"type\": \"Unigram\"}}", "model.type is 'Unigram', expected BPE"),
                pair("{" + BYTE_LEVEL + ", \"model\": {}}", "model.vocab is missing"),
                pair("{" + model + "}", "this is neither a tokenizer of bytes"),
                pair(bytes("{\"a\": 0, \"b\": 2}", "[]"), "token 'b' has id 2, expected the ids 0 to 1"),
                pair(bytes("{\"a\": 0, \"b\": 0}", "[]"), "both have id 0"),
                pair(bytes("{\"a\": -1}", "[]"), "model.vocab.a is -1, expected the id of a token"),
                pair(bytes("{\"a\": 99999999999999999999}", "[]"), "model.vocab.a is 99999999999999999999"),
                pair(bytes("{\"a\": 2000000000}", "[]"), "has id 2000000000"),
                pair(bytes("{\"a\": \"0\"}", "[]"), "model.vocab.a is '0'"),
                pair(bytes("{\"a\": 0.5}", "[]"), "model.vocab.a is 0.5"),
                pair(bytes("{\"a\": 0}", "[\"a\"]"), "model.merges has 'a' as merge 0, expected two tokens"),
                pair(bytes("{\"a\": 0}", "[[\"a\", 1]]"), "model.merges has ['a', 1] as merge 0"),
                pair(bytes("{\"a\": 0}", "[\"a a\"]"), "merge 0, of 'a' and 'a': the vocabulary has no token 'aa'"),
                pair(bytes("{\"a\": 0, \"aa\": 1}", "[\"a a\", \"a a\"]"),
                        "merge 1, of 'a' and 'a': it is a duplicate"),
                pair(bytes("{\"a\": 0}", "{}"), "model.merges is a "),
                pair("{\"added_tokens\": [{\"id\": 0, \"content\": \"b\"}], " + BYTE_LEVEL + ", " + model + "}",
                        "token 'b' has the ids 1 and 0"),
                pair("{\"added_tokens\": [{\"content\": \"b\"}], " + BYTE_LEVEL + ", " + model + "}",
                        "added_tokens[0].id is missing"),
                pair("{\"added_tokens\": [1], " + BYTE_LEVEL + ", " + model + "}", "expected a list of objects"),
                pair("{\"added_tokens\": [{\"id\": 1, \"content\": \"b\", \"lstrip\": 1}], " + BYTE_LEVEL + ", "
                        + model
                        + "}", "added_tokens[0].lstrip is 1, expected true or false"),
                pair(cut("{\"type\": \"Split\", \"pattern\": {\"Regex\": \"(\"}, \"behavior\": \"Isolated\"}", model),
                        "("),
                pair(cut("{\"type\": \"Split\", \"pattern\": {}, \"behavior\": \"Isolated\"}", model),
                        "pattern.Regex is missing"),
                pair(cut("{\"type\": \"Split\", \"pattern\": {\"Regex\": \"a\"}, \"behavior\": \"Removed\"}", model),
                        "behavior is 'Removed', expected Isolated"),
                pair(cut("{\"type\": \"BertPreTokenizer\"}", model), "type is 'BertPreTokenizer'"),
                pair("{\"normalizer\": {\"type\": \"Lowercase\"}, " + BYTE_LEVEL + ", " + model + "}",
                        "normalizer.type is 'Lowercase'"),
                pair("{" + BYTE_LEVEL + ", \"model\": {\"dropout\": 0.1, " + VOCAB + "}}", "model.dropout is 0.1"),
                pair("{\"model\": {\"type\": \"Characters\", \"vocab\": {\"a\": 1}}}", "not every character once"),
                pair("{\"model\": {\"type\": \"Characters\", \"vocab\": {}}}", "the text is empty"),
                pair("{\"model\": " + "[".repeat(100_000), "nesting"),
                pair("[]", "expected a JSON object"));
    }

    private static String[] pair(String json, String message) {
        return new String[] {json, message};
    }

    private static String bytes(String vocab, String merges) {
        return "{" + BYTE_LEVEL + ", \"model\": {\"type\": \"BPE\", \"vocab\": " + vocab + ", \"merges\": " + merges
                + "}}";
    }

    private static String cut(String step, String model) {
        return "{\"pre_tokenizer\": {\"type\": \"Sequence\", \"pretokenizers\": [" + step
                + ", {\"type\": \"ByteLevel\", \"add_prefix_space\": false}]}, " + model + "}";
    }

    @ParameterizedTest
    @MethodSource("damaged")
    void damagedFilesAreRefused(String json, String message) throws Exception {
        Path file = folder.resolve("tokenizer.json");
        Files.writeString(file, json);
        ModelFormatException e = assertThrows(ModelFormatException.class, () -> Tokenizers.read(file));
        assertTrue(e.getMessage().startsWith(file.toString()), e.getMessage());
        assertTrue(e.getMessage().contains(message), () -> "expected '" + message + "' in: " + e.getMessage());
        assertTrue(e.getMessage().length() < 700, e.getMessage());
    }

    private static Tokenizer read(String json) throws ModelFormatException {
        return Tokenizers.of(Json.parse(json, "test"), "test");
    }
}
