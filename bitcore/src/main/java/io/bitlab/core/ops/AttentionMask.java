package io.bitlab.core.ops;

import java.util.Arrays;

/**
 * Which positions of its sequence each query attends to. Immutable.
 *
 * {@snippet class="io.bitlab.core.snippets.OpsSnippets" region="mask"}
 *
 * @param causal true if a query attends only to its own position and earlier ones
 * @param window number of positions up to its own that a query attends to (a sliding window), or {@link #NO_WINDOW}
 * @param lengths number of positions of each sequence before its padding, which no query attends to; null without
 *     padding
 */
public record AttentionMask(boolean causal, int window, int[] lengths) {

    /** The value of {@code window} without a sliding window. */
    public static final int NO_WINDOW = Integer.MAX_VALUE;

    /** Each position attends to itself and to all earlier ones, as in a language model. */
    public static final AttentionMask CAUSAL = new AttentionMask(true, NO_WINDOW, null);

    /** Each position attends to all, as in a classifier of whole sequences. */
    public static final AttentionMask FULL = new AttentionMask(false, NO_WINDOW, null);

    /**
     * Checks the window and copies the lengths.
     *
     * @throws IllegalArgumentException if the window is below 1, or set without a causal mask
     */
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
     * A causal mask with a sliding window.
     *
     * @param window number of positions that a query attends to, including its own; at least 1
     * @return the mask
     */
    public static AttentionMask causal(int window) {
        return new AttentionMask(true, window, null);
    }

    /**
     * This mask for sequences that are padded at their ends.
     *
     * @param count number of positions of each sequence before the padding, at least 1
     * @return a new mask
     */
    public AttentionMask withLengths(int... count) {
        return new AttentionMask(causal, window, count);
    }

    /**
     * The first position that a query attends to.
     *
     * @param i the query's position
     * @return the position, from 0
     */
    public int from(int i) {
        return causal ? Math.max(0, i - window + 1) : 0;
    }

    /** The position after the last one that query i of a sequence attends to. */
    int to(int sequence, int i, int length) {
        int end = lengths == null ? length : lengths[sequence];
        return causal ? Math.min(end, i + 1) : end;
    }

    /** Checks that the lengths fit a batch. */
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
     * The number of positions of each sequence before its padding.
     *
     * @return a copy; null without padding
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
