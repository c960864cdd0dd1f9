package io.bitlab.models.tokenizer;

import io.bitlab.models.io.Quote;
import java.util.Arrays;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/**
 * Byte-pair encoding of characters as in SentencePiece, which Llama 2 and its relatives use. Spaces become U+2581; the
 * characters of the whole text are tokens, and neighbours are merged; a character that the vocabulary lacks becomes the
 * tokens of its bytes. Made by {@link Tokenizers#read} and {@link GgufTokenizer#read}.
 *
 * <p>{@link #decode} strips the space that encoding puts before a text, as the decoder in the tokenizer's file says. A
 * {@link StreamingDecoder}, which mostly goes on with a text, keeps it.
 *
 * <p>Source: Kudo, Richardson, "SentencePiece" (2018).
 */
public final class SentencePieceTokenizer extends VocabularyTokenizer {

    static final String SPACE = "\u2581";
    private static final Pattern BYTE = Pattern.compile("<0x([0-9A-F]{2})>");

    /** Where a space is put before text. */
    enum SpaceBefore {
        NOTHING, BEGINNING, EVERY_STRETCH
    }

    /**
     * What becomes of spaces.
     *
     * @param normalizer whether they are replaced before tokens are looked for in normalized text, and one is put
     *     before text that has one; a pretokenizer does so later, and only where there is none
     * @param before where one is put before text
     * @param split whether a piece, which no merge crosses, begins at each space
     */
    record Spaces(boolean normalizer, SpaceBefore before, boolean split) {

        String normalize(String text) {
            return normalizer ? (before == SpaceBefore.NOTHING ? "" : SPACE) + text.replace(" ", SPACE) : text;
        }

        String mark(String normalized, boolean first) {
            if (normalizer) {
                return normalized;
            }
            String marked = normalized.replace(" ", SPACE);
            boolean wanted = before == SpaceBefore.EVERY_STRETCH || first && before == SpaceBefore.BEGINNING;
            return wanted && !marked.startsWith(SPACE) ? SPACE + marked : marked;
        }
    }

    /** What is stripped from decoded text: nothing, a space at its beginning, or all spaces of its first token. */
    enum Strip {
        NOTHING, ONE_SPACE, FIRST_TOKEN
    }

    /**
     * How tokens become text.
     *
     * @param bytes whether tokens such as {@code <0x41>} stand for bytes
     * @param strip what is stripped
     */
    record Decoding(boolean bytes, Strip strip) {}

    /**
     * How characters become tokens.
     *
     * @param unknown what stands for those that the vocabulary lacks
     * @param byteFallback whether they become the tokens of their bytes, if there are such tokens
     * @param ignoreMerges whether a piece that is a token is taken as it is
     */
    record Settings(Unknown unknown, boolean byteFallback, boolean ignoreMerges) {}

    private final Spaces spaces;
    private final Settings settings;
    private final Decoding decoding;

    /** {@code steps} as in {@link VocabularyTokenizer}. */
    SentencePieceTokenizer(Vocabulary vocabulary, MergeTable merges, Spaces spaces, Settings settings,
            Decoding decoding, Map<String, Object> steps) {
        super(vocabulary, merges, spaces::normalize, steps);
        this.spaces = spaces;
        this.settings = settings;
        this.decoding = decoding;
    }

    @Override
    void encodeStretch(String text, boolean first, IntList ids) {
        String marked = spaces.mark(text, first);
        int start = 0;
        while (start < marked.length()) {
            int next = spaces.split ? marked.indexOf(SPACE, start + 1) : -1;
            int end = next < 0 ? marked.length() : next;
            encodePiece(marked.substring(start, end), ids);
            start = end;
        }
    }

    private void encodePiece(String piece, IntList ids) {
        int whole = settings.ignoreMerges ? vocabulary().learntId(piece) : -1;
        if (whole >= 0) {
            ids.add(whole);
        } else {
            ids.add(merges().apply(tokens(piece)));
        }
    }

    private int[] tokens(String piece) {
        Unknown.Sequence tokens = settings.unknown.new Sequence();
        piece.codePoints().forEach(codePoint -> {
            String character = Character.toString(codePoint);
            int id = vocabulary().learntId(character);
            if (id >= 0) {
                tokens.known(id);
                return;
            }
            int[] bytes = settings.byteFallback ? bytes(character) : new int[] {-1};
            if (IntStream.of(bytes).allMatch(b -> b >= 0)) {
                tokens.bytes(bytes);
            } else if (settings.unknown.id() >= 0) {
                tokens.unknown();
            } else {
                throw new IllegalArgumentException("SentencePieceTokenizer.encode: the vocabulary has no token for "
                        + Quote.character(codePoint) + ", nor for its bytes or unknown characters; leave it out");
            }
        });
        return tokens.toArray();
    }

    private int[] bytes(String character) {
        byte[] bytes = Utf8.encode(character);
        int[] ids = new int[bytes.length];
        Arrays.setAll(ids, i -> vocabulary().learntId("<0x%02X>".formatted(bytes[i])));
        return ids;
    }

    @Override
    byte[] spelt(String token) {
        Matcher matcher = BYTE.matcher(token);
        return decoding.bytes && matcher.matches()
                ? new byte[] {(byte) Integer.parseInt(matcher.group(1), 16)}
                : Utf8.encode(token.replace(SPACE, " "));
    }

    @Override
    public String decode(int... ids) {
        String text = super.decode(ids);
        return switch (decoding.strip) {
            case NOTHING -> text;
            case ONE_SPACE -> text.startsWith(" ") ? text.substring(1) : text;
            case FIRST_TOKEN -> withoutSpacesOfFirst(ids);
        };
    }

    private String withoutSpacesOfFirst(int... ids) {
        int first = 0;
        while (first < ids.length && bytes(ids[first]).length == 0) {
            first++;
        }
        return first == ids.length
                ? ""
                : Utf8.decode(spelt(vocabulary().token(ids[first]).replace(SPACE, "")))
                        + super.decode(Arrays.copyOfRange(ids, first + 1, ids.length));
    }

    Spaces spaces() {
        return spaces;
    }

    Settings settings() {
        return settings;
    }

    /** In the form of Hugging Face's {@code tokenizer.json}. */
    @Override
    public Map<String, Object> toMap() {
        return SentencePieceJson.describe(this);
    }
}
