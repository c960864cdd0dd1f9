package io.bitlab.models.tokenizer;

import io.bitlab.models.internal.Quote;
import io.bitlab.models.io.JsonObject;
import io.bitlab.models.tokenizer.SentencePieceTokenizer.Decoding;
import io.bitlab.models.tokenizer.SentencePieceTokenizer.PrependScheme;
import io.bitlab.models.tokenizer.SentencePieceTokenizer.Settings;
import io.bitlab.models.tokenizer.SentencePieceTokenizer.Spaces;
import io.bitlab.models.tokenizer.SentencePieceTokenizer.Strip;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** SentencePiece tokenizers in {@code tokenizer.json}: the steps that replace, prepend and strip spaces. */
final class SentencePieceJson {

    private static final String METASPACE = "Metaspace";

    private SentencePieceJson() {}

    static SentencePieceTokenizer read(JsonObject json, TokenizerJson.Added added) {
        JsonObject model = json.object("model");
        Map<String, Integer> learnt = TokenIds.of(model.object("vocab"));
        Map<String, Integer> ids = new HashMap<>(learnt);
        added.tokens().forEach((token, id) -> {
            Integer before = ids.put(token.text(), id);
            if (before != null && !before.equals(id)) {
                throw new IllegalArgumentException("token " + Quote.value(token.text()) + " has the ids " + before
                        + " and " + id + ", expected one");
            }
        });
        BosEosTokens ends = added.ends();
        Vocabulary vocabulary = new Vocabulary(
                ids, learnt.keySet(), added.tokens().keySet(), ends.bos(), ends.addsBos(), ends.eos());
        Spaces spaces = spaces(json);
        Settings settings = new Settings(TokenizerJson.unknown(model, learnt),
                model.isTrue("byte_fallback"), model.isTrue("ignore_merges"));
        return new SentencePieceTokenizer(vocabulary, MergeTable.of(vocabulary, TokenizerJson.merges(model)), spaces,
                settings, json.optionalObject("decoder").map(SentencePieceJson::decoding).orElse(usual(spaces)),
                TokenizerJson.settings(json));
    }

    /** The decoding of a file without a decoder. */
    static Decoding usual(Spaces spaces) {
        return new Decoding(true, spaces.prepend() == PrependScheme.NEVER ? Strip.NOTHING : Strip.ONE_SPACE);
    }

    private static Spaces spaces(JsonObject json) {
        Optional<JsonObject> metaspace = json.optionalObject("pre_tokenizer");
        Optional<JsonObject> normalizer = json.optionalObject("normalizer");
        if (metaspace.isPresent()) {
            if (normalizer.isPresent()) {
                throw normalizer.get().wrong("type", "no normalizer beside a pre_tokenizer");
            }
            return metaspace(metaspace.get());
        }
        PrependScheme before = PrependScheme.NEVER;
        boolean replaces = false;
        for (JsonObject step : normalizer.map(step -> TokenizerJson.sequence(step, "normalizers")).orElse(List.of())) {
            switch (step.string("type")) {
                case "Prepend" -> {
                    step.only("type", "prepend");
                    if (before != PrependScheme.NEVER) {
                        throw step.wrong("type", "one Prepend, for several are not supported");
                    }
                    requireSpace(step, "prepend");
                    before = PrependScheme.ALWAYS;
                }
                case "Replace" -> {
                    requireReplace(step, " ", SentencePieceTokenizer.SPACE);
                    replaces = true;
                }
                default -> throw step.wrong("type", "Prepend or Replace, for nothing else is supported");
            }
        }
        if (!replaces) {
            throw new IllegalArgumentException("this is neither a tokenizer of bytes, with a pre_tokenizer ByteLevel,"
                    + " nor one as in SentencePiece, with a normalizer Replace or a pre_tokenizer Metaspace; others"
                    + " are not supported");
        }
        return new Spaces(true, before, false);
    }

    private static Spaces metaspace(JsonObject step) {
        if (!step.string("type").equals(METASPACE)) {
            throw step.wrong("type", METASPACE + " or ByteLevel");
        }
        return new Spaces(false, scheme(step), step.optionalBool("split").orElse(true));
    }

    /** The prepend scheme of a pretokenizer or decoder. Old files use {@code add_prefix_space} instead. */
    private static PrependScheme scheme(JsonObject metaspace) {
        metaspace.only("type", "replacement", "prepend_scheme", "add_prefix_space", "split", "str_rep");
        requireSpace(metaspace, "replacement");
        String scheme = metaspace.optionalString("prepend_scheme").orElse("always");
        if (!metaspace.optionalBool("add_prefix_space").orElse(true) && !scheme.equals("never")) {
            throw metaspace.wrong("add_prefix_space", "true, or the prepend_scheme never");
        }
        return switch (scheme) {
            case "always" -> PrependScheme.ALWAYS;
            case "first" -> PrependScheme.FIRST;
            case "never" -> PrependScheme.NEVER;
            default -> throw metaspace.wrong("prepend_scheme", "always, first or never");
        };
    }

    private static void requireReplace(JsonObject step, String from, String to) {
        step.only("type", "pattern", "content");
        JsonObject pattern = step.object("pattern").only("String");
        if (!pattern.string("String").equals(from)) {
            throw pattern.wrong("String", Quote.value(from) + ", for nothing else is supported");
        }
        if (!step.string("content").equals(to)) {
            throw step.wrong("content", Quote.value(to) + ", for nothing else is supported");
        }
    }

    private static void requireSpace(JsonObject step, String name) {
        if (!step.string(name).equals(SentencePieceTokenizer.SPACE)) {
            throw step.wrong(name, "U+2581, for nothing else is supported");
        }
    }

    private static Decoding decoding(JsonObject decoder) {
        List<JsonObject> steps = TokenizerJson.sequence(decoder, "decoders");
        boolean replaces = false;
        boolean bytes = false;
        boolean fuses = false;
        Strip strip = Strip.NOTHING;
        for (JsonObject step : steps) {
            switch (step.string("type")) {
                case METASPACE -> {
                    if (steps.size() > 1) {
                        throw step.wrong("type", METASPACE + " alone, for nothing else is supported");
                    }
                    return new Decoding(false,
                            scheme(step) == PrependScheme.NEVER ? Strip.NOTHING : Strip.FIRST_TOKEN);
                }
                case "Replace" -> {
                    requireReplace(step, SentencePieceTokenizer.SPACE, " ");
                    replaces = true;
                }
                case "ByteFallback" -> {
                    step.only("type");
                    bytes = true;
                }
                case "Fuse" -> {
                    step.only("type");
                    fuses = true;
                }
                case "Strip" -> {
                    requireOneSpace(step, fuses && strip == Strip.NOTHING);
                    strip = Strip.ONE_SPACE;
                }
                default -> throw step.wrong("type",
                        "Replace, ByteFallback, Fuse, Strip or " + METASPACE + ", for nothing else is supported");
            }
        }
        if (!replaces) {
            throw decoder.wrong("type", "a Replace of U+2581 by a space among the decoders");
        }
        return new Decoding(bytes, strip);
    }

    private static void requireOneSpace(JsonObject strip, boolean inPlace) {
        strip.only("type", "content", "start", "stop");
        if (!strip.string("content").equals(" ") || TokenIds.required(strip, "start") != 1
                || TokenIds.required(strip, "stop") != 0 || !inPlace) {
            throw strip.wrong("type", "a Strip of one space at the start, once and after Fuse, for nothing else is"
                    + " supported");
        }
    }

    static Map<String, Object> describe(SentencePieceTokenizer tokenizer) {
        if (!tokenizer.fileSettings().isEmpty()) {
            return TokenizerJson.describe(tokenizer, tokenizer.fileSettings(), true);
        }
        List<Object> normalizers = new ArrayList<>();
        List<Object> decoders = new ArrayList<>(List.of(
                TokenizerJson.typed("Replace", "pattern", Map.of("String", SentencePieceTokenizer.SPACE), "content",
                        " "),
                TokenizerJson.typed("ByteFallback"), TokenizerJson.typed("Fuse")));
        if (tokenizer.spaces().prepend() != PrependScheme.NEVER) {
            normalizers.add(TokenizerJson.typed("Prepend", "prepend", SentencePieceTokenizer.SPACE));
            decoders.add(TokenizerJson.typed("Strip", "content", " ", "start", 1, "stop", 0));
        }
        normalizers.add(TokenizerJson.typed("Replace", "pattern", Map.of("String", " "), "content",
                SentencePieceTokenizer.SPACE));
        UnknownToken unknown = tokenizer.settings().unknown();
        Map<String, Object> steps = new LinkedHashMap<>();
        steps.put("normalizer", TokenizerJson.typed("Sequence", "normalizers", normalizers));
        steps.put("pre_tokenizer", null);
        steps.put("decoder", TokenizerJson.typed("Sequence", "decoders", decoders));
        steps.put("model", TokenizerJson.model(
                unknown.id() < 0 ? null : tokenizer.vocabulary().token(unknown.id()), unknown.fused(), true, false));
        return TokenizerJson.describe(tokenizer, steps, true);
    }
}
