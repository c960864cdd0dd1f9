package io.bitlab.models.text;

import java.text.Normalizer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Tokenizers of bytes in {@code tokenizer.json}: how the steps that cut text are written. */
final class ByteLevelJson {

    private static final String BYTE_LEVEL = "ByteLevel";
    private static final String STEPS = "pretokenizers";
    private static final String PUNCTUATION = "[!-/:-@\\[-`{-~\\p{P}]";

    private ByteLevelJson() {}

    static boolean isByteLevel(Members json) {
        return json.optionalObject("pre_tokenizer")
                .map(step -> step.steps(STEPS).stream().anyMatch(s -> s.string("type").equals(BYTE_LEVEL)))
                .orElse(false);
    }

    static BpeTokenizer read(Members json, TokenizerJson.Added added) {
        Members model = json.object("model");
        TokenizerJson.requirePlain(model);
        BpeTokenizer.Builder builder = BpeTokenizer.builder()
                .vocabulary(Members.ids("model.vocab.", model.object("vocab").values()))
                .pretokenizer(pretokenizer(json))
                .ignoreMerges(model.flag("ignore_merges", false));
        added.special().forEach(builder::special);
        added.userDefined().forEach(builder::userDefined);
        added.bos().ifPresent(builder::bos);
        builder.addsBos(added.addsBos());
        added.eos().ifPresent(builder::eos);
        List<String> merges = TokenizerJson.merges(model);
        for (int i = 0; i < merges.size(); i += 2) {
            builder.merge(merges.get(i), merges.get(i + 1));
        }
        return builder.build();
    }

    private static Pretokenizer pretokenizer(Members json) {
        List<String> patterns = new ArrayList<>();
        List<Members> steps = json.object("pre_tokenizer").steps(STEPS);
        boolean spaceFirst = false;
        for (Members step : steps) {
            switch (step.string("type")) {
                case "Split" -> patterns.add(split(step));
                case "Digits" -> patterns.add(step.flag("individual_digits", false) ? "\\p{N}" : "\\p{N}+");
                case "Punctuation" -> patterns.add(punctuation(step));
                case BYTE_LEVEL -> {
                    // later steps would see bytes in place of characters
                    if (step != steps.getLast()) {
                        throw new IllegalArgumentException(step.where() + "type is " + BYTE_LEVEL
                                + " before other steps, expected it as the last one, for nothing else is supported");
                    }
                    spaceFirst = step.flag("add_prefix_space", true);
                    if (spaceFirst && steps.size() > 1) {
                        throw step.wrong("add_prefix_space", "false after other steps, for nothing else is supported");
                    }
                    if (step.flag("use_regex", true)) {
                        patterns.addAll(Pretokenizer.GPT2.patterns());
                    }
                }
                default -> throw step.wrong("type", "Split, Digits, Punctuation or " + BYTE_LEVEL);
            }
        }
        Pretokenizer cuts = Pretokenizer.of(patterns.toArray(String[]::new));
        Pretokenizer spaced = spaceFirst ? cuts.withSpaceFirst() : cuts;
        return json.optionalObject("normalizer").map(normal -> spaced.withForm(form(normal))).orElse(spaced);
    }

    private static Normalizer.Form form(Members normalizer) {
        return switch (normalizer.string("type")) {
            case "NFC" -> Normalizer.Form.NFC;
            case "NFD" -> Normalizer.Form.NFD;
            case "NFKC" -> Normalizer.Form.NFKC;
            case "NFKD" -> Normalizer.Form.NFKD;
            default -> throw normalizer.wrong("type", "NFC, NFD, NFKC or NFKD; others are not supported");
        };
    }

    private static String split(Members step) {
        if (!step.string("behavior").equals("Isolated")) {
            throw step.wrong("behavior", "Isolated, for nothing else is supported");
        }
        Members pattern = step.object("pattern");
        // Isolated keeps what matches and what doesn't, so that inverting changes nothing
        return pattern.optionalString("String")
                .map(text -> text.replaceAll("[\\\\^$.|?*+()\\[\\]{}]", "\\\\$0"))
                .orElseGet(() -> pattern.string("Regex"));
    }

    private static String punctuation(Members step) {
        return switch (step.optionalString("behavior").orElse("Isolated")) {
            case "Isolated" -> PUNCTUATION;
            case "Contiguous" -> PUNCTUATION + "+";
            default -> throw step.wrong("behavior", "Isolated or Contiguous, for nothing else is supported");
        };
    }

    static Map<String, Object> describe(BpeTokenizer tokenizer) {
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
        return TokenizerJson.describe(tokenizer,
                pretokenizer.form().map(form -> TokenizerJson.typed(form.name())).orElse(null),
                steps.size() == 1 ? bytes : TokenizerJson.typed("Sequence", STEPS, steps),
                TokenizerJson.typed(BYTE_LEVEL, "add_prefix_space", true, "trim_offsets", true, "use_regex", true),
                false, tokenizer.ignoreMerges(), null);
    }
}
