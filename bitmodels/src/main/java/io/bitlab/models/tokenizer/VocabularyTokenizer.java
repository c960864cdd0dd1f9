package io.bitlab.models.tokenizer;

import io.bitlab.models.tokenizer.AddedTokens.Filter;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.IntConsumer;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Common part of the tokenizers with a learnt vocabulary. Added tokens are matched first; the text between them is
 * normalised and merged.
 */
abstract sealed class VocabularyTokenizer implements Tokenizer permits BpeTokenizer, SentencePieceTokenizer {

    private final Vocabulary vocabulary;
    private final MergeTable merges;
    private final UnaryOperator<String> normalizer;
    private final Map<String, Object> fileSettings;
    private final AddedTokens raw; // matched in the text as it is written
    private final AddedTokens rawUserDefined;
    private final AddedTokens rawWithAllSpecial;
    private final AddedTokens normalized; // matched in normalised text
    private final AddedTokens normalizedUserDefined;

    /** {@code fileSettings} is what {@link TokenizerJson#settings} keeps of a file; empty if there was no file. */
    VocabularyTokenizer(Vocabulary vocabulary, MergeTable merges, UnaryOperator<String> normalizer,
            Map<String, Object> fileSettings) {
        this.vocabulary = vocabulary;
        this.merges = merges;
        this.normalizer = normalizer;
        this.fileSettings = fileSettings;
        raw = added(token -> !token.normalized(), UnaryOperator.identity());
        rawUserDefined = added(token -> !token.normalized() && !token.special(), UnaryOperator.identity());
        rawWithAllSpecial = added(token -> !token.normalized() || token.special(), UnaryOperator.identity());
        normalized = added(AddedToken::normalized, normalizer);
        normalizedUserDefined = added(token -> token.normalized() && !token.special(), normalizer);
    }

    private AddedTokens added(Predicate<AddedToken> which, UnaryOperator<String> spelling) {
        return new AddedTokens(vocabulary.added().stream().filter(which).toList(), spelling, vocabulary::id);
    }

    /**
     * Encodes normalised text without added tokens.
     *
     * @param first whether the text being encoded begins here
     * @param ids receives the ids
     */
    abstract void encodeSpan(String text, boolean first, IntConsumer ids);

    /** The bytes that a token which is not special decodes to. */
    abstract byte[] spelledBytes(String token);

    final Vocabulary vocabulary() {
        return vocabulary;
    }

    final MergeTable merges() {
        return merges;
    }

    /** Everything but tokens and merges of the file that the tokenizer was read from; empty if there was none. */
    final Map<String, Object> fileSettings() {
        return fileSettings;
    }

    /** The merges by rank, each as left and right token. */
    final List<List<String>> mergePairs() {
        return Stream.of(merges.ranked())
                .map(merge -> List.of(vocabulary.token(merge.left()), vocabulary.token(merge.right())))
                .toList();
    }

    @Override
    public final int[] encode(String text) {
        return encode(text, rawUserDefined, normalizedUserDefined, Filter.NO_SPECIAL);
    }

    @Override
    public final int[] encodeWithSpecial(String text) {
        return encode(text, raw, normalized, Filter.ALL);
    }

    /** {@inheritDoc} The segments are encoded as one text, because tokens may depend on what is next to them. */
    @Override
    public final int[] encode(List<PromptSegment> segments) {
        StringBuilder text = new StringBuilder();
        NavigableMap<Integer, Integer> specialSpans = new TreeMap<>();
        for (PromptSegment segment : segments) {
            if (segment.isSpecial()) {
                specialSpans.put(text.length(), text.length() + segment.text().length());
            }
            text.append(segment.text());
        }
        return encode(text.toString(), rawWithAllSpecial, normalizedUserDefined, Filter.specialOnlyAt(specialSpans));
    }

    private int[] encode(String text, AddedTokens inRawText, AddedTokens inNormalizedText, Filter filter) {
        String whole = Utf8.wellFormed(text);
        IntStream.Builder ids = IntStream.builder();
        inRawText.split(whole, filter, (from, to) -> {
            String span = normalizer.apply(whole.substring(from, to));
            inNormalizedText.split(span, Filter.ALL,
                    (start, end) -> encodeSpan(span.substring(start, end), from == 0 && start == 0, ids), ids);
        }, ids);
        return ids.build().toArray();
    }

    @Override
    public final byte[] bytes(int id) {
        String token = token(id);
        return vocabulary.special().containsKey(token) ? new byte[0] : spelledBytes(token);
    }

    @Override
    public final String token(int id) {
        Vocabulary.requireId(getClass().getSimpleName(), id, vocabulary.size());
        return vocabulary.token(id);
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
