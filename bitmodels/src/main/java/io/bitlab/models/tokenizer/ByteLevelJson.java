package io.bitlab.models.tokenizer;

import io.bitlab.models.io.JsonObject;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Byte-level tokenizers in {@code tokenizer.json}: their pretokenizer, normalizer and decoder steps. */
final class ByteLevelJson {

    private static final String BYTE_LEVEL = "ByteLevel";
    private static final String STEPS = "pretokenizers";
    private static final String PUNCTUATION = "[!-/:-@\\[-`{-~\\p{P}]";

    private ByteLevelJson() {}

    static boolean isByteLevel(JsonObject json) {
        return json.optionalObject("pre_tokenizer")
                .map(step -> TokenizerJson.sequence(step, STEPS).stream()
                        .anyMatch(s -> s.string("type").equals(BYTE_LEVEL)))
                .orElse(false);
    }

    static BpeTokenizer read(JsonObject json, TokenizerJson.Added added) {
        JsonObject model = json.object("model");
        Map<String, Integer> ids = TokenIds.of(model.object("vocab"));
        json.optionalObject("decoder").ifPresent(ByteLevelJson::requireByteLevel);
        BpeTokenizer.Builder builder = BpeTokenizer.builder()
                .vocabulary(ids)
                .pretokenizer(pretokenizer(json))
                .ignoreMerges(model.isTrue("ignore_merges"))
                .unknown(TokenizerJson.unknown(model, ids))
                .fileSettings(TokenizerJson.settings(json));
        added.tokens().forEach(builder::added);
        added.ends().bos().ifPresent(builder::bos);
        builder.addsBos(added.ends().addsBos());
        added.ends().eos().ifPresent(builder::eos);
        List<String> merges = TokenizerJson.merges(model);
        for (int i = 0; i < merges.size(); i += 2) {
            builder.merge(merges.get(i), merges.get(i + 1));
        }
        BpeTokenizer tokenizer = builder.build();
        if (model.isTrue("byte_fallback") && !tokenizer.hasAllBytes()) {
            throw model.wrong("byte_fallback", "false with a ByteLevel step, unless the vocabulary has all bytes");
        }
        return tokenizer;
    }

    private static void requireByteLevel(JsonObject decoder) {
        List<JsonObject> steps = TokenizerJson.sequence(decoder, "decoders");
        if (steps.size() != 1 || !steps.getFirst().string("type").equals(BYTE_LEVEL)) {
            throw decoder.wrong("type", BYTE_LEVEL + ", as the pre_tokenizer is, for nothing else is supported");
        }
        steps.getFirst().only("type", "add_prefix_space", "trim_offsets", "use_regex");
    }

    private static Pretokenizer pretokenizer(JsonObject json) {
        List<String> patterns = new ArrayList<>();
        List<JsonObject> steps = TokenizerJson.sequence(json.object("pre_tokenizer"), STEPS);
        boolean spaceFirst = false;
        for (JsonObject step : steps) {
            switch (step.string("type")) {
                case "Split" -> patterns.add(split(step));
                case "Digits" -> patterns.add(
                        step.only("type", "individual_digits").isTrue("individual_digits")
                                ? "\\p{N}"
                                : "\\p{N}+");
                case "Punctuation" -> patterns.add(punctuation(step.only("type", "behavior")));
                case BYTE_LEVEL -> {
                    step.only("type", "add_prefix_space", "trim_offsets", "use_regex");
                    // later steps would see bytes in place of characters
                    if (step != steps.getLast()) {
                        throw new IllegalArgumentException(step.path("type") + " is " + BYTE_LEVEL
                                + " before other steps, expected it as the last one, for nothing else is supported");
                    }
                    spaceFirst = step.optionalBool("add_prefix_space").orElse(true);
                    if (spaceFirst && steps.size() > 1) {
                        throw step.wrong("add_prefix_space", "false after other steps, for nothing else is supported");
                    }
                    if (step.optionalBool("use_regex").orElse(true)) {
                        patterns.addAll(Pretokenizer.GPT2.patterns());
                    }
                }
                default -> throw step.wrong("type", "Split, Digits, Punctuation or " + BYTE_LEVEL);
            }
        }
        Pretokenizer cuts = Pretokenizer.of(patterns.toArray(String[]::new));
        Pretokenizer spaced = spaceFirst ? cuts.withSpaceFirst() : cuts;
        return json.optionalObject("normalizer").flatMap(ByteLevelJson::form).map(spaced::withForm).orElse(spaced);
    }

    private static Optional<Normalizer.Form> form(JsonObject normalizer) {
        List<JsonObject> steps = TokenizerJson.sequence(normalizer, "normalizers");
        if (steps.isEmpty()) {
            return Optional.empty();
        }
        if (steps.size() > 1) {
            throw normalizer.wrong("normalizers", "one step, for several are not supported");
        }
        Normalizer.Form form = singleForm(steps.getFirst());
        steps.getFirst().only("type");
        return Optional.of(form);
    }

    private static Normalizer.Form singleForm(JsonObject normalizer) {
        return switch (normalizer.string("type")) {
            case "NFC" -> Normalizer.Form.NFC;
            case "NFD" -> Normalizer.Form.NFD;
            case "NFKC" -> Normalizer.Form.NFKC;
            case "NFKD" -> Normalizer.Form.NFKD;
            default -> throw normalizer.wrong("type", "NFC, NFD, NFKC or NFKD; others are not supported");
        };
    }

    private static String split(JsonObject step) {
        if (!step.string("behavior").equals("Isolated")) {
            throw step.wrong("behavior", "Isolated, for nothing else is supported");
        }
        step.only("type", "pattern", "behavior", "invert");
        JsonObject pattern = step.object("pattern").only("String", "Regex");
        // Isolated keeps what matches and what doesn't, so inverting changes nothing
        step.optionalBool("invert");
        return pattern.optionalString("String")
                .map(text -> text.replaceAll("[\\\\^$.|?*+()\\[\\]{}]", "\\\\$0"))
                .orElseGet(() -> pattern.string("Regex"));
    }

    private static String punctuation(JsonObject step) {
        return switch (step.optionalString("behavior").orElse("Isolated")) {
            case "Isolated" -> PUNCTUATION;
            case "Contiguous" -> PUNCTUATION + "+";
            default -> throw step.wrong("behavior", "Isolated or Contiguous, for nothing else is supported");
        };
    }

    static Map<String, Object> describe(BpeTokenizer tokenizer) {
        if (!tokenizer.fileSettings().isEmpty()) {
            return TokenizerJson.describe(tokenizer, tokenizer.fileSettings(), false);
        }
        Pretokenizer pretokenizer = tokenizer.pretokenizer();
        boolean gpt2 = pretokenizer.patterns().equals(Pretokenizer.GPT2.patterns());
        List<Object> steps = new ArrayList<>();
        if (!gpt2) {
            for (String pattern : pretokenizer.patterns()) {
                steps.add(TokenizerJson.typed("Split", "pattern", Map.of("Regex", pattern), "behavior", "Isolated",
                        "invert", false));
            }
        }
        Map<String, Object> bytes = TokenizerJson.typed(BYTE_LEVEL, "add_prefix_space", pretokenizer.spaceFirst(),
                "trim_offsets", true, "use_regex", gpt2);
        steps.add(bytes);
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("normalizer", pretokenizer.form().map(form -> TokenizerJson.typed(form.name())).orElse(null));
        all.put("pre_tokenizer", steps.size() == 1 ? bytes : TokenizerJson.typed("Sequence", STEPS, steps));
        all.put("decoder", TokenizerJson.typed(
                BYTE_LEVEL, "add_prefix_space", true, "trim_offsets", true, "use_regex", true));
        all.put("model", TokenizerJson.model(null, false, false, tokenizer.ignoreMerges()));
        return TokenizerJson.describe(tokenizer, all, false);
    }
}
