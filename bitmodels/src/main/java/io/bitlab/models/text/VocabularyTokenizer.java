package io.bitlab.models.text;

import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Stream;

/** What tokenizers with a learnt vocabulary share: added tokens are found first, the text between them is merged. */
abstract sealed class VocabularyTokenizer implements Tokenizer permits BpeTokenizer, SentencePieceTokenizer {

    private final Vocabulary vocabulary;
    private final MergeTable merges;

    VocabularyTokenizer(Vocabulary vocabulary, MergeTable merges) {
        this.vocabulary = vocabulary;
        this.merges = merges;
    }

    /** Encodes text without added tokens; {@code first} says whether it stands at the beginning. */
    abstract void encodeStretch(String text, boolean first, Ids ids);

    /** What a token that is not special spells. */
    abstract byte[] spelt(String token);

    final Vocabulary vocabulary() {
        return vocabulary;
    }

    final MergeTable merges() {
        return merges;
    }

    /** The merges in the order of their ranks, each as left and right token. */
    final List<List<String>> mergePairs() {
        return Stream.of(merges.ranked())
                .map(merge -> List.of(vocabulary.token(merge.left()), vocabulary.token(merge.right())))
                .toList();
    }

    @Override
    public final int[] encode(String text) {
        return encode(text, false);
    }

    @Override
    public final int[] encodeWithSpecial(String text) {
        return encode(text, true);
    }

    private int[] encode(String text, boolean trusted) {
        Ids ids = new Ids();
        boolean[] first = {true};
        vocabulary.added(trusted).split(Utf8.wellFormed(text), stretch -> {
            encodeStretch(stretch, first[0], ids);
            first[0] = false;
        }, id -> {
            ids.add(id);
            first[0] = false;
        });
        return ids.toArray();
    }

    @Override
    public final byte[] bytes(int id) {
        Ids.requireKnown(getClass().getSimpleName(), id, vocabulary.size());
        String token = vocabulary.token(id);
        if (vocabulary.special().containsKey(token)) {
            return new byte[0];
        }
        return vocabulary.userDefined().containsKey(token) ? Utf8.encode(token) : spelt(token);
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
