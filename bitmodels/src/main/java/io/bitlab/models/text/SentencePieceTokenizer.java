package io.bitlab.models.text;

import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/**
 * Byte-pair encoding of characters as in SentencePiece, which Llama 2 and its relatives use. Spaces become U+2581; the
 * characters of the whole text are tokens, and neighbours are merged; a character that the vocabulary lacks becomes the
 * tokens of its bytes. Made by {@link Tokenizers#read} and {@link GgufTokenizer#read}.
 *
 * <p>{@link #decode} strips the space that encoding puts before a text. A {@link StreamingDecoder}, which mostly goes
 * on with a text, keeps it.
 *
 * <p>Source: Kudo, Richardson, "SentencePiece" (2018).
 */
public final class SentencePieceTokenizer extends VocabularyTokenizer {

    static final String SPACE = "\u2581";
    private static final Pattern BYTE = Pattern.compile("<0x([0-9A-F]{2})>");

    /** Where a space is put before text that comes without. */
    enum SpaceBefore {
        NOTHING, BEGINNING, EVERY_STRETCH
    }

    private final SpaceBefore spaceBefore;
    private final int unknown;

    /** {@code unknown} stands for what has no token, not even for its bytes; -1 if there is none. */
    SentencePieceTokenizer(Vocabulary vocabulary, MergeTable merges, SpaceBefore spaceBefore, int unknown) {
        super(vocabulary, merges);
        this.spaceBefore = spaceBefore;
        this.unknown = unknown;
    }

    @Override
    void encodeStretch(String text, boolean first, Ids ids) {
        boolean space = spaceBefore == SpaceBefore.EVERY_STRETCH || first && spaceBefore == SpaceBefore.BEGINNING;
        String spelt = (space ? SPACE : "") + text.replace(" ", SPACE);
        ids.add(merges().apply(spelt.codePoints().flatMap(this::tokens).toArray()));
    }

    private IntStream tokens(int codePoint) {
        String character = Character.toString(codePoint);
        int id = vocabulary().id(character);
        if (id >= 0) {
            return IntStream.of(id);
        }
        byte[] bytes = Utf8.encode(character);
        int[] ids = new int[bytes.length];
        for (int i = 0; i < ids.length; i++) {
            ids[i] = vocabulary().id("<0x%02X>".formatted(bytes[i]));
            if (ids[i] < 0) {
                return IntStream.of(unknown(codePoint));
            }
        }
        return IntStream.of(ids);
    }

    private int unknown(int codePoint) {
        if (unknown < 0) {
            throw new IllegalArgumentException("SentencePieceTokenizer.encode: the vocabulary has no token for "
                    + Quote.character(codePoint) + ", nor for its bytes or unknown characters; leave it out");
        }
        return unknown;
    }

    @Override
    byte[] spelt(String token) {
        Matcher matcher = BYTE.matcher(token);
        return matcher.matches()
                ? new byte[] {(byte) Integer.parseInt(matcher.group(1), 16)}
                : Utf8.encode(token.replace(SPACE, " "));
    }

    @Override
    public String decode(int... ids) {
        String text = super.decode(ids);
        return spaceBefore != SpaceBefore.NOTHING && text.startsWith(" ") ? text.substring(1) : text;
    }

    SpaceBefore spaceBefore() {
        return spaceBefore;
    }

    int unknown() {
        return unknown;
    }

    /** In the form of Hugging Face's {@code tokenizer.json}. */
    @Override
    public Map<String, Object> toMap() {
        return SentencePieceJson.describe(this);
    }
}
