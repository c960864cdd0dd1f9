package io.bitlab.models.generate;

import java.util.Arrays;

/**
 * Token ids in descending order of score, ties by ascending id. Sorted lazily, only as far as it is read: of 128,000
 * tokens, a few dozen matter. Reusable; for one thread.
 */
final class TokenRanking {

    /** How many ranks are sorted at first; top-p rarely needs more. */
    private static final int FIRST = 256;

    private static final int ROWS = 64;

    private final long[] keys; // in ascending order: the inverted score in the high half, the id in the low half
    private final float[] maxima;
    private int size;
    private int sorted;

    TokenRanking(int tokens) {
        keys = new long[tokens];
        maxima = new float[tokens / ROWS];
    }

    /** Starts over with all tokens. */
    void rank(float[] scores) {
        for (int id = 0; id < keys.length; id++) {
            keys[id] = key(scores[id], id);
        }
        size = keys.length;
        sorted = 0;
    }

    /**
     * Starts over with the {@code count} best tokens.
     *
     * @param scores by id; those of all other tokens are set to {@code dropped}
     */
    void rankFirst(int count, float[] scores, float dropped) {
        float least = lowerBoundOfRank(count, scores);
        size = 0;
        sorted = 0;
        for (int id = 0; id < keys.length; id++) {
            if (scores[id] >= least) {
                keys[size++] = key(scores[id], id);
            } else {
                scores[id] = dropped;
            }
        }
        keep(count, scores, dropped);
    }

    /**
     * A lower bound, usually tight, of the {@code count}-th largest score. The scores are read as a matrix:
     * {@code count} column maxima are at least this large, so {@code count} scores are.
     */
    private float lowerBoundOfRank(int count, float[] scores) {
        int columns = maxima.length;
        if (count > columns) {
            return Float.NEGATIVE_INFINITY;
        }
        System.arraycopy(scores, 0, maxima, 0, columns);
        for (int row = 1; row < ROWS; row++) {
            for (int column = 0; column < columns; column++) {
                maxima[column] = Math.max(maxima[column], scores[row * columns + column]);
            }
        }
        Arrays.sort(maxima);
        return maxima[columns - count];
    }

    private static long key(float score, int id) {
        int bits = Float.floatToRawIntBits(score + 0f); // -0 equals 0
        int ascending = bits ^ bits >> 31 & Integer.MAX_VALUE;
        return (long) ~ascending << 32 | id;
    }

    int size() {
        return size;
    }

    /**
     * Drops all but the {@code count} best tokens.
     *
     * @param values by id; those of the dropped tokens are set to {@code dropped}
     */
    void keep(int count, float[] values, float dropped) {
        if (count > sorted) {
            select(sorted, count);
        }
        for (int rank = count; rank < size; rank++) {
            values[(int) keys[rank]] = dropped;
        }
        size = count;
        sorted = Math.min(sorted, count);
    }

    /** The token id of a rank, from 0. */
    int token(int rank) {
        while (rank >= sorted) {
            int more = Math.min(size, Math.max(FIRST, 4 * sorted));
            select(sorted, more);
            Arrays.sort(keys, sorted, more);
            sorted = more;
        }
        return (int) keys[rank];
    }

    /** Partitions the keys by Hoare's selection (quickselect): none before {@code to} exceeds one at or after it. */
    private void select(int from, int to) {
        int low = from;
        int high = size - 1;
        while (low < high && to < size) {
            long pivot = median(keys[low], keys[low + high >>> 1], keys[high]);
            int i = low;
            int j = high;
            while (i <= j) {
                while (keys[i] < pivot) {
                    i++;
                }
                while (keys[j] > pivot) {
                    j--;
                }
                if (i <= j) {
                    long key = keys[i];
                    keys[i++] = keys[j];
                    keys[j--] = key;
                }
            }
            if (to <= j) {
                high = j;
            } else if (to >= i) {
                low = i;
            } else {
                return;
            }
        }
    }

    private static long median(long a, long b, long c) {
        return Math.max(Math.min(a, b), Math.min(Math.max(a, b), c));
    }
}
