package io.bitlab.core.ops;

import java.util.Arrays;

/**
 * Which positions of a sequence a query sees.
 *
 * @param causal whether only its own position and those before it
 * @param window of these, only the last so many; {@link #NO_WINDOW} for all
 * @param lengths how many positions of each sequence count, those behind them being padding that nobody sees; null if
 *     all do
 */
public record AttentionMask(boolean causal, int window, int[] lengths) {

    /** A window that leaves nothing out. */
    public static final int NO_WINDOW = Integer.MAX_VALUE;

    /** Each position sees itself and what came before: a language model. */
    public static final AttentionMask CAUSAL = new AttentionMask(true, NO_WINDOW, null);

    /** Each position sees all: a classifier of whole sequences. */
    public static final AttentionMask FULL = new AttentionMask(false, NO_WINDOW, null);

    /** Checks and copies. */
    public AttentionMask {
        if (window < 1) {
            throw new IllegalArgumentException("AttentionMask: window " + window + ", expected at least 1 position");
        }
        if (!causal && window != NO_WINDOW) {
            throw new IllegalArgumentException("AttentionMask: a window of " + window
                    + " positions looks backwards, so it needs a causal mask");
        }
        lengths = lengths == null ? null : lengths.clone();
    }

    /**
     * A causal mask that sees the last positions only.
     *
     * @param window how many, the query's own among them; at least 1
     * @return the mask
     */
    public static AttentionMask causal(int window) {
        return new AttentionMask(true, window, null);
    }

    /**
     * The same mask for sequences that are padded at their ends.
     *
     * @param count how many positions of each sequence count, at least 1
     * @return a new mask
     */
    public AttentionMask withLengths(int... count) {
        return new AttentionMask(causal, window, count);
    }

    /**
     * Where a query begins to see.
     *
     * @param i its position
     * @return the first position that it sees
     */
    public int from(int i) {
        return causal ? Math.max(0, i - window + 1) : 0;
    }

    /** The position behind the last that the query at i of a sequence sees. */
    int to(int sequence, int i, int length) {
        int end = lengths == null ? length : lengths[sequence];
        return causal ? Math.min(end, i + 1) : end;
    }

    /** Refuses lengths that don't fit a batch. */
    void check(int batch, int length) {
        if (lengths == null) {
            return;
        }
        if (lengths.length != batch || Arrays.stream(lengths).anyMatch(n -> n < 1 || n > length)) {
            throw new IllegalArgumentException("attention: lengths " + Arrays.toString(lengths) + " for " + batch
                    + " sequences of " + length + " positions; expected one for each, from 1 to " + length);
        }
    }

    /**
     * How many positions of each sequence count.
     *
     * @return a copy, so that nobody changes the mask; null if all positions count
     */
    @Override
    public int[] lengths() {
        return lengths == null ? null : lengths.clone();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof AttentionMask mask && causal == mask.causal && window == mask.window
                && Arrays.equals(lengths, mask.lengths);
    }

    @Override
    public int hashCode() {
        return 31 * window + Boolean.hashCode(causal) + 7 * Arrays.hashCode(lengths);
    }

    @Override
    public String toString() {
        return (causal ? "causal" : "full") + (window == NO_WINDOW ? "" : ", window " + window)
                + (lengths == null ? "" : ", lengths " + Arrays.toString(lengths));
    }
}
