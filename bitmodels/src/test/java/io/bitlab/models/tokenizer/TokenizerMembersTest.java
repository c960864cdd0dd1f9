package io.bitlab.models.tokenizer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.bitlab.models.io.Json;
import io.bitlab.models.io.ModelFormatException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Goes through the members of {@code tokenizer.json}: the ids follow each, or the file is refused. */
class TokenizerMembersTest {

    /** As in SentencePiece: {@code <s>} is 9, {@code <t>} 10. */
    private static final String PIECES = """
            {"version": "1.0", "truncation": null, "padding": null,
             "added_tokens": [{"id": 9, "content": "<s>", "single_word": false, "lstrip": false, "rstrip": false,
                "normalized": false, "special": true},
               {"id": 10, "content": "<t>", "single_word": false, "lstrip": false, "rstrip": false,
                "normalized": false, "special": false}],
             "normalizer": null,
             "pre_tokenizer": {"type": "Metaspace", "replacement": "\u2581", "prepend_scheme": "never", "split": false},
             "post_processor": {"type": "TemplateProcessing", "single": [{"Sequence": {"id": "A", "type_id": 0}}],
               "pair": [{"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 1}}],
               "special_tokens": {}},
             "decoder": {"type": "Sequence", "decoders": [
               {"type": "Replace", "pattern": {"String": "\u2581"}, "content": " "}, {"type": "Fuse"}]},
             "model": {"type": "BPE", "dropout": null, "unk_token": "<unk>", "continuing_subword_prefix": null,
               "end_of_word_suffix": null, "fuse_unk": false, "byte_fallback": false, "ignore_merges": false,
               "vocab": {"<unk>": 0, "h": 1, "i": 2, "hi": 3, "\u2581": 4, "\u2581hi": 5, "<0x41>": 6, "x": 7,
                 "hi\u2581": 8}, "merges": ["h i", "hi \u2581", "\u2581 hi"]}}""";

    /** Of bytes, some of them. */
    private static final String BYTES = """
            {"version": "1.0", "truncation": null, "padding": null, "added_tokens": [],
             "normalizer": null,
             "pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": true},
             "post_processor": {"type": "ByteLevel", "add_prefix_space": true, "trim_offsets": true, "use_regex": true},
             "decoder": {"type": "ByteLevel", "add_prefix_space": true, "trim_offsets": true, "use_regex": true},
             "model": {"type": "BPE", "dropout": null, "unk_token": null, "continuing_subword_prefix": null,
               "end_of_word_suffix": null, "fuse_unk": false, "byte_fallback": false, "ignore_merges": false,
               "vocab": {"a": 0, "b": 1, "ab": 2, "\u0120": 3, "\u00c3": 4, "\u00a9": 5, "1": 6, "11": 7,
                 "\u0120\u0120": 8, "aa": 9}, "merges": ["a b", "1 1", "\u0120 \u0120"]}}""";

    /** File, member, its value, a text and its ids: those of Hugging Face's tokenizers 0.23.2. */
    static Stream<Arguments> followed() {
        return Stream.of(
                pieces("version", "\"1.0\"", "hi", 3),
                pieces("model.fuse_unk", "true", "hi\u4f60\u597dhi", 3, 0, 3),
                pieces("model.fuse_unk", "false", "hi\u4f60\u597dhi", 3, 0, 0, 3),
                pieces("model.byte_fallback", "true", "A\u4f60", 6, 0),
                pieces("model.byte_fallback", "true", "\u4f60A\u4f60", 6, 0, 0), // bytes overtake what is unknown
                pieces("model.byte_fallback", "false", "A\u4f60", 0, 0),
                pieces("model.unk_token", "\"x\"", "hi\u4f60", 3, 7),
                pieces("model.ignore_merges", "true", "\u2581x", 4, 7),
                pieces("model.ignore_merges", "true", "<unk>", 0),
                pieces("model.ignore_merges", "false", "<unk>", 0, 0, 0, 0, 0),
                pieces("model.dropout", "0.0", "hi", 3),
                pieces("model.dropout", "0", "hi", 3),
                pieces("model.continuing_subword_prefix", "\"\"", "hi", 3),
                pieces("model.end_of_word_suffix", "\"\"", "hi", 3),
                pieces("model.merges", "[[\"h\", \"i\"]]", "hi hi", 3, 4, 3),
                pieces("model.merges", "[\"h i\"]", "hi hi", 3, 4, 3),
                pieces("pre_tokenizer.prepend_scheme", "\"always\"", "hi<s>hi", 5, 9, 5),
                pieces("pre_tokenizer.prepend_scheme", "\"first\"", "hi<s>hi", 5, 9, 3),
                pieces("pre_tokenizer.split", "true", "hi hi", 3, 5),
                pieces("pre_tokenizer.split", "false", "hi hi", 8, 3),
                pieces("pre_tokenizer", "{\"type\": \"Metaspace\", \"replacement\": \"\u2581\","
                        + " \"str_rep\": \"\u2581\", \"add_prefix_space\": true}", "hi hi", 5, 5),
                pieces("added_tokens.1.lstrip", "true", "hi <t> hi", 3, 10, 5),
                pieces("added_tokens.1.rstrip", "true", "hi <t> hi", 8, 10, 3),
                pieces("added_tokens.0.rstrip", "true", "<s>  hi", 9, 3),
                pieces("added_tokens.1.single_word", "true", "hi<t> <t>", 3, 0, 0, 0, 4, 10),
                pieces("added_tokens.1.normalized", "true", "hi<t>", 3, 10),
                pieces("added_tokens.1.special", "true", "hi<t>", 3, 10),
                pieces("decoder", "{\"type\": \"Metaspace\", \"replacement\": \"\u2581\", \"prepend_scheme\":"
                        + " \"always\", \"split\": true}", "hi", 3),
                bytes("model.unk_token", "\"aa\"", "a\u4f60c\u00e9", 0, 9, 9, 9, 9, 4, 5),
                bytes("model.ignore_merges", "true", "aa", 9),
                bytes("model.ignore_merges", "false", "aa", 0, 0),
                bytes("pre_tokenizer.add_prefix_space", "true", "ab", 3, 2),
                bytes("pre_tokenizer.use_regex", "false", "ab11  a", 2, 7, 8, 0),
                bytes("pre_tokenizer.use_regex", "true", "ab11  a", 2, 7, 3, 3, 0),
                bytes("pre_tokenizer.trim_offsets", "false", "ab", 2),
                bytes("pre_tokenizer", sequence("{\"type\": \"Digits\", \"individual_digits\": true}"), "11", 6, 6),
                bytes("pre_tokenizer", sequence("{\"type\": \"Digits\", \"individual_digits\": false}"), "11", 7),
                bytes("pre_tokenizer", sequence("{\"type\": \"Split\", \"pattern\": {\"Regex\": \"a\"},"
                        + " \"behavior\": \"Isolated\", \"invert\": true}"), "ab", 0, 1),
                bytes("pre_tokenizer", sequence("{\"type\": \"Split\", \"pattern\": {\"String\": \".\"},"
                        + " \"behavior\": \"Isolated\", \"invert\": false}"), "ab", 2),
                bytes("normalizer", "{\"type\": \"NFC\"}", "\u00e9", 4, 5),
                bytes("normalizer", "{\"type\": \"Sequence\", \"normalizers\": [{\"type\": \"NFC\"}]}", "\u00e9", 4, 5),
                bytes("normalizer", "{\"type\": \"Sequence\", \"normalizers\": []}", "ab", 2),
                bytes("post_processor", "null", "ab", 2));
    }

    private static String sequence(String step) {
        return "{\"type\": \"Sequence\", \"pretokenizers\": [" + step + ", {\"type\": \"ByteLevel\","
                + " \"add_prefix_space\": false, \"use_regex\": false}]}";
    }

    private static Arguments pieces(String member, String value, String text, int... ids) {
        return arguments(PIECES, member, value, text, ids);
    }

    private static Arguments bytes(String member, String value, String text, int... ids) {
        return arguments(BYTES, member, value, text, ids);
    }

    /** Also after the file has been written again. */
    @ParameterizedTest
    @MethodSource("followed")
    void theIdsFollowTheMember(String file, String member, String value, String text, int[] ids) throws Exception {
        Map<String, Object> json = with(file, member, value);
        Tokenizer tokenizer = Tokenizers.of(json, "test");
        assertArrayEquals(ids, tokenizer.encodeWithSpecial(text));
        Map<String, Object> written = Json.parse(Json.compact(tokenizer.toMap()), "test");
        assertArrayEquals(ids, Tokenizers.of(written, "test").encodeWithSpecial(text));
        assertEquals(json.keySet(), written.keySet());
        if (!member.equals("model.merges")) { // always written as pairs
            assertEquals(member(json, member), member(written, member));
        }
    }

    /** Tokens that are not learnt stay apart from those that are: Hugging Face gives them the ids after these. */
    @Test
    void addedTokensAreNoLearntOnes() throws ModelFormatException {
        Map<String, Object> written = Tokenizers.of(Json.parse(PIECES, "test"), "test").toMap();
        assertEquals(9, ((Map<?, ?>) member(written, "model.vocab")).size());
        assertEquals(member(Json.parse(PIECES, "test"), "added_tokens"), member(written, "added_tokens"));
    }

    static Stream<Arguments> decoders() {
        String replace = "{\"type\": \"Replace\", \"pattern\": {\"String\": \"\u2581\"}, \"content\": \" \"}";
        String strip = "{\"type\": \"Strip\", \"content\": \" \", \"start\": 1, \"stop\": 0}";
        String metaspace = "{\"type\": \"Metaspace\", \"replacement\": \"\u2581\", \"prepend_scheme\": \"%s\"}";
        return Stream.of(
                arguments(steps(replace), "  hi<0x41>"),
                arguments(steps(replace, "{\"type\": \"ByteFallback\"}", "{\"type\": \"Fuse\"}"), "  hiA"),
                arguments(steps(replace, "{\"type\": \"Fuse\"}", strip), " hi<0x41>"),
                arguments(metaspace.formatted("always"), "hi<0x41>"),
                arguments(metaspace.formatted("first"), "hi<0x41>"),
                arguments(metaspace.formatted("never"), "  hi<0x41>"));
    }

    private static String steps(String... steps) {
        return "{\"type\": \"Sequence\", \"decoders\": [" + String.join(", ", steps) + "]}";
    }

    /** The first token here is two spaces: Metaspace strips all of the first one, Strip one. */
    @ParameterizedTest
    @MethodSource("decoders")
    void theTextFollowsTheDecoder(String decoder, String text) throws ModelFormatException {
        String file =
                PIECES.replace("\"hi\u2581\": 8", "\"\u2581\u2581\": 8").replace("\"hi \u2581\"", "\"\u2581 \u2581\"");
        assertEquals(text, Tokenizers.of(with(file, "decoder", decoder), "test").decode(9, 8, 3, 6));
    }

    static Stream<Arguments> refused() {
        return Stream.of(
                arguments(PIECES, "version", "\"2.0\"", "version is '2.0', expected 1.0"),
                arguments(PIECES, "truncation", "{\"max_length\": 4}", "truncation is a "),
                arguments(PIECES, "padding", "{\"strategy\": {\"Fixed\": 8}}", "padding is a "),
                arguments(PIECES, "extra", "1", "extra is 1, expected no such member"),
                arguments(PIECES, "model.extra", "true", "model.extra is true, expected no such member"),
                arguments(PIECES, "model.type", "\"WordPiece\"", "model.type is 'WordPiece', expected BPE"),
                arguments(PIECES, "model.dropout", "0.1", "model.dropout is 0.1, expected null"),
                arguments(PIECES, "model.continuing_subword_prefix", "\"##\"",
                        "model.continuing_subword_prefix is '##', expected null"),
                arguments(PIECES, "model.end_of_word_suffix", "\"</w>\"",
                        "model.end_of_word_suffix is '</w>', expected null"),
                arguments(PIECES, "model.fuse_unk", "1", "model.fuse_unk is 1, expected true or false"),
                arguments(PIECES, "model.unk_token", "3", "model.unk_token is 3, expected a string"),
                arguments(PIECES, "added_tokens.1.extra", "1", "added_tokens[1].extra is 1, expected no such member"),
                arguments(PIECES, "pre_tokenizer.replacement", "\"_\"", "pre_tokenizer.replacement is '_'"),
                arguments(PIECES, "pre_tokenizer", "{\"type\": \"Metaspace\", \"replacement\": \"\u2581\","
                        + " \"add_prefix_space\": false}", "pre_tokenizer.add_prefix_space is false, expected true"),
                arguments(PIECES, "pre_tokenizer.extra", "1", "pre_tokenizer.extra is 1"),
                arguments(PIECES, "pre_tokenizer", "{\"type\": \"Whitespace\"}", "pre_tokenizer.type is 'Whitespace'"),
                arguments(PIECES, "normalizer", "{\"type\": \"Lowercase\"}", "no normalizer beside a pre_tokenizer"),
                arguments(PIECES, "decoder", "{\"type\": \"WordPiece\"}", "decoder.type is 'WordPiece'"),
                arguments(PIECES, "decoder", "{\"type\": \"Fuse\"}", "expected a Replace of U+2581"),
                arguments(PIECES, "decoder", "{\"type\": \"Sequence\", \"decoders\": [{\"type\": \"Replace\","
                        + " \"pattern\": {\"String\": \"\u2581\"}, \"content\": \" \"}, {\"type\": \"Strip\","
                        + " \"content\": \" \", \"start\": 1, \"stop\": 0}]}", "expected a Strip of one space"),
                arguments(PIECES, "post_processor", "{\"type\": \"RobertaProcessing\", \"sep\": [\"</s>\", 2],"
                        + " \"cls\": [\"<s>\", 9]}", "post_processor.type is 'RobertaProcessing'"),
                arguments(PIECES, "post_processor.single", "[{\"Sequence\": {\"id\": \"A\", \"type_id\": 0}},"
                        + " {\"SpecialToken\": {\"id\": \"<s>\", \"type_id\": 0}}]",
                        "post_processor.single is [a JSON object"),
                arguments(PIECES, "post_processor.single", "[{\"SpecialToken\": {\"id\": \"<s>\", \"type_id\": 0}},"
                        + "{\"SpecialToken\": {\"id\": \"<s>\", \"type_id\": 0}},"
                        + " {\"Sequence\": {\"id\": \"A\", \"type_id\": 0}}]",
                        "post_processor.single is [a JSON object"),
                arguments(PIECES, "post_processor.single", "[{\"Sequence\": {\"id\": \"B\", \"type_id\": 0}}]",
                        "post_processor.single is [a JSON object"),
                arguments(BYTES, "model.byte_fallback", "true", "model.byte_fallback is true, expected false"),
                arguments(BYTES, "decoder", "{\"type\": \"Fuse\"}", "decoder.type is 'Fuse', expected ByteLevel"),
                arguments(BYTES, "normalizer", "{\"type\": \"Strip\", \"strip_left\": true, \"strip_right\": true}",
                        "normalizer.type is 'Strip'"),
                arguments(BYTES, "normalizer", "{\"type\": \"Sequence\", \"normalizers\": [{\"type\": \"NFC\"},"
                        + " {\"type\": \"Lowercase\"}]}", "normalizer.normalizers is [a JSON object, "),
                arguments(BYTES, "pre_tokenizer", sequence("{\"type\": \"Split\", \"pattern\": {\"Regex\": \"a\"},"
                        + " \"behavior\": \"Removed\", \"invert\": true}"), "behavior is 'Removed'"),
                arguments(BYTES, "pre_tokenizer", sequence("{\"type\": \"Split\", \"pattern\": {\"Regex\":"
                        + " \"(a)\\\\1\"}, \"behavior\": \"Isolated\"}"), "the pattern '(a)\\1' has \\1"),
                arguments(BYTES, "pre_tokenizer", sequence("{\"type\": \"Punctuation\", \"behavior\": \"Removed\"}"),
                        "behavior is 'Removed'"),
                arguments(BYTES, "pre_tokenizer", sequence("{\"type\": \"Digits\", \"digits\": 3}"), "digits is 3"));
    }

    @ParameterizedTest
    @MethodSource
    void refused(String file, String member, String value, String message) {
        ModelFormatException e =
                assertThrows(ModelFormatException.class, () -> Tokenizers.of(with(file, member, value), "test"));
        assertTrue(e.getMessage().contains(message), () -> "expected '" + message + "' in: " + e.getMessage());
    }

    /** The table has a row for each member, so that none is forgotten. */
    @Test
    void everyMemberHasARow() throws ModelFormatException {
        Set<String> members = new TreeSet<>(Json.parse(PIECES, "test").keySet());
        members.addAll(((Map<?, ?>) Json.parse(PIECES, "test").get("model")).keySet().stream()
                .map(name -> "model." + name).toList());
        for (String flag : List.of("single_word", "lstrip", "rstrip", "normalized", "special")) {
            members.add("added_tokens.1." + flag);
        }
        Stream.concat(followed(), refused()).forEach(row -> members.remove((String) row.get()[1]));
        assertEquals(Set.of("added_tokens", "model", "model.vocab"), members); // these are in every row
    }

    @SuppressWarnings("unchecked") // the keys of JSON objects are strings
    private static Map<String, Object> with(String file, String member, String value) throws ModelFormatException {
        Map<String, Object> json = Json.parse(file, "test");
        int dot = member.lastIndexOf('.');
        Map<String, Object> parent =
                dot < 0 ? json : (Map<String, Object>) member(json, member.substring(0, dot));
        parent.put(member.substring(dot + 1), Json.parse("{\"value\": " + value + "}", "test").get("value"));
        return json;
    }

    private static Object member(Object json, String path) {
        Object value = json;
        for (String name : path.split("\\.")) {
            value = value instanceof List<?> list ? list.get(Integer.parseInt(name)) : ((Map<?, ?>) value).get(name);
        }
        return value;
    }
}
