package io.bitlab.models.generate;

import java.util.Arrays;

/**
 * Tokens by score, the highest first, of equal ones the lowest id. Sorted only as far as somebody looks: of 128,000
 * tokens, a few dozen matter.
 */
final class Ranking {

    /** How many are sorted at first; most distributions are cut before. */
    private static final int FIRST = 256;

    private static final int ROWS = 64;

    private final long[] keys; // ascending is the order: the inverted score above, the id below
    private final float[] maxima;
    private int size;
    private int sorted;

    Ranking(int tokens) {
        keys = new long[tokens];
        maxima = new float[tokens / ROWS];
    }

    /** Begins with all tokens. */
    void rank(float[] scores) {
        for (int id = 0; id < keys.length; id++) {
            keys[id] = key(scores[id], id);
        }
        size = keys.length;
        sorted = 0;
    }

    /** Begins with the first tokens only, and sets the score of the others to what a token that was given up has. */
    void rankFirst(int count, float[] scores, float givenUp) {
        float least = atMostScoreOfRank(count, scores);
        size = 0;
        sorted = 0;
        for (int id = 0; id < keys.length; id++) {
            if (scores[id] >= least) {
                keys[size++] = key(scores[id], id);
            } else {
                scores[id] = givenUp;
            }
        }
        keep(count, scores, givenUp);
    }

    /** A bound from below, mostly close: of the maxima of columns, {@code count} are at least as large. */
    private float atMostScoreOfRank(int count, float[] scores) {
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

    /** Gives up all but the first ones, and sets their value to what a token that was given up has. */
    void keep(int count, float[] values, float givenUp) {
        if (count > sorted) {
            select(sorted, count);
        }
        for (int rank = count; rank < size; rank++) {
            values[(int) keys[rank]] = givenUp;
        }
        size = count;
        sorted = Math.min(sorted, count);
    }

    /** The token of a rank. */
    int token(int rank) {
        while (rank >= sorted) {
            int more = Math.min(size, Math.max(FIRST, 4 * sorted));
            select(sorted, more);
            Arrays.sort(keys, sorted, more);
            sorted = more;
        }
        return (int) keys[rank];
    }

    /** Brings the smallest keys to the front, by Hoare's selection: none before {@code to} is above one after it. */
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
