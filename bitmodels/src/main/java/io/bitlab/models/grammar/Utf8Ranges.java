package io.bitlab.models.grammar;

import java.nio.charset.StandardCharsets;

/** Splits ranges of code points into ranges of bytes of their UTF-8. */
final class Utf8Ranges {

    /** The last code points with one, two, three and four bytes. */
    private static final int[] LAST = {0x7f, 0x7ff, 0xffff, Character.MAX_CODE_POINT};

    private static final int CONTINUATION_BITS = 6;

    /** Receives byte sequences: those whose bytes all lie between the first and the last ones, both inclusive. */
    @FunctionalInterface
    interface Receiver {
        void accept(int[] first, int[] last);
    }

    private Utf8Ranges() {}

    /** Tells the byte sequences of the code points {@code from} to {@code to}, without surrogates. */
    static void forEach(int from, int to, Receiver receiver) {
        for (int last : LAST) {
            if (from <= last && to > last) {
                split(from, last, receiver);
                forEach(last + 1, to, receiver);
                return;
            }
        }
        split(from, to, receiver);
    }

    /** For code points with the same number of bytes. */
    private static void split(int from, int to, Receiver receiver) {
        for (int bits = CONTINUATION_BITS; bits < Integer.SIZE && to > LAST[0]; bits += CONTINUATION_BITS) {
            int mask = (1 << bits) - 1; // of the last continuation bytes
            if ((from & ~mask) != (to & ~mask)) {
                if ((from & mask) != 0) {
                    split(from, from | mask, receiver);
                    split((from | mask) + 1, to, receiver);
                    return;
                }
                if ((to & mask) != mask) {
                    split(from, (to & ~mask) - 1, receiver);
                    split(to & ~mask, to, receiver);
                    return;
                }
            }
        }
        receiver.accept(bytes(from), bytes(to));
    }

    private static int[] bytes(int character) {
        byte[] utf8 = Character.toString(character).getBytes(StandardCharsets.UTF_8);
        int[] values = new int[utf8.length];
        for (int i = 0; i < values.length; i++) {
            values[i] = utf8[i] & 0xff;
        }
        return values;
    }
}
