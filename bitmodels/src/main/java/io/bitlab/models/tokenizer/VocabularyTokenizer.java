package io.bitlab.models.tokenizer;

import io.bitlab.models.tokenizer.AddedTokens.Trust;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/** What tokenizers with a learnt vocabulary share: added tokens are found first, the text between them is merged. */
public abstract sealed class VocabularyTokenizer implements Tokenizer permits BpeTokenizer, SentencePieceTokenizer {

    private final Vocabulary vocabulary;
    private final MergeTable merges;
    private final UnaryOperator<String> normalizer;
    private final Map<String, Object> steps;
    private final AddedTokens written;
    private final AddedTokens writtenPlain;
    private final AddedTokens allSpecialWritten;
    private final AddedTokens normalized;
    private final AddedTokens normalizedPlain;

    /** {@code steps} is what {@link TokenizerJson#steps} keeps of a file; empty if the tokenizer is of no file. */
    VocabularyTokenizer(Vocabulary vocabulary, MergeTable merges, UnaryOperator<String> normalizer,
            Map<String, Object> steps) {
        this.vocabulary = vocabulary;
        this.merges = merges;
        this.normalizer = normalizer;
        this.steps = steps;
        written = added(token -> !token.normalized(), UnaryOperator.identity());
        writtenPlain = added(token -> !token.normalized() && !token.special(), UnaryOperator.identity());
        allSpecialWritten = added(token -> !token.normalized() || token.special(), UnaryOperator.identity());
        normalized = added(AddedToken::normalized, normalizer);
        normalizedPlain = added(token -> token.normalized() && !token.special(), normalizer);
    }

    private AddedTokens added(Predicate<AddedToken> which, UnaryOperator<String> spelling) {
        return new AddedTokens(vocabulary.added().stream().filter(which).toList(), spelling, vocabulary::id);
    }

    /** A part of a text: a special token if it has an id, else text that is not trusted. */
    public record Part(String text, OptionalInt special) {}

    /** Encodes normalized text without added tokens; {@code first} says whether it stands at the beginning. */
    abstract void encodeStretch(String text, boolean first, IntList ids);

    /** What a token that is not special spells. */
    abstract byte[] spelt(String token);

    public final Vocabulary vocabulary() {
        return vocabulary;
    }

    final MergeTable merges() {
        return merges;
    }

    /** What the file that it was read from said about everything but tokens and merges; empty if there was none. */
    final Map<String, Object> steps() {
        return steps;
    }

    /** The merges in the order of their ranks, each as left and right token. */
    final List<List<String>> mergePairs() {
        return Stream.of(merges.ranked())
                .map(merge -> List.of(vocabulary.token(merge.left()), vocabulary.token(merge.right())))
                .toList();
    }

    @Override
    public final int[] encode(String text) {
        return encode(text, writtenPlain, normalizedPlain, Trust.NOWHERE);
    }

    @Override
    public final int[] encodeWithSpecial(String text) {
        return encode(text, written, normalized, Trust.EVERYWHERE);
    }

    /** Encodes the parts as one text: as {@link #encodeWithSpecial}, if no more of it looks like a special token. */
    public final int[] encode(List<Part> parts) {
        StringBuilder text = new StringBuilder();
        NavigableMap<Integer, Integer> special = new TreeMap<>();
        for (Part part : parts) {
            if (part.special.isPresent()) {
                special.put(text.length(), text.length() + part.text.length());
            }
            text.append(part.text);
        }
        return encode(text.toString(), allSpecialWritten, normalizedPlain, Trust.only(special));
    }

    private int[] encode(String text, AddedTokens asWritten, AddedTokens asNormalized, Trust trust) {
        String whole = Utf8.wellFormed(text);
        IntList ids = new IntList();
        asWritten.split(whole, trust, (from, to) -> {
            String stretch = normalizer.apply(whole.substring(from, to));
            asNormalized.split(stretch, Trust.EVERYWHERE,
                    (start, end) -> encodeStretch(stretch.substring(start, end), from == 0 && start == 0, ids),
                    ids::add);
        }, ids::add);
        return ids.toArray();
    }

    @Override
    public final byte[] bytes(int id) {
        IntList.requireKnown(getClass().getSimpleName(), id, vocabulary.size());
        String token = vocabulary.token(id);
        if (vocabulary.special().containsKey(token)) {
            return new byte[0];
        }
        return spelt(token);
    }

    @Override
    public final int vocabularySize() {
        return vocabulary.size();
    }

    @Override
    public final OptionalInt bos() {
        return vocabulary.bos();
    }

    @Override
    public final boolean addsBos() {
        return vocabulary.addsBos();
    }

    @Override
    public final OptionalInt eos() {
        return vocabulary.eos();
    }

    @Override
    public final Set<Integer> endTokens() {
        return vocabulary.endTokens();
    }

    @Override
    public final OptionalInt specialToken(String text) {
        Integer id = vocabulary.special().get(text);
        return id == null ? OptionalInt.empty() : OptionalInt.of(id);
    }
}
