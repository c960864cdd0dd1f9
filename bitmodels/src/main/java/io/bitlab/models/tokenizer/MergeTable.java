package io.bitlab.models.tokenizer;

import io.bitlab.models.internal.Quote;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.stream.IntStream;

/**
 * The merges of byte-pair encoding: pairs of adjacent tokens, the token that each becomes, and its rank. A hash table
 * of primitives with open addressing, because vocabularies have up to 300,000 merges. Not modified once it is built.
 */
final class MergeTable {

    private static final long NONE = -1;
    private static final int MERGED_AWAY = -1;

    private final long[] pairs; // left << 32 | right
    private final long[] merges; // rank << 32 | merged
    private final int shift;

    /** Creates a table for at most {@code capacity} merges. */
    MergeTable(int capacity) {
        int bits = Math.max(4, Integer.SIZE - Integer.numberOfLeadingZeros(capacity) + 1); // at most half full
        pairs = new long[1 << bits];
        merges = new long[1 << bits];
        shift = Long.SIZE - bits;
        Arrays.fill(pairs, NONE);
    }

    /** Creates a table of merges by ascending rank, given as left token, right token, left token, and so on. */
    static MergeTable of(Vocabulary vocabulary, List<String> merges) {
        MergeTable table = new MergeTable(merges.size() / 2);
        for (int i = 0; i < merges.size(); i += 2) {
            String left = merges.get(i);
            String right = merges.get(i + 1);
            String problem = null;
            for (String token : List.of(left, right, left + right)) {
                if (vocabulary.id(token) < 0) {
                    problem = "the vocabulary has no token " + Quote.value(token);
                }
            }
            boolean special = problem == null && vocabulary.special().containsKey(left + right);
            if (problem == null && !special // plain text never becomes a special token
                    && !table.put(vocabulary.id(left), vocabulary.id(right), i / 2, vocabulary.id(left + right))) {
                problem = "it is a duplicate of an earlier merge";
            }
            if (problem != null) {
                throw new IllegalArgumentException("merge " + i / 2 + ", of " + Quote.value(left) + " and "
                        + Quote.value(right) + ": " + problem);
            }
        }
        return table;
    }

    /** A merge: adjacent tokens, and the rank of their merge. */
    record Merge(int left, int right, int rank) {}

    /** Adds a merge; returns false, and changes nothing, if the pair is already there. */
    boolean put(int left, int right, int rank, int merged) {
        long pair = (long) left << 32 | right;
        int slot = slot(pair);
        if (pairs[slot] == pair) {
            return false;
        }
        pairs[slot] = pair;
        merges[slot] = (long) rank << 32 | merged;
        return true;
    }

    /**
     * All merges by rank.
     *
     * @throws IllegalStateException if merges of one rank make different tokens: the leftmost goes first then, which a
     *     list can't say
     */
    Merge[] ranked() {
        Map<Integer, Integer> mergedAt = new HashMap<>();
        for (int slot = 0; slot < pairs.length; slot++) {
            if (pairs[slot] != NONE) {
                Integer other = mergedAt.putIfAbsent((int) (merges[slot] >> 32), (int) merges[slot]);
                if (other != null && other != (int) merges[slot]) {
                    throw new IllegalStateException("the tokens " + other + " and " + (int) merges[slot]
                            + " have the same score, which a list of merges can't express; export without a"
                            + " tokenizer, and keep the GGUF file for its own");
                }
            }
        }
        return IntStream.range(0, pairs.length)
                .filter(slot -> pairs[slot] != NONE)
                .mapToObj(slot -> new Merge((int) (pairs[slot] >> 32), (int) pairs[slot], (int) (merges[slot] >> 32)))
                .sorted(Comparator.comparingInt(Merge::rank).thenComparingInt(Merge::left))
                .toArray(Merge[]::new);
    }

    /**
     * Merges adjacent tokens until no merge applies, always the pair of the lowest rank, ties from the left. Takes
     * {@code O(n log n)}: a queue holds the pairs; entries whose pair no longer exists are skipped.
     *
     * @param tokens modified
     * @return the tokens that are left, a new array
     */
    int[] apply(int[] tokens) {
        int n = tokens.length;
        int[] next = new int[n];
        int[] previous = new int[n];
        PriorityQueue<Long> queue = new PriorityQueue<>(); // rank << 32 | index of the left token
        for (int i = 0; i < n; i++) {
            next[i] = i + 1;
            previous[i] = i - 1;
            offer(queue, tokens, i, i + 1);
        }
        while (!queue.isEmpty()) {
            long first = queue.poll();
            int at = (int) first;
            if (tokens[at] == MERGED_AWAY || next[at] == n) {
                continue;
            }
            int right = next[at];
            long merge = find(tokens[at], tokens[right]);
            if (merge == NONE || merge >> 32 != first >> 32) {
                continue;
            }
            tokens[at] = (int) merge;
            tokens[right] = MERGED_AWAY;
            next[at] = next[right];
            if (next[at] < n) {
                previous[next[at]] = at;
            }
            offer(queue, tokens, at, next[at]);
            if (previous[at] >= 0) {
                offer(queue, tokens, previous[at], at);
            }
        }
        return Arrays.stream(tokens).filter(token -> token != MERGED_AWAY).toArray();
    }

    private void offer(PriorityQueue<Long> queue, int[] tokens, int left, int right) {
        if (right < tokens.length) {
            long merge = find(tokens[left], tokens[right]);
            if (merge != NONE) {
                queue.add(merge >> 32 << 32 | left);
            }
        }
    }

    private long find(int left, int right) {
        long pair = (long) left << 32 | right;
        int slot = slot(pair);
        return pairs[slot] == pair ? merges[slot] : NONE;
    }

    /** The slot of a pair, or the free slot for it. */
    private int slot(long pair) {
        int slot = (int) (pair * 0x9E3779B97F4A7C15L >>> shift); // Fibonacci hashing (Knuth, TAOCP 3, 6.4)
        while (pairs[slot] != NONE && pairs[slot] != pair) {
            slot = slot + 1 & pairs.length - 1;
        }
        return slot;
    }
}
