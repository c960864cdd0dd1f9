package io.bitlab.layers.attention;

import io.bitlab.core.ops.AttentionMask;
import java.util.Locale;

/**
 * The keys and values of one sequence, so that attention to a new position doesn't compute those of the earlier
 * positions again: per layer {@code [positions, keyValueHeads, headDim]} of each.
 *
 * {@snippet class="io.bitlab.layers.snippets.AttentionSnippets" region="cache"}
 *
 * <p>The forward of new positions first writes their keys and values layer by layer; {@link #advance} then makes them
 * part of the sequence. A forward that fails leaves the sequence as it was. Memory grows in pages of
 * {@value KvPages#PAGE} positions.
 *
 * <p>A sequence longer than the capacity is refused. With a {@linkplain Builder#slidingWindow sliding window} it
 * continues instead: each position then sees the last {@code capacity} positions, and older pages are reused.
 *
 * <p>Keys and values are valid for the weights that computed them; attention refuses them once the weights change.
 *
 * <p><b>Thread safety:</b> use by one thread at a time. A model can work with many caches at once.
 */
public final class KvCache {

    private final KvPages pages;
    private final int capacity;
    private final boolean sliding;
    private final KvFormat format;
    private final long[] weightVersions; // of each layer, at its first position
    private int length;

    private KvCache(Builder builder) {
        this.pages = new KvPages(builder.layers, builder.heads, builder.headDim, builder.format);
        this.capacity = builder.capacity;
        this.sliding = builder.sliding;
        this.format = builder.format;
        this.weightVersions = new long[builder.layers];
    }

    /**
     * Starts building a cache.
     *
     * @param layers attention layers of the model
     * @param keyValueHeads key and value heads of each
     * @param headDim features of a head
     * @return a builder: capacity 2048, float32, no sliding window
     */
    public static Builder builder(int layers, int keyValueHeads, int headDim) {
        return new Builder(layers, keyValueHeads, headDim);
    }

    /** Collects the settings of a {@link KvCache}. */
    public static final class Builder {
        private final int layers;
        private final int heads;
        private final int headDim;
        private int capacity = 2048;
        private boolean sliding;
        private KvFormat format = KvFormat.FLOAT32;

        private Builder(int layers, int heads, int headDim) {
            if (layers < 1 || heads < 1 || headDim < 1) {
                throw new IllegalArgumentException("KvCache: " + layers + " layers of " + heads + " heads of " + headDim
                        + " features, expected at least 1 of each");
            }
            this.layers = layers;
            this.heads = heads;
            this.headDim = headDim;
        }

        /**
         * Sets the maximum length of a sequence.
         *
         * @param positions at least 1; memory grows with the sequence
         * @return this builder
         * @throws IllegalArgumentException if it is less than 1
         */
        public Builder capacity(int positions) {
            if (positions < 1) {
                throw new IllegalArgumentException("KvCache: capacity " + positions + ", expected at least 1 position");
            }
            capacity = positions;
            return this;
        }

        /**
         * Lets a sequence continue beyond its capacity; each position then sees only the last ones.
         *
         * @param slides true to slide; false, the default, to refuse positions beyond the capacity
         * @return this builder
         */
        public Builder slidingWindow(boolean slides) {
            sliding = slides;
            return this;
        }

        /**
         * Rounds keys and values to bfloat16 (8 bits of precision), which halves the memory.
         *
         * @param rounded true to round, instead of to int8; default false
         * @return this builder
         */
        public Builder bfloat16(boolean rounded) {
            return format(KvFormat.BFLOAT16, rounded);
        }

        /**
         * Rounds keys and values to int8, with one scale for each head and position, which takes little more than a
         * quarter of the memory.
         *
         * @param rounded true to round, instead of to bfloat16; default false
         * @return this builder
         */
        public Builder int8(boolean rounded) {
            return format(KvFormat.INT8, rounded);
        }

        private Builder format(KvFormat one, boolean rounded) {
            if (rounded) {
                format = one;
            } else if (format == one) {
                format = KvFormat.FLOAT32;
            }
            return this;
        }

        /**
         * Creates the cache.
         *
         * @return an empty cache
         */
        public KvCache build() {
            return new KvCache(this);
        }
    }

    /**
     * The length of the sequence.
     *
     * @return number of positions, 0 at first
     */
    public int length() {
        return length;
    }

    /**
     * The maximum length of a sequence, or with a sliding window the number of positions that a position sees.
     *
     * @return number of positions
     */
    public int capacity() {
        return capacity;
    }

    /**
     * The number of positions that still fit.
     *
     * @return the remaining room; {@link Integer#MAX_VALUE} with a sliding window
     */
    public int room() {
        return sliding ? Integer.MAX_VALUE : capacity - length;
    }

    /**
     * The number of positions of which all but the first can still be {@linkplain #truncate dropped} after they were
     * appended together.
     *
     * @return the {@link #room}; with a sliding window fewer, since pages that no later position sees are reused, but
     *     at least one
     */
    public int revocableRoom() {
        if (!sliding) {
            return room();
        }
        int page = Math.max(0, length + 1 - capacity) / KvPages.PAGE; // the oldest that is kept for the first one
        return Math.clamp((page + 1L) * KvPages.PAGE + capacity - 2 - length, 1, Integer.MAX_VALUE);
    }

    /**
     * The memory of keys and values.
     *
     * @return bytes of all pages, including those kept for reuse
     */
    public long bytes() {
        return pages.bytes();
    }

    /**
     * Refuses positions that don't fit.
     *
     * @param positions number of positions to append
     * @throws IllegalStateException if the sequence would be longer than the capacity and doesn't slide
     */
    public void requireRoom(int positions) {
        if (!sliding && (long) length + positions > capacity) {
            throw new IllegalStateException("KvCache: " + positions + " positions after " + length
                    + " don't fit the context of " + capacity
                    + "; begin a new sequence, truncate this one, or let it slide");
        }
    }

    /** Refuses to continue if the weights of this layer may have changed since its keys and values were computed. */
    void requireSameWeights(int layer, long version) {
        if (length > 0 && weightVersions[layer] != version) {
            throw new IllegalStateException("KvCache: the weights of layer " + layer
                    + " may have changed since keys and values of " + length
                    + " positions were computed (train(), or a state was loaded); begin a new sequence, or "
                    + "truncate(0) and give all positions again");
        }
        weightVersions[layer] = version;
    }

    /**
     * Stores the keys and values of the positions after the sequence's last, for one layer.
     *
     * @param layer number of the layer
     * @param k {@code [rows, heads * headDim]}, row-major; not modified
     * @param v the same of the values; not modified
     * @param row the row of the first position
     * @param positions number of positions
     */
    void write(int layer, float[] k, float[] v, int row, int positions) {
        pages.write(layer, length, k, v, row, positions);
    }

    /**
     * Makes positions part of the sequence, after a forward wrote them in all layers.
     *
     * @param positions number of positions
     */
    public void advance(int positions) {
        length += positions;
        if (sliding) {
            pages.dropBefore(Math.max(0, length + 1 - capacity) / KvPages.PAGE); // no later position sees them
        }
    }

    /**
     * Drops the last positions, or all of them, to continue differently.
     *
     * @param newLength number of positions to keep, up to {@link #length}
     * @throws IllegalArgumentException if there are fewer, or a sliding window already dropped positions that the kept
     *     ones see
     */
    public void truncate(int newLength) {
        if (newLength == length) {
            return;
        }
        int oldest = newLength == 0 ? 0 : Math.max(0, newLength - capacity) / KvPages.PAGE;
        if (newLength < 0 || newLength > length || newLength > 0 && pages.firstPage() > oldest) {
            int dropped = pages.firstPage() * KvPages.PAGE;
            throw new IllegalArgumentException("KvCache: can't keep " + newLength + " of " + length + " positions"
                    + (dropped > 0 ? ", the first " + dropped + " are gone" : ""));
        }
        length = newLength;
        pages.truncate(newLength);
    }

    /** The positions that a query sees. */
    AttentionMask mask() {
        return sliding ? AttentionMask.causal(capacity) : AttentionMask.CAUSAL;
    }

    KvPages pages() {
        return pages;
    }

    @Override
    public String toString() {
        return "KvCache(" + length + " of " + capacity + (sliding ? " positions, sliding" : " positions") + ", "
                + pages.layers() + " layers of " + pages.heads() + " x " + pages.headDim()
                + ", " + format.name().toLowerCase(Locale.ROOT) + ")";
    }
}
