package io.bitlab.models.text;

import io.bitlab.models.io.ModelFormatException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;

/** The form of Hugging Face's {@code tokenizer.json}, version 1.0. What it asks for beyond this library is refused. */
final class TokenizerJson {

    /** Marks, in an added token, what it is for; other programs ignore it. */
    private static final String BOS = "bos";

    private static final String EOS = "eos";
    private static final String TEMPLATE = "TemplateProcessing";
    private static final List<String> BOS_NAMES =
            List.of("<|begin_of_text|>", "<s>", "<|startoftext|>", "<bos>", "<|endoftext|>");
    private static final List<String> EOS_NAMES =
            List.of("<|end_of_text|>", "</s>", "<|endoftext|>", "<eos>", "<|im_end|>");

    private TokenizerJson() {}

    static Tokenizer read(Map<String, ?> json, Map<String, ?> config, String source) throws ModelFormatException {
        try {
            return read(new Members("", json), new Members("tokenizer_config.", config));
        } catch (IllegalArgumentException e) {
            throw new ModelFormatException(source, e.getMessage(), e);
        }
    }

    private static Tokenizer read(Members json, Members config) {
        Members model = json.object("model");
        String type = model.optionalString("type").orElse("BPE"); // the type is newer than the format
        return switch (type) {
            case ByteTokenizer.MODEL -> new ByteTokenizer();
            case CharacterTokenizer.MODEL -> characters(model.object("vocab"));
            case "BPE" -> model.flag("byte_fallback", false) || !ByteLevelJson.isByteLevel(json)
                    ? SentencePieceJson.read(json, added(json, config, true))
                    : ByteLevelJson.read(json, added(json, config, false));
            default -> throw model.wrong("type", "BPE; models of other types have other tokenizers");
        };
    }

    private static Tokenizer characters(Members vocab) {
        CharacterTokenizer tokenizer = CharacterTokenizer.of(String.join("", vocab.values().keySet()));
        if (!tokenizer.toMap()
                .equals(Map.of("model", Map.of("type", CharacterTokenizer.MODEL, "vocab", vocab.values())))) {
            throw new IllegalArgumentException(
                    "model.vocab is not every character once with the ids 0, 1, 2 and so on in the order of Unicode");
        }
        return tokenizer;
    }

    /** Tokens that the model did not learn, and those for both ends of a text. */
    record Added(Map<String, Integer> special, Map<String, Integer> userDefined, OptionalInt bos, boolean addsBos,
            OptionalInt eos) {}

    /** Where nothing is said, {@code addsBos} is what Hugging Face's class for the kind of tokenizer does. */
    private static Added added(Members json, Members config, boolean addsBos) {
        Map<String, Integer> special = new LinkedHashMap<>();
        Map<String, Integer> userDefined = new LinkedHashMap<>();
        OptionalInt bos = OptionalInt.empty();
        OptionalInt eos = OptionalInt.empty();
        for (Members token : json.objects("added_tokens")) {
            for (String unsupported : List.of("single_word", "lstrip", "rstrip")) {
                if (token.flag(unsupported, false)) {
                    throw token.wrong(unsupported, "false, for nothing else is supported");
                }
            }
            int id = token.id("id");
            (token.flag("special", false) ? special : userDefined).put(token.string("content"), id);
            bos = token.flag(BOS, false) ? OptionalInt.of(id) : bos;
            eos = token.flag(EOS, false) ? OptionalInt.of(id) : eos;
        }
        Optional<Members> template = template(json);
        Optional<String> before = template.flatMap(TokenizerJson::firstSpecial);
        if (before.isPresent() && !special.containsKey(before.get())) {
            throw new IllegalArgumentException("post_processor puts " + Quote.value(before.get())
                    + " before a text, expected one of the special added_tokens");
        }
        bos = before.isPresent() ? OptionalInt.of(special.get(before.get())) : bos;
        return new Added(special, userDefined, bos.isPresent() ? bos : byName(config, "bos_token", BOS_NAMES, special),
                config.flag("add_bos_token", template.isPresent() ? before.isPresent() : addsBos),
                eos.isPresent() ? eos : byName(config, "eos_token", EOS_NAMES, special));
    }

    /** The step that puts tokens around a text. */
    private static Optional<Members> template(Members json) {
        return json.optionalObject("post_processor").stream()
                .flatMap(processor -> processor.steps("processors").stream())
                .filter(step -> step.string("type").equals(TEMPLATE))
                .findFirst();
    }

    /** The token with which a template begins, if it doesn't begin with the text. */
    private static Optional<String> firstSpecial(Members template) {
        return template.objects("single").stream()
                .limit(1)
                .flatMap(part -> part.optionalObject("SpecialToken").stream())
                .map(token -> token.string("id"))
                .findFirst();
    }

    private static OptionalInt byName(Members config, String role, List<String> usual, Map<String, Integer> special) {
        List<String> names = usual;
        if (config.values().get(role) != null) {
            names = List.of(config.values().get(role) instanceof Map
                    ? config.object(role).string("content")
                    : config.string(role));
        }
        return names.stream().filter(special::containsKey).mapToInt(special::get).findFirst();
    }

    /** Left and right token in turn, from pairs or from strings with a space in them; old files have these. */
    static List<String> merges(Members model) {
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

    /** Refuses settings of a model that change the result in ways this library lacks. */
    static void requirePlain(Members model) {
        for (String unsupported : List.of("dropout", "continuing_subword_prefix", "end_of_word_suffix")) {
            Object value = model.values().get(unsupported);
            if (value != null && !value.equals("") && !value.equals(0.0)) {
                throw model.wrong(unsupported, "null, for nothing else is supported");
            }
        }
    }

    /** The whole description of a tokenizer with a vocabulary; the arguments are its members, some may be null. */
    static Map<String, Object> describe(VocabularyTokenizer tokenizer, Map<String, Object> normalizer,
            Map<String, Object> pretokenizer, Map<String, Object> decoder, boolean byteFallback,
            boolean ignoreMerges, String unknown) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("version", "1.0");
        json.put("truncation", null);
        json.put("padding", null);
        json.put("added_tokens", added(tokenizer.vocabulary()));
        json.put("normalizer", normalizer);
        json.put("pre_tokenizer", pretokenizer);
        json.put("post_processor", template(tokenizer.vocabulary()));
        json.put("decoder", decoder);
        Map<String, Object> model = new LinkedHashMap<>();
        model.put("type", "BPE");
        model.put("dropout", null);
        model.put("unk_token", unknown);
        model.put("continuing_subword_prefix", null);
        model.put("end_of_word_suffix", null);
        model.put("fuse_unk", byteFallback);
        model.put("byte_fallback", byteFallback);
        model.put("ignore_merges", ignoreMerges);
        // a special token may have a place among the learnt ones, as in GPT-2; all ids keep their place this way
        model.put("vocab", tokenizer.vocabulary().all());
        model.put("merges", tokenizer.mergePairs());
        json.put("model", model);
        return json;
    }

    /** What is put before a text, and before both of a pair; null if there is no such token. */
    private static Map<String, Object> template(Vocabulary vocabulary) {
        if (vocabulary.bos().isEmpty()) {
            return null;
        }
        int id = vocabulary.bos().getAsInt();
        String bos = vocabulary.token(id);
        boolean adds = vocabulary.addsBos();
        List<Object> single = templatePart(bos, adds, "A", 0);
        List<Object> pair = new ArrayList<>(single);
        pair.addAll(templatePart(bos, adds, "B", 1));
        return typed(TEMPLATE, "single", single, "pair", pair, "special_tokens",
                adds ? Map.of(bos, Map.of("id", bos, "ids", List.of(id), "tokens", List.of(bos))) : Map.of());
    }

    private static List<Object> templatePart(String bos, boolean adds, String text, int type) {
        Map<String, Object> sequence = Map.of("Sequence", Map.of("id", text, "type_id", type));
        return adds ? List.of(Map.of("SpecialToken", Map.of("id", bos, "type_id", type)), sequence)
                : List.of(sequence);
    }

    private static List<Map<String, Object>> added(Vocabulary vocabulary) {
        List<Map<String, Object>> tokens = new ArrayList<>();
        Map<Integer, String> added = new TreeMap<>();
        vocabulary.special().forEach((text, id) -> added.put(id, text));
        vocabulary.userDefined().forEach((text, id) -> added.put(id, text));
        added.forEach((id, text) -> {
            Map<String, Object> token = new LinkedHashMap<>();
            token.put("id", id);
            token.put("content", text);
            token.put("single_word", false);
            token.put("lstrip", false);
            token.put("rstrip", false);
            token.put("normalized", false);
            token.put("special", vocabulary.special().containsKey(text));
            if (vocabulary.bos().equals(OptionalInt.of(id))) {
                token.put(BOS, true);
            }
            if (vocabulary.eos().equals(OptionalInt.of(id))) {
                token.put(EOS, true);
            }
            tokens.add(token);
        });
        return tokens;
    }

    /** An object with a type and one other member. */
    static Map<String, Object> typed(String type, Object... members) {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("type", type);
        for (int i = 0; i < members.length; i += 2) {
            object.put((String) members[i], members[i + 1]);
        }
        return object;
    }
}
