package io.bitlab.models.text;

import io.bitlab.models.text.SentencePieceTokenizer.SpaceBefore;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Tokenizers as in SentencePiece in {@code tokenizer.json}: how their treatment of spaces is written. */
final class SentencePieceJson {

    private static final String METASPACE = "Metaspace";

    private SentencePieceJson() {}

    static SentencePieceTokenizer read(Members json, TokenizerJson.Added added) {
        Members model = json.object("model");
        TokenizerJson.requirePlain(model);
        if (model.flag("ignore_merges", false)) {
            throw model.wrong("ignore_merges", "false without a ByteLevel step, for nothing else is supported");
        }
        Map<String, Integer> ids = new HashMap<>(Members.ids("model.vocab.", model.object("vocab").values()));
        for (Map<String, Integer> part : List.of(added.special(), added.userDefined())) {
            part.forEach((token, id) -> {
                Integer before = ids.put(token, id);
                if (before != null && !before.equals(id)) {
                    throw new IllegalArgumentException("token " + Quote.value(token) + " has the ids " + before
                            + " and " + id + ", expected one");
                }
            });
        }
        Vocabulary vocabulary = new Vocabulary(
                ids, added.special().keySet(), added.userDefined().keySet(), added.bos(),
                added.addsBos(), added.eos());
        int unknown = model.optionalString("unk_token").map(vocabulary::id).orElse(-1);
        return new SentencePieceTokenizer(
                vocabulary, MergeTable.of(vocabulary, TokenizerJson.merges(model)), spaceBefore(json), unknown);
    }

    private static SpaceBefore spaceBefore(Members json) {
        Optional<Members> metaspace = json.optionalObject("pre_tokenizer");
        Optional<Members> normalizer = json.optionalObject("normalizer");
        if (metaspace.isPresent()) {
            if (normalizer.isPresent()) {
                throw normalizer.get().wrong("type", "no normalizer beside a pre_tokenizer");
            }
            return metaspace(metaspace.get());
        }
        SpaceBefore before = SpaceBefore.NOTHING;
        boolean replaces = false;
        for (Members step : normalizer.map(step -> step.steps("normalizers")).orElse(List.of())) {
            switch (step.string("type")) {
                case "Prepend" -> before = requireSpace(step, "prepend", SpaceBefore.EVERY_STRETCH);
                case "Replace" -> {
                    if (!step.object("pattern").string("String").equals(" ")) {
                        throw step.object("pattern").wrong("String", "a space, for nothing else is supported");
                    }
                    requireSpace(step, "content", before);
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
        return before;
    }

    private static SpaceBefore metaspace(Members step) {
        if (!step.string("type").equals(METASPACE)) {
            throw step.wrong("type", METASPACE + " or ByteLevel");
        }
        if (step.flag("split", true)) {
            throw step.wrong("split", "false, for nothing else is supported");
        }
        requireSpace(step, "replacement", SpaceBefore.NOTHING);
        return switch (step.optionalString("prepend_scheme").orElse("always")) {
            case "always" -> SpaceBefore.EVERY_STRETCH;
            case "first" -> SpaceBefore.BEGINNING;
            case "never" -> SpaceBefore.NOTHING;
            default -> throw step.wrong("prepend_scheme", "always, first or never");
        };
    }

    private static SpaceBefore requireSpace(Members step, String name, SpaceBefore result) {
        if (!step.string(name).equals(SentencePieceTokenizer.SPACE)) {
            throw step.wrong(name, "U+2581, for nothing else is supported");
        }
        return result;
    }

    static Map<String, Object> describe(SentencePieceTokenizer tokenizer) {
        Map<String, Object> spaces = TokenizerJson.typed("Replace", "pattern", Map.of("String", " "), "content",
                SentencePieceTokenizer.SPACE);
        List<Object> normalizers = new ArrayList<>();
        List<Object> decoders = new ArrayList<>(List.of(
                TokenizerJson.typed("Replace", "pattern", Map.of("String", SentencePieceTokenizer.SPACE), "content",
                        " "),
                TokenizerJson.typed("ByteFallback"), TokenizerJson.typed("Fuse")));
        if (tokenizer.spaceBefore() != SpaceBefore.NOTHING) {
            normalizers.add(TokenizerJson.typed("Prepend", "prepend", SentencePieceTokenizer.SPACE));
            decoders.add(TokenizerJson.typed("Strip", "content", " ", "start", 1, "stop", 0));
        }
        normalizers.add(spaces);
        boolean metaspace = tokenizer.spaceBefore() == SpaceBefore.BEGINNING;
        int unknown = tokenizer.unknown();
        return TokenizerJson.describe(tokenizer,
                metaspace ? null : TokenizerJson.typed("Sequence", "normalizers", normalizers),
                metaspace
                        ? TokenizerJson.typed(METASPACE, "replacement", SentencePieceTokenizer.SPACE,
                                "prepend_scheme", "first", "split", false)
                        : null,
                TokenizerJson.typed("Sequence", "decoders", decoders), true, false,
                unknown < 0 ? null : tokenizer.vocabulary().token(unknown));
    }
}
