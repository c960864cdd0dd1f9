package io.bitlab.models.grammar;

/**
 * A deterministic automaton that reads UTF-8, byte by byte. From each of its states some bytes lead to a complete text.
 * Immutable.
 */
interface ByteAutomaton {

    /** Where no text goes on. */
    long DEAD = -1;

    /** The state before the first byte. */
    long start();

    /** The state after another byte, 0 to 255, or {@link #DEAD}. */
    long next(long state, int value);

    /** Whether the bytes so far are a complete text. */
    boolean accepts(long state);

    /** The state after several bytes, or {@link #DEAD}. */
    default long next(long state, byte[] bytes) {
        long now = state;
        for (int i = 0; i < bytes.length && now != DEAD; i++) {
            now = next(now, bytes[i] & 0xff);
        }
        return now;
    }
}
