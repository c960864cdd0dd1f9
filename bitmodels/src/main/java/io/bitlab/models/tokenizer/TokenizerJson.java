package io.bitlab.models.tokenizer;

import io.bitlab.models.internal.Quote;
import io.bitlab.models.io.JsonObject;
import io.bitlab.models.io.ModelFormatException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The format of Hugging Face's {@code tokenizer.json}, version 1.0. Unsupported settings are refused. */
final class TokenizerJson {

    private static final String MODEL = "model";
    private static final String VOCAB = "vocab";
    private static final String MERGES = "merges";
    private static final String ADDED_TOKENS = "added_tokens";
    private static final List<String> STEPS = List.of("normalizer", "pre_tokenizer", "decoder");

    private TokenizerJson() {}

    static Tokenizer read(Map<String, ?> json, Map<String, ?> config, String source) throws ModelFormatException {
        try {
            return read(JsonObject.at("", json), JsonObject.at("tokenizer_config", config));
        } catch (IllegalArgumentException e) {
            throw new ModelFormatException(source, e.getMessage(), e);
        }
    }

    private static Tokenizer read(JsonObject json, JsonObject config) {
        JsonObject model = json.object(MODEL);
        String type = model.optionalString("type").orElse("BPE"); // the type is newer than the format
        return switch (type) {
            case ByteTokenizer.MODEL -> {
                json.only(MODEL);
                model.only("type");
                yield new ByteTokenizer();
            }
            case CharacterTokenizer.MODEL -> {
                json.only(MODEL);
                model.only("type", VOCAB);
                yield characters(model.object(VOCAB));
            }
            case "BPE" -> {
                requireKnown(json, model);
                yield ByteLevelJson.isByteLevel(json)
                        ? ByteLevelJson.read(json, added(json, config, false))
                        : SentencePieceJson.read(json, added(json, config, true));
            }
            default -> throw model.wrong("type", "BPE; models of other types have other tokenizers");
        };
    }

    /** Refuses settings that would change the result and are not supported. */
    private static void requireKnown(JsonObject json, JsonObject model) {
        json.only("version", "truncation", "padding", ADDED_TOKENS, "normalizer", "pre_tokenizer", "post_processor",
                "decoder", MODEL);
        if (!json.optionalString("version").orElse("1.0").equals("1.0")) {
            throw json.wrong("version", "1.0");
        }
        json.requireNull("truncation");
        json.requireNull("padding");
        model.only("type", "dropout", "unk_token", "continuing_subword_prefix", "end_of_word_suffix", "fuse_unk",
                "byte_fallback", "ignore_merges", VOCAB, MERGES);
        if (!(model.members().get("dropout") instanceof Number dropout && dropout.doubleValue() == 0)) {
            model.requireNull("dropout");
        }
        for (String affix : List.of("continuing_subword_prefix", "end_of_word_suffix")) {
            if (!model.optionalString(affix).orElse("").isEmpty()) {
                model.requireNull(affix);
            }
        }
    }

    private static Tokenizer characters(JsonObject vocab) {
        CharacterTokenizer tokenizer = CharacterTokenizer.of(String.join("", vocab.members().keySet()));
        if (!tokenizer.toMap()
                .equals(Map.of("model", Map.of("type", CharacterTokenizer.MODEL, "vocab", vocab.members())))) {
            throw new IllegalArgumentException(
                    "model.vocab is not every character once with the ids 0, 1, 2 and so on in the order of Unicode");
        }
        return tokenizer;
    }

    /** The added tokens with their ids, and the BOS and EOS tokens. */
    record Added(Map<AddedToken, Integer> tokens, BosEosTokens ends) {}

    /** {@code addsBos} is the default of Hugging Face's class for this kind of tokenizer. */
    private static Added added(JsonObject json, JsonObject config, boolean addsBos) {
        Map<AddedToken, Integer> tokens = new LinkedHashMap<>();
        Map<String, Integer> special = new LinkedHashMap<>();
        for (JsonObject token : json.objects(ADDED_TOKENS)) {
            token.only("id", "content", "single_word", "lstrip", "rstrip", "normalized", "special", "bos", "eos");
            AddedToken added = new AddedToken(token.string("content"), token.isTrue("special"),
                    token.isTrue("single_word"), token.isTrue("lstrip"), token.isTrue("rstrip"),
                    token.isTrue("normalized"));
            tokens.put(added, TokenIds.required(token, "id"));
            if (added.special()) {
                special.put(added.text(), TokenIds.required(token, "id"));
            }
        }
        return new Added(tokens, BosEosTokens.read(json, config, special, addsBos));
    }

    /** The unknown token. It may be missing from the vocabulary; then unknown characters are refused. */
    static UnknownToken unknown(JsonObject model, Map<String, Integer> vocab) {
        return new UnknownToken(model.optionalString("unk_token").map(vocab::get).orElse(-1), model.isTrue("fuse_unk"));
    }

    /** The steps of a Sequence, in the member of this name; anything else is the only step. */
    static List<JsonObject> sequence(JsonObject step, String name) {
        return step.string("type").equals("Sequence") ? step.objects(name) : List.of(step);
    }

    /** Everything in a file but tokens and merges, to be written back unchanged. */
    static Map<String, Object> settings(JsonObject json) {
        Map<String, Object> kept = new LinkedHashMap<>();
        STEPS.forEach(step -> kept.put(step, json.members().get(step)));
        kept.put("post_processor", json.members().get("post_processor"));
        Map<String, Object> model = new LinkedHashMap<>(json.object(MODEL).members());
        model.keySet().removeAll(List.of(VOCAB, MERGES));
        kept.put(MODEL, model);
        return kept;
    }

    /** Left and right tokens in turn, read from pairs or, in old files, from strings with a space between the two. */
    static List<String> merges(JsonObject model) {
        List<String> merges = new ArrayList<>();
        for (Object merge : model.list("merges")) {
            List<?> pair = merge instanceof String text ? List.of(text.split(" ", -1)) : merge instanceof List<?> l ? l
                    : List.of();
            if (pair.size() != 2 || !(pair.get(0) instanceof String left) || !(pair.get(1) instanceof String right)
                    || left.isEmpty() || right.isEmpty()) {
                throw new IllegalArgumentException("model.merges has " + Quote.value(merge) + " as merge "
                        + merges.size() / 2 + ", expected two tokens, as a list or with a space between them");
            }
            merges.add(left);
            merges.add(right);
        }
        return merges;
    }

    /** The settings of a model; {@code unknown} may be null. */
    static Map<String, Object> model(String unknown, boolean fuseUnknown, boolean byteFallback, boolean ignoreMerges) {
        Map<String, Object> model = new LinkedHashMap<>();
        model.put("type", "BPE");
        model.put("dropout", null);
        model.put("unk_token", unknown);
        model.put("continuing_subword_prefix", null);
        model.put("end_of_word_suffix", null);
        model.put("fuse_unk", fuseUnknown);
        model.put("byte_fallback", byteFallback);
        model.put("ignore_merges", ignoreMerges);
        return model;
    }

    /**
     * Describes a tokenizer with a vocabulary.
     *
     * @param tokenizer the tokenizer, for its tokens and merges
     * @param steps as {@link #settings} keeps them; without {@code post_processor} if there is no file
     * @param addsBos as in {@link BosEosTokens#read}
     */
    static Map<String, Object> describe(VocabularyTokenizer tokenizer, Map<String, Object> steps, boolean addsBos) {
        Vocabulary vocabulary = tokenizer.vocabulary();
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("version", "1.0");
        json.put("truncation", null);
        json.put("padding", null);
        json.put(ADDED_TOKENS, added(vocabulary));
        STEPS.forEach(step -> json.put(step, steps.get(step)));
        json.put("post_processor", BosEosTokens.postProcessor(vocabulary, steps.get("post_processor"), addsBos));
        Map<String, Object> model = new LinkedHashMap<>();
        JsonObject.at("", steps).object(MODEL).members().forEach(model::put);
        model.put(VOCAB, vocabulary.upToLastLearnt()); // a special token may have a place among them, as in GPT-2
        model.put(MERGES, tokenizer.mergePairs());
        json.put(MODEL, model);
        return json;
    }

    private static List<Map<String, Object>> added(Vocabulary vocabulary) {
        List<Map<String, Object>> tokens = new ArrayList<>();
        vocabulary.added().stream().sorted(Comparator.comparingInt(added -> vocabulary.id(added.text())))
                .forEach(added -> {
                    Map<String, Object> token = new LinkedHashMap<>();
                    token.put("id", vocabulary.id(added.text()));
                    token.put("content", added.text());
                    token.put("single_word", added.singleWord());
                    token.put("lstrip", added.leftStrip());
                    token.put("rstrip", added.rightStrip());
                    token.put("normalized", added.normalized());
                    token.put("special", added.special());
                    tokens.add(token);
                });
        return tokens;
    }

    /** An object with a type and other members, given as name, value, name, and so on. */
    static Map<String, Object> typed(String type, Object... members) {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("type", type);
        for (int i = 0; i < members.length; i += 2) {
            object.put((String) members[i], members[i + 1]);
        }
        return object;
    }
}
