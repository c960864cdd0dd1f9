package io.bitlab.models.tokenizer;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;

/**
 * Decodes tokens one at a time, to show text while it is generated. A token may end within a character; its bytes are
 * held back until the rest arrives. The returned strings, concatenated, equal what {@link Tokenizer#decode} returns for
 * all ids, except for a leading space that some tokenizers strip.
 *
 * {@snippet class="io.bitlab.models.snippets.TokenizerSnippets" region="stream"}
 *
 * <p><b>Thread safety:</b> for one text at a time, in one thread.
 */
public final class StreamingDecoder {

    /** The longest UTF-8 encoding of a character. */
    private static final int MAX_CHARACTER_BYTES = 4;

    private final Tokenizer tokenizer;
    private final CharsetDecoder decoder = StandardCharsets.UTF_8
            .newDecoder()
            .onMalformedInput(CodingErrorAction.REPLACE)
            .onUnmappableCharacter(CodingErrorAction.REPLACE);
    private byte[] pending = {};

    /**
     * Creates a decoder.
     *
     * @param tokenizer the tokenizer of the ids
     */
    public StreamingDecoder(Tokenizer tokenizer) {
        this.tokenizer = tokenizer;
    }

    /**
     * Decodes the next token.
     *
     * @param id the next token
     * @return the characters that are now complete; often empty
     * @throws IllegalArgumentException if the id is not in the vocabulary; the decoder is left unchanged
     */
    public String append(int id) {
        return decode(tokenizer.bytes(id), false);
    }

    /**
     * Ends the text. The decoder can then decode another one.
     *
     * @return U+FFFD if a character was left incomplete; otherwise empty
     */
    public String finish() {
        String rest = decode(new byte[0], true);
        decoder.reset();
        return rest;
    }

    private String decode(byte[] more, boolean end) {
        ByteBuffer in = ByteBuffer.allocate(pending.length + more.length).put(pending).put(more).flip();
        CharBuffer out = CharBuffer.allocate(in.remaining() + MAX_CHARACTER_BYTES);
        decoder.decode(in, out, end);
        if (end) {
            decoder.flush(out);
        }
        pending = new byte[in.remaining()];
        in.get(pending);
        return out.flip().toString();
    }
}
