package io.bitlab.models.generate;

import java.util.Arrays;

/** A growing sequence of token ids: a prompt and the tokens generated after it. For one thread. */
final class TokenSequence {

    private int[] ids;
    private int length;

    /** Starts with a copy of these tokens. */
    TokenSequence(int... first) {
        ids = first.clone();
        length = first.length;
    }

    void append(int id) {
        if (length == ids.length) {
            ids = Arrays.copyOf(ids, Math.max(16, 2 * length));
        }
        ids[length++] = id;
    }

    int length() {
        return length;
    }

    /**
     * The ids, of which the first {@link #length} are valid. Not a copy, so that sampling a token allocates nothing.
     */
    int[] array() {
        return ids;
    }

    /** A copy of the ids from {@code from} (inclusive) to {@code to} (exclusive). */
    int[] range(int from, int to) {
        return Arrays.copyOfRange(ids, from, to);
    }
}
