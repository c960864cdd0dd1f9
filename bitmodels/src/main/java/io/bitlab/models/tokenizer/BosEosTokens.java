package io.bitlab.models.tokenizer;

import io.bitlab.models.internal.Quote;
import io.bitlab.models.io.JsonObject;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * The BOS and EOS tokens in {@code tokenizer.json} and {@code tokenizer_config.json}.
 *
 * <p>Hugging Face's {@code tokenizer.json} stores the token that is put before a text, in the template of its
 * {@code post_processor}, but not the others. Unless common names identify them, they are written among the template's
 * {@code special_tokens}, as {@code bos_token} and {@code eos_token}, without being used in the template.
 *
 * @param bos the token that begins a text
 * @param addsBos whether it is put before each text
 * @param eos the token that ends a text
 */
record BosEosTokens(OptionalInt bos, boolean addsBos, OptionalInt eos) {

    private static final String TEMPLATE = "TemplateProcessing";
    private static final String POST_PROCESSOR = "post_processor";
    private static final String SPECIAL_TOKENS = "special_tokens";
    private static final String BOS = "bos_token";
    private static final String EOS = "eos_token";
    private static final List<String> BOS_NAMES =
            List.of("<|begin_of_text|>", "<s>", "<|startoftext|>", "<bos>", "<|endoftext|>");
    private static final List<String> EOS_NAMES =
            List.of("<|end_of_text|>", "</s>", "<|endoftext|>", "<eos>", "<|im_end|>");

    /**
     * Reads the tokens from a file, or else from its configuration, or else by common names.
     *
     * @param json the file
     * @param config {@code tokenizer_config.json}, may be empty
     * @param special ids of the special tokens
     * @param addsBos the default of Hugging Face's class for this kind of tokenizer
     */
    static BosEosTokens read(JsonObject json, JsonObject config, Map<String, Integer> special, boolean addsBos) {
        Optional<JsonObject> template = template(json);
        Optional<String> before = template.flatMap(BosEosTokens::before);
        OptionalInt bos = before.isPresent()
                ? OptionalInt.of(inTemplate(template.get(), before.get(), special))
                : end(json, template, BOS, "bos", config, BOS_NAMES, special);
        return new BosEosTokens(bos,
                config.optionalBool("add_bos_token").orElse(template.isPresent() ? before.isPresent() : addsBos)
                        && bos.isPresent(),
                end(json, template, EOS, "eos", config, EOS_NAMES, special));
    }

    /** The step that puts tokens around a text. Other steps must not change ids. */
    private static Optional<JsonObject> template(JsonObject json) {
        Optional<JsonObject> template = Optional.empty();
        for (JsonObject step : json.optionalObject(POST_PROCESSOR)
                .map(processor -> TokenizerJson.sequence(processor, "processors"))
                .orElse(List.of())) {
            switch (step.string("type")) {
                case TEMPLATE -> {
                    if (template.isPresent()) {
                        throw step.wrong("type", "one template, for several are not supported");
                    }
                    template = Optional.of(step.only("type", "single", "pair", SPECIAL_TOKENS));
                }
                case "ByteLevel" -> step.only("type", "add_prefix_space", "trim_offsets", "use_regex");
                default -> throw step.wrong("type", TEMPLATE + " or ByteLevel, for nothing else is supported");
            }
        }
        return template;
    }

    /** The name of the token that the template puts before a text. Templates that add other tokens are refused. */
    private static Optional<String> before(JsonObject template) {
        List<JsonObject> parts = template.objects("single");
        Optional<JsonObject> token =
                parts.isEmpty() ? Optional.empty() : parts.getFirst().optionalObject("SpecialToken");
        int text = token.isPresent() ? 1 : 0;
        if (parts.size() != text + 1
                || !parts.get(text).object("Sequence").string("id").equals("A")) {
            throw template.wrong("single", "a special token or none, and then the text (Sequence A); other tokens"
                    + " around a text are not supported");
        }
        return token.map(members -> members.string("id"));
    }

    private static int inTemplate(JsonObject template, String name, Map<String, Integer> special) {
        OptionalInt id = named(template, name);
        int found = id.orElse(special.getOrDefault(name, -1));
        if (!special.containsValue(found)) {
            throw new IllegalArgumentException("post_processor puts " + Quote.value(name)
                    + " before a text, expected one of the special added_tokens");
        }
        return found;
    }

    /** The id of a name in the template; empty if the name or its id is missing. */
    private static OptionalInt named(JsonObject template, String name) {
        Optional<JsonObject> token = template.optionalObject(SPECIAL_TOKENS).flatMap(all -> all.optionalObject(name));
        List<?> ids = token.map(members -> members.list("ids")).orElse(List.of());
        if (ids.size() > 1) {
            throw token.get().wrong("ids", "one token, for several are not supported");
        }
        return ids.isEmpty() ? OptionalInt.empty() : OptionalInt.of(TokenIds.single(token.get(), "ids"));
    }

    private static OptionalInt end(JsonObject json, Optional<JsonObject> template, String role, String oldRole,
            JsonObject config,
            List<String> usual, Map<String, Integer> special) {
        if (template.flatMap(t -> t.optionalObject(SPECIAL_TOKENS)).flatMap(t -> t.optionalObject(role)).isPresent()) {
            return named(template.get(), role);
        }
        for (JsonObject token : json.objects("added_tokens")) {
            if (token.isTrue(oldRole)) { // the format of this library up to version 0.1
                return OptionalInt.of(TokenIds.required(token, "id"));
            }
        }
        if (config.members().get(role) != null) {
            return inConfig(role, config.members().get(role) instanceof Map ? config.object(role).string("content")
                    : config.string(role), json, special);
        }
        return usual.stream().filter(special::containsKey).mapToInt(special::get).findFirst();
    }

    /** A token that the configuration names is special, whatever the file says of it, as in Hugging Face. */
    private static OptionalInt inConfig(String role, String name, JsonObject json, Map<String, Integer> special) {
        if (special.containsKey(name)) {
            return OptionalInt.of(special.get(name));
        }
        for (JsonObject token : json.objects("added_tokens")) {
            if (token.string("content").equals(name)) {
                return OptionalInt.of(TokenIds.required(token, "id"));
            }
        }
        JsonObject vocabulary = json.optionalObject("model").flatMap(model -> model.optionalObject("vocab"))
                .orElse(JsonObject.at("vocab", Map.of()));
        if (vocabulary.has(name)) {
            return OptionalInt.of(TokenIds.required(vocabulary, name));
        }
        if (role.equals(EOS)) {
            throw new IllegalArgumentException("tokenizer_config.json: eos_token is " + Quote.value(name)
                    + ", which is no token, so texts would never end; correct or remove it");
        }
        return OptionalInt.empty();
    }

    /**
     * Returns the {@code post_processor} to write: that of the file if it yields the same tokens, or else a new one.
     *
     * @param vocabulary the tokens and their roles
     * @param ofFile the post-processor of the file that the tokenizer was read from; null if there is none
     * @param addsBos as in {@link #read}
     */
    static Object postProcessor(Vocabulary vocabulary, Object ofFile, boolean addsBos) {
        BosEosTokens ends = new BosEosTokens(vocabulary.bos(), vocabulary.addsBos(), vocabulary.eos());
        if (ends.equals(readBack(vocabulary, ofFile, addsBos))) {
            return ofFile;
        }
        Map<String, Object> named = new LinkedHashMap<>();
        Map<String, Object> template = ends.template(vocabulary, named);
        BosEosTokens plain = readBack(vocabulary, template, addsBos);
        if (!ends.bos.equals(plain.bos)) {
            named.put(BOS, token(BOS, ends.bos, vocabulary));
        }
        if (!ends.eos.equals(plain.eos)) {
            named.put(EOS, token(EOS, ends.eos, vocabulary));
        }
        List<Object> steps = new ArrayList<>();
        if (ofFile != null) {
            Map<String, Object> file = new LinkedHashMap<>();
            file.put(POST_PROCESSOR, ofFile);
            TokenizerJson.sequence(JsonObject.at("", file).object(POST_PROCESSOR), "processors").stream()
                    .filter(step -> !step.string("type").equals(TEMPLATE))
                    .forEach(step -> steps.add(step.members()));
        }
        steps.add(template);
        return steps.size() == 1 ? template : TokenizerJson.typed("Sequence", "processors", steps);
    }

    private static BosEosTokens readBack(Vocabulary vocabulary, Object postProcessor, boolean addsBos) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put(POST_PROCESSOR, postProcessor);
        return read(JsonObject.at("", json), JsonObject.at("", Map.of()), vocabulary.special(), addsBos);
    }

    private Map<String, Object> template(Vocabulary vocabulary, Map<String, Object> named) {
        String before = addsBos ? vocabulary.token(bos.getAsInt()) : null;
        if (addsBos) {
            named.put(before, token(before, bos, vocabulary));
        }
        List<Object> single = part(before, "A", 0);
        List<Object> pair = new ArrayList<>(single);
        pair.addAll(part(before, "B", 1));
        return TokenizerJson.typed(TEMPLATE, "single", single, "pair", pair, SPECIAL_TOKENS, named);
    }

    private static List<Object> part(String before, String text, int type) {
        Map<String, Object> sequence = Map.of("Sequence", Map.of("id", text, "type_id", type));
        return before == null
                ? List.of(sequence)
                : List.of(Map.of("SpecialToken", Map.of("id", before, "type_id", type)), sequence);
    }

    private static Map<String, Object> token(String name, OptionalInt id, Vocabulary vocabulary) {
        List<Integer> ids = id.isPresent() ? List.of(id.getAsInt()) : List.of();
        return Map.of("id", name, "ids", ids, "tokens", ids.stream().map(vocabulary::token).toList());
    }
}
