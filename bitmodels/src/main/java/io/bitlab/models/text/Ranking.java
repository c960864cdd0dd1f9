package io.bitlab.models.text;

import java.util.Arrays;

/**
 * Tokens by score, the highest first, of equal ones the lowest id. Sorted only as far as somebody looks: of 128,000
 * tokens, a few dozen matter.
 */
final class Ranking {

    /** How many are sorted at first; most distributions are cut before. */
    private static final int FIRST = 256;

    private final long[] keys; // ascending is the order: the inverted score above, the id below
    private int size;
    private int sorted;

    Ranking(int tokens) {
        keys = new long[tokens];
    }

    /** Begins with all tokens. */
    void rank(float[] scores) {
        for (int id = 0; id < keys.length; id++) {
            int bits = Float.floatToRawIntBits(scores[id] + 0f); // -0 equals 0
            int ascending = bits ^ bits >> 31 & Integer.MAX_VALUE;
            keys[id] = (long) ~ascending << 32 | id;
        }
        size = keys.length;
        sorted = 0;
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

    /** Brings the smallest keys to the front, by Hoare's selection: afterwards none before {@code to} is above one after. */
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
