package io.bitlab.models.grammar;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;

/**
 * Which characters a vocabulary can spell whatever came before. Usually all, because each byte of UTF-8 is a token. If
 * bytes beyond ASCII are missing, text is made of whole characters only, those that are a token of their own, so that
 * no token leads to where the vocabulary can't go on.
 */
final class Spelling {

    static final Spelling ALL = new Spelling(null, true);

    private static final int FIRST_BEYOND_ASCII = 0x80;

    private final BitSet characters; // null for all
    private final boolean parts; // whether tokens may be parts of characters

    private Spelling(BitSet characters, boolean parts) {
        this.characters = characters;
        this.parts = parts;
    }

    /** The spelling with these tokens. */
    static Spelling of(List<byte[]> tokens) {
        BitSet bytes = new BitSet();
        tokens.stream().filter(token -> token.length == 1).forEach(token -> bytes.set(token[0] & 0xff));
        // all bytes of UTF-8 beyond ASCII
        boolean parts = bytes.nextClearBit(FIRST_BEYOND_ASCII) >= 0xc0 && bytes.nextClearBit(0xc2) > 0xf4;
        if (parts && bytes.nextClearBit(0) >= FIRST_BEYOND_ASCII) {
            return ALL;
        }
        BitSet characters = new BitSet();
        for (byte[] token : tokens) {
            text(token).filter(text -> text.codePointCount(0, text.length()) == 1)
                    .ifPresent(text -> characters.set(text.codePointAt(0)));
        }
        if (parts) {
            characters.set(FIRST_BEYOND_ASCII, Character.MAX_CODE_POINT + 1);
        }
        return new Spelling(characters, parts);
    }

    private static Optional<String> text(byte... token) {
        try {
            return Optional.of(StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(token)).toString());
        } catch (CharacterCodingException e) {
            return Optional.empty();
        }
    }

    boolean has(int character) {
        return characters == null || characters.get(character);
    }

    /** Whether a token may be part of a text. */
    boolean uses(byte... token) {
        return token.length > 0 && (parts || text(token).isPresent());
    }

    /** The part of an expression that can be spelt. */
    Expression restrict(Expression expression) {
        return characters == null ? expression
                : expression.restrictedTo(characters).orElseThrow(() -> new IllegalArgumentException(
                        "Grammar: the vocabulary lacks characters that every text of the grammar has; use another "
                                + "tokenizer, or another grammar"));
    }
}
