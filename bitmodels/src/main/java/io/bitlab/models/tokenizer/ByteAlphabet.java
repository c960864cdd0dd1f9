package io.bitlab.models.tokenizer;

import java.util.Arrays;
import java.util.Optional;

/**
 * GPT-2's spelling of bytes as visible characters: bytes that are printable in Latin-1 are spelt as themselves, the
 * other 68 as the characters from U+0100 on, in order. A space is spelt U+0120. Source: {@code bytes_to_unicode} in
 * OpenAI's gpt-2, {@code encoder.py}.
 */
final class ByteAlphabet {

    private static final int FIRST_SUBSTITUTE = 0x100;
    private static final char[] CHARACTERS = new char[256];
    private static final short[] BYTES = new short[FIRST_SUBSTITUTE + 68];

    static {
        Arrays.fill(BYTES, (short) -1);
        int substitute = FIRST_SUBSTITUTE;
        for (int b = 0; b < CHARACTERS.length; b++) {
            boolean printable = b >= '!' && b <= '~' || b >= 0xa1 && b <= 0xac || b >= 0xae;
            CHARACTERS[b] = (char) (printable ? b : substitute++);
            BYTES[CHARACTERS[b]] = (short) b;
        }
    }

    private ByteAlphabet() {}

    static char spell(int unsignedByte) {
        return CHARACTERS[unsignedByte];
    }

    static String spell(byte[] bytes) {
        char[] spelt = new char[bytes.length];
        for (int i = 0; i < spelt.length; i++) {
            spelt[i] = CHARACTERS[bytes[i] & 0xff];
        }
        return new String(spelt);
    }

    /** The bytes that a token spells; empty if one of its characters is not in the alphabet. */
    static Optional<byte[]> bytes(String spelt) {
        byte[] bytes = new byte[spelt.length()];
        for (int i = 0; i < bytes.length; i++) {
            char c = spelt.charAt(i);
            if (c >= BYTES.length || BYTES[c] < 0) {
                return Optional.empty();
            }
            bytes[i] = (byte) BYTES[c];
        }
        return Optional.of(bytes);
    }
}
