package io.bitlab.models.tokenizer;

import io.bitlab.models.internal.Quote;
import java.util.Arrays;
import java.util.Map;
import java.util.function.IntConsumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/**
 * Byte-pair encoding of characters as in SentencePiece, used by Llama 2 and related models. Spaces become U+2581; the
 * characters of the whole text are its first tokens, and adjacent tokens are merged; a character that the vocabulary
 * lacks becomes the tokens of its UTF-8 bytes. Read with {@link Tokenizers#read} or {@link GgufTokenizer#read}:
 *
 * {@snippet class="io.bitlab.models.snippets.TokenizerSnippets" region="gguf"}
 *
 * <p>{@link #decode} strips the space that encoding puts before a text, as the decoder of the tokenizer's file says. A
 * {@link StreamingDecoder} keeps it, because it usually continues a text.
 *
 * <p>Source: Kudo, Richardson, "SentencePiece" (2018).
 */
public final class SentencePieceTokenizer extends VocabularyTokenizer {

    static final String SPACE = "\u2581";
    private static final Pattern BYTE = Pattern.compile("<0x([0-9A-F]{2})>");

    /** Which spans of text get a space before them: none, the one that begins the text, or all. */
    enum PrependScheme {
        NEVER, FIRST, ALWAYS
    }

    /**
     * How spaces are replaced by U+2581.
     *
     * @param normalizer true if a normalizer replaces them: before added tokens are matched in normalised text, and
     *     with a space prepended even to text that has one. False if a pretokenizer does: later, and without doubling a
     *     space
     * @param prepend which spans get a space before them
     * @param split whether the text is split before each space, so that no merge crosses one
     */
    record Spaces(boolean normalizer, PrependScheme prepend, boolean split) {

        String normalize(String text) {
            return normalizer ? (prepend == PrependScheme.NEVER ? "" : SPACE) + text.replace(" ", SPACE) : text;
        }

        String pretokenize(String normalized, boolean first) {
            if (normalizer) {
                return normalized;
            }
            String replaced = normalized.replace(" ", SPACE);
            boolean prepends = prepend == PrependScheme.ALWAYS || first && prepend == PrependScheme.FIRST;
            return prepends && !replaced.startsWith(SPACE) ? SPACE + replaced : replaced;
        }
    }

    /** What is stripped from decoded text: nothing, one leading space, or all spaces of the first token. */
    enum Strip {
        NOTHING, ONE_SPACE, FIRST_TOKEN
    }

    /**
     * How tokens are decoded.
     *
     * @param bytes whether tokens such as {@code <0x41>} decode to a byte
     * @param strip what is stripped from the decoded text
     */
    record Decoding(boolean bytes, Strip strip) {}

    /**
     * How characters are encoded.
     *
     * @param unknown the token for characters that the vocabulary lacks
     * @param byteFallback whether such characters become the tokens of their bytes, if the vocabulary has those
     * @param ignoreMerges whether a piece that is a token itself becomes that token
     */
    record Settings(UnknownToken unknown, boolean byteFallback, boolean ignoreMerges) {}

    private final Spaces spaces;
    private final Settings settings;
    private final Decoding decoding;

    /** {@code fileSettings} as in {@link VocabularyTokenizer}. */
    SentencePieceTokenizer(Vocabulary vocabulary, MergeTable merges, Spaces spaces, Settings settings,
            Decoding decoding, Map<String, Object> fileSettings) {
        super(vocabulary, merges, spaces::normalize, fileSettings);
        this.spaces = spaces;
        this.settings = settings;
        this.decoding = decoding;
    }

    @Override
    void encodeSpan(String text, boolean first, IntConsumer ids) {
        String spaced = spaces.pretokenize(text, first);
        int start = 0;
        while (start < spaced.length()) {
            int next = spaces.split ? spaced.indexOf(SPACE, start + 1) : -1;
            int end = next < 0 ? spaced.length() : next;
            encodePiece(spaced.substring(start, end), ids);
            start = end;
        }
    }

    private void encodePiece(String piece, IntConsumer ids) {
        int whole = settings.ignoreMerges ? vocabulary().learntId(piece) : -1;
        if (whole >= 0) {
            ids.accept(whole);
        } else {
            for (int id : merges().apply(tokens(piece))) {
                ids.accept(id);
            }
        }
    }

    private int[] tokens(String piece) {
        UnknownToken.Sequence tokens = settings.unknown.new Sequence();
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
                        + Quote.character(codePoint) + ", its bytes or unknown characters; remove it from the text");
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
    byte[] spelledBytes(String token) {
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
            case FIRST_TOKEN -> decodeWithoutSpacesOfFirst(ids);
        };
    }

    private String decodeWithoutSpacesOfFirst(int... ids) {
        int first = 0;
        while (first < ids.length && bytes(ids[first]).length == 0) {
            first++;
        }
        return first == ids.length
                ? ""
                : Utf8.decode(spelledBytes(vocabulary().token(ids[first]).replace(SPACE, "")))
                        + super.decode(Arrays.copyOfRange(ids, first + 1, ids.length));
    }

    Spaces spaces() {
        return spaces;
    }

    Settings settings() {
        return settings;
    }

    /** {@inheritDoc} The content is in the format of Hugging Face's {@code tokenizer.json}. */
    @Override
    public Map<String, Object> toMap() {
        return SentencePieceJson.describe(this);
    }
}
