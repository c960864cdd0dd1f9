package io.bitlab.layers.attention;

import java.util.Arrays;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;

/**
 * New positions of several sequences that pass through a network together, so that its weights are read once: row after
 * row the positions of the first sequence, then those of the second, and so on. Each sequence has its own
 * {@link KvCache}.
 *
 * {@snippet class="io.bitlab.layers.snippets.AttentionSnippets" region="batch"}
 *
 * <p><b>Thread safety:</b> immutable, but its caches are for one thread at a time.
 */
public final class KvBatch {

    private final KvCache[] caches;
    private final int[] firstRow; // of each sequence; one more at the end

    private KvBatch(KvCache[] caches, int[] firstRow) {
        this.caches = caches;
        this.firstRow = firstRow;
    }

    /**
     * New positions of one sequence.
     *
     * @param cache the keys and values of its earlier positions
     * @param positions number of new positions, at least 1
     * @return a batch of one sequence
     * @throws IllegalArgumentException if there are no positions
     */
    public static KvBatch of(KvCache cache, int positions) {
        if (positions < 1) {
            throw new IllegalArgumentException("KvBatch: " + positions + " positions, expected at least 1");
        }
        return new KvBatch(new KvCache[] {cache}, new int[] {0, positions});
    }

    /**
     * New positions of several sequences.
     *
     * @param caches for each sequence the keys and values of its earlier positions; at least one, each only once; not
     *     modified
     * @param positions for each sequence the number of its new positions, at least 1; not modified
     * @return the batch
     * @throws IllegalArgumentException if there are no sequences, a cache occurs twice, or a number is less than 1
     */
    public static KvBatch of(KvCache[] caches, int[] positions) {
        Set<KvCache> different = Collections.newSetFromMap(new IdentityHashMap<>());
        int[] firstRow = new int[positions.length + 1];
        for (int i = 0; i < positions.length; i++) {
            firstRow[i + 1] = Math.addExact(firstRow[i], positions[i]);
        }
        Collections.addAll(different, caches);
        if (caches.length == 0 || caches.length != positions.length || different.size() < caches.length
                || Arrays.stream(positions).anyMatch(n -> n < 1)) {
            throw new IllegalArgumentException("KvBatch: " + caches.length + " caches, " + different.size()
                    + " of them different, and positions " + Arrays.toString(positions)
                    + ", expected different caches, and for each at least 1 position");
        }
        return new KvBatch(caches.clone(), firstRow);
    }

    /**
     * The number of sequences.
     *
     * @return at least 1
     */
    public int sequences() {
        return caches.length;
    }

    /**
     * The number of new positions of all sequences.
     *
     * @return at least 1
     */
    public int rows() {
        return firstRow[caches.length];
    }

    /**
     * The row of the first new position of a sequence.
     *
     * @param sequence its index, from 0
     * @return from 0
     */
    public int firstRow(int sequence) {
        return firstRow[sequence];
    }

    /**
     * The number of new positions of a sequence.
     *
     * @param sequence its index, from 0
     * @return at least 1
     */
    public int positions(int sequence) {
        return firstRow[sequence + 1] - firstRow[sequence];
    }

    KvCache cache(int sequence) {
        return caches[sequence];
    }

    /** Makes the new positions part of their sequences, after a forward wrote them in all layers. */
    public void advance() {
        for (int i = 0; i < caches.length; i++) {
            caches[i].advance(positions(i));
        }
    }
}
