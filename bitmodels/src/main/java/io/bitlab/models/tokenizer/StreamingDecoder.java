package io.bitlab.models.tokenizer;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;

/**
 * Decodes tokens one at a time, for showing text while it is being generated. Tokens may end within a character; its
 * bytes are kept back until the rest has come. All returned strings together are what {@link Tokenizer#decode} returns
 * for all ids, but for a space that some tokenizers strip at the very beginning.
 *
 * <p>For one text in one thread.
 */
public final class StreamingDecoder {

    /** No character has more; what is kept back is at most one less. */
    private static final int MAX_CHARACTER_BYTES = 4;

    private final Tokenizer tokenizer;
    private final CharsetDecoder decoder = StandardCharsets.UTF_8
            .newDecoder()
            .onMalformedInput(CodingErrorAction.REPLACE)
            .onUnmappableCharacter(CodingErrorAction.REPLACE);
    private byte[] pending = {};

    /**
     * Starts a text.
     *
     * @param tokenizer says what the ids stand for
     */
    public StreamingDecoder(Tokenizer tokenizer) {
        this.tokenizer = tokenizer;
    }

    /**
     * Adds a token.
     *
     * @param id the next token
     * @return the characters that are complete now, never half of one; often empty
     * @throws IllegalArgumentException if the id is not in the vocabulary; the text goes on as if it had not come
     */
    public String append(int id) {
        return decode(tokenizer.bytes(id), false);
    }

    /**
     * Ends the text. Another one may follow.
     *
     * @return U+FFFD for a character that is still incomplete; else empty
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
