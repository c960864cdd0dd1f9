package io.bitlab.layers.attention;

import io.bitlab.core.embedding.EmbeddingTable;
import io.bitlab.core.math.FloatMath;
import io.bitlab.core.memory.Workspace;
import io.bitlab.core.ops.AttentionMask;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;

/**
 * The keys and values of one conversation: what attention needs of the positions that came before.
 *
 * <p>It grows in pages of {@value #PAGE} positions. A forward of new positions first {@linkplain #write writes} their
 * keys and values layer by layer; {@link #advance} then makes them part of the conversation, so a forward that fails
 * leaves it as it was.
 *
 * <p>A conversation that is longer than the capacity is refused, or with a {@linkplain Builder#slidingWindow sliding
 * window} goes on: each position then sees the last {@code capacity} positions, and pages that nobody sees any more are
 * used again.
 *
 * <p>Keys and values belong to the weights that they were computed with: once those change, attention refuses them.
 *
 * <p><b>Thread safety:</b> belongs to one thread at a time. Many caches can be used with one model at once.
 */
public final class KvCache {

    /** Positions of a page; a multiple of the vectors that attention computes with. */
    static final int PAGE = 128;

    /** Positions of a page whose keys stand together, feature after feature, so that they are read in one stream. */
    static final int KEY_SLICE = 32;

    /** Features of a head whose values stand together, position after position. */
    private static final int SLICE = 32;

    private final int layers;
    private final int heads;
    private final int headDim;
    private final int slice;
    private final int capacity;
    private final boolean sliding;
    private final boolean halves;
    private final List<Page[]> pages = new ArrayList<>(); // [page - firstPage][layer]
    private final Deque<Page[]> unused = new ArrayDeque<>();
    private final long[] weightChanges; // of each layer, at its first position
    private int firstPage;
    private int length;

    /**
     * Keys {@code [head, slice, feature, position of the slice]} and values {@code [head, slice, PAGE, feature of the
     * slice]} of one layer, in one of two forms.
     */
    private record Page(float[] keys, float[] values, short[] shortKeys, short[] shortValues) {
    }

    private KvCache(Builder builder) {
        this.layers = builder.layers;
        this.heads = builder.heads;
        this.headDim = builder.headDim;
        this.slice = headDim % SLICE == 0 ? SLICE : headDim;
        this.capacity = builder.capacity;
        this.sliding = builder.sliding;
        this.halves = builder.bfloat16;
        this.weightChanges = new long[layers];
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

    /** Collects the sizes of a {@link KvCache}. */
    public static final class Builder {
        private final int layers;
        private final int heads;
        private final int headDim;
        private int capacity = 2048;
        private boolean sliding;
        private boolean bfloat16;

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
         * Sets how many positions a conversation has.
         *
         * @param positions at least 1; memory is taken as they come
         * @return this builder
         */
        public Builder capacity(int positions) {
            if (positions < 1) {
                throw new IllegalArgumentException("KvCache: capacity " + positions + ", expected at least 1 position");
            }
            capacity = positions;
            return this;
        }

        /**
         * Lets a conversation go on beyond its capacity, with sight of its last positions only.
         *
         * @param slides true to slide; false, the default, to refuse what doesn't fit
         * @return this builder
         */
        public Builder slidingWindow(boolean slides) {
            sliding = slides;
            return this;
        }

        /**
         * Keeps keys and values in half the memory, rounded to bfloat16: 8 bits of precision.
         *
         * @param rounded true to round; default false
         * @return this builder
         */
        public Builder bfloat16(boolean rounded) {
            bfloat16 = rounded;
            return this;
        }

        /**
         * Makes the cache.
         *
         * @return an empty cache
         */
        public KvCache build() {
            return new KvCache(this);
        }
    }

    /**
     * How many positions are in the conversation.
     *
     * @return 0 at first
     */
    public int length() {
        return length;
    }

    /**
     * How many positions a conversation can have, or, with a sliding window, a position sees.
     *
     * @return the capacity
     */
    public int capacity() {
        return capacity;
    }

    /**
     * How many more positions fit.
     *
     * @return the room left; {@link Integer#MAX_VALUE} with a sliding window
     */
    public int room() {
        return sliding ? Integer.MAX_VALUE : capacity - length;
    }

    /**
     * The memory of keys and values.
     *
     * @return bytes of all pages
     */
    public long bytes() {
        long perPage = 2L * layers * heads * headDim * PAGE * (halves ? Short.BYTES : Float.BYTES);
        return perPage * (pages.size() + unused.size());
    }

    /**
     * Refuses positions that don't fit.
     *
     * @param positions how many shall be appended
     * @throws IllegalStateException if the conversation would be longer than the capacity and doesn't slide
     */
    public void requireRoom(int positions) {
        if (!sliding && (long) length + positions > capacity) {
            throw new IllegalStateException("KvCache: " + positions + " positions after " + length
                    + " don't fit the context of " + capacity
                    + "; begin a new conversation, truncate this one, or let it"
                    + " slide");
        }
    }

    /** Refuses to go on if the keys and values of this layer may have been computed with other weights. */
    void requireSameWeights(int layer, long changes) {
        if (length > 0 && weightChanges[layer] != changes) {
            throw new IllegalStateException("KvCache: the weights of layer " + layer
                    + " may have changed since keys and "
                    + "values of " + length + " positions were computed (train(), or a state was loaded); begin a new "
                    + "conversation, or truncate(0) and give all positions again");
        }
        weightChanges[layer] = changes;
    }

    /**
     * Keeps the keys and values of positions that follow the conversation's, for one layer.
     *
     * @param layer which
     * @param k {@code [positions, heads * headDim]}, row-major; not modified
     * @param v the same of the values; not modified
     * @param positions how many
     */
    void write(int layer, float[] k, float[] v, int positions) {
        int row = heads * headDim;
        while (firstPage + pages.size() < Math.ceilDiv(length + positions, PAGE)) {
            pages.add(unused.isEmpty() ? newPage() : unused.pop());
        }
        for (int i = 0; i < positions; i++) {
            int position = length + i;
            Page page = page(layer, position / PAGE);
            int slot = position % PAGE;
            for (int head = 0; head < heads; head++) {
                writeHead(page, head, slot, k, v, i * row + head * headDim);
            }
        }
    }

    private void writeHead(Page page, int head, int slot, float[] k, float[] v, int from) {
        int keyAt = keysAt(head, slot / KEY_SLICE) + slot % KEY_SLICE;
        for (int first = 0; first < headDim; first += slice) {
            int valueAt = valuesAt(head, first / slice) + slot * slice - first;
            for (int f = first; f < first + slice; f++) {
                if (halves) {
                    page.shortKeys[keyAt + f * KEY_SLICE] = EmbeddingTable.bfloat16(k[from + f]);
                    page.shortValues[valueAt + f] = EmbeddingTable.bfloat16(v[from + f]);
                } else {
                    page.keys[keyAt + f * KEY_SLICE] = k[from + f];
                    page.values[valueAt + f] = v[from + f];
                }
            }
        }
    }

    private Page[] newPage() {
        int size = heads * headDim * PAGE;
        Page[] page = new Page[layers];
        Arrays.setAll(page, layer -> halves ? new Page(null, null, new short[size], new short[size])
                : new Page(new float[size], new float[size], null, null));
        return page;
    }

    private Page page(int layer, int number) {
        return pages.get(number - firstPage)[layer];
    }

    /**
     * Makes the positions that were written to all layers part of the conversation.
     *
     * @param positions how many
     */
    public void advance(int positions) {
        length += positions;
        if (sliding) {
            int firstSeen = Math.max(0, length + 1 - capacity) / PAGE;
            while (firstPage < firstSeen && !pages.isEmpty()) {
                unused.push(pages.removeFirst());
                firstPage++;
            }
        }
    }

    /**
     * Forgets the last positions, to answer differently, or all of them.
     *
     * @param newLength how many positions to keep, up to {@link #length}
     * @throws IllegalArgumentException if there are fewer, or a sliding window has already left those before them
     */
    public void truncate(int newLength) {
        int oldest = newLength == 0 ? 0 : Math.max(0, newLength - capacity) / PAGE;
        if (newLength < 0 || newLength > length || newLength > 0 && firstPage > oldest) {
            throw new IllegalArgumentException("KvCache: can't keep " + newLength + " of " + length + " positions"
                    + (firstPage > 0 ? ", the first " + firstPage * PAGE + " are gone" : ""));
        }
        length = newLength;
        firstPage = newLength == 0 ? 0 : firstPage;
        while (firstPage + pages.size() > Math.ceilDiv(length, PAGE)) {
            unused.push(pages.removeLast());
        }
    }

    // ---------------------------------------------------------------- for the attention of one layer

    /** Which positions a query sees. */
    AttentionMask mask() {
        return sliding ? AttentionMask.causal(capacity) : AttentionMask.CAUSAL;
    }

    int heads() {
        return heads;
    }

    int headDim() {
        return headDim;
    }

    int layers() {
        return layers;
    }

    /** Features of a head's values that stand together: what one thread computes. */
    int slice() {
        return slice;
    }

    /** Scratch for {@link #keys} and {@link #values}, for each thread; null if they need none. */
    float[] scratch(int threads) {
        return halves ? Workspace.floats(threads * scratchLength()) : null;
    }

    /** What one thread needs: a slice of keys or of values. */
    int scratchLength() {
        return Math.max(headDim * KEY_SLICE, slice * PAGE);
    }

    /**
     * A page's keys, a head's slice {@code [headDim, KEY_SLICE]} of them at {@link #keysAt}; or the scratch, into which
     * that slice is copied.
     */
    float[] keys(int layer, int number, int head, int part, float[] scratch, int scratchAt) {
        Page page = page(layer, number);
        return halves ? widened(page.shortKeys, keysAt(head, part), headDim * KEY_SLICE, scratch, scratchAt)
                : page.keys;
    }

    /** A page's values, a slice {@code [PAGE, slice()]} of them at {@link #valuesAt}; or the scratch, as with keys. */
    float[] values(int layer, int number, int head, int part, float[] scratch, int scratchAt) {
        Page page = page(layer, number);
        return halves ? widened(page.shortValues, valuesAt(head, part), slice * PAGE, scratch, scratchAt) : page.values;
    }

    private static float[] widened(short[] x, int from, int count, float[] scratch, int scratchAt) {
        FloatMath.get().widen(x, from, scratch, scratchAt, count);
        return scratch;
    }

    /** Where a slice of a head's keys begins in a page. */
    int keysAt(int head, int part) {
        return (head * PAGE + part * KEY_SLICE) * headDim;
    }

    /** Where a slice of a head's values begins in a page. */
    int valuesAt(int head, int part) {
        return (head * headDim + part * slice) * PAGE;
    }

    @Override
    public String toString() {
        return "KvCache(" + length + " of " + capacity + (sliding ? " positions, sliding" : " positions") + ", "
                + layers + " layers of " + heads + " x " + headDim + (halves ? ", bfloat16)" : ", float32)");
    }
}
