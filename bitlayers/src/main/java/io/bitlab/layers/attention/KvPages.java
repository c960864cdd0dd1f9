package io.bitlab.layers.attention;

import io.bitlab.core.math.Bfloat16;
import io.bitlab.core.math.FloatMath;
import io.bitlab.core.memory.Workspace;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;

/**
 * The memory of a {@link KvCache}: keys and values in pages of {@value #PAGE} positions, laid
 * out so that attention reads them in one stream.
 */
final class KvPages {

    /** Positions of a page; a multiple of the vector lengths that attention computes with. */
    static final int PAGE = 128;

    /** Consecutive positions whose keys are stored together, feature by feature. */
    static final int KEY_SLICE = 32;

    /** Consecutive features of a head whose values are stored together, position by position. */
    private static final int VALUE_SLICE = 32;

    private final int layers;
    private final int heads;
    private final int headDim;
    private final int valueSlice;
    private final KvFormat format;
    private final List<Page[]> pages = new ArrayList<>(); // [page - firstPage][layer]
    private final Deque<Page[]> unused = new ArrayDeque<>();
    private int firstPage;

    /**
     * Keys {@code [head, key slice, feature, position of the slice]} and values
     * {@code [head, value slice, position, feature of the slice]} of one layer, in one of the formats.
     */
    private sealed interface Page {
    }

    private record FloatPage(float[] keys, float[] values) implements Page {
        FloatPage(int size) {
            this(new float[size], new float[size]);
        }
    }

    private record Bfloat16Page(short[] keys, short[] values) implements Page {
        Bfloat16Page(int size) {
            this(new short[size], new short[size]);
        }
    }

    /** Integers, and the scales {@code [head, position]} by which they are multiplied. */
    private record Int8Page(byte[] keys, byte[] values, float[] keyScales, float[] valueScales) implements Page {
        Int8Page(int size, int scales) {
            this(new byte[size], new byte[size], new float[scales], new float[scales]);
        }
    }

    KvPages(int layers, int heads, int headDim, KvFormat format) {
        this.layers = layers;
        this.heads = heads;
        this.headDim = headDim;
        this.valueSlice = headDim % VALUE_SLICE == 0 ? VALUE_SLICE : headDim;
        this.format = format;
    }

    int layers() {
        return layers;
    }

    int heads() {
        return heads;
    }

    int headDim() {
        return headDim;
    }

    /** Number of the first page that was not {@linkplain #dropBefore dropped}. */
    int firstPage() {
        return firstPage;
    }

    /** Bytes of all pages, including those kept for reuse. */
    long bytes() {
        long perPage = 2L * layers * heads * PAGE * format.bytes(headDim);
        return perPage * (pages.size() + unused.size());
    }

    /**
     * Stores keys and values of consecutive positions of one layer, in new pages where needed.
     *
     * @param first number of the first position
     * @param k {@code [rows, heads * headDim]}, row-major; not modified
     * @param v the same of the values; not modified
     * @param fromRow the row of the first position
     */
    void write(int layer, int first, float[] k, float[] v, int fromRow, int positions) {
        int row = heads * headDim;
        while (firstPage + pages.size() < Math.ceilDiv(first + positions, PAGE)) {
            pages.add(unused.isEmpty() ? newPage() : unused.pop());
        }
        for (int i = 0; i < positions; i++) {
            Page page = page(layer, (first + i) / PAGE);
            int slot = (first + i) % PAGE;
            for (int head = 0; head < heads; head++) {
                int from = (fromRow + i) * row + head * headDim;
                switch (page) {
                    case FloatPage floats -> write(floats, head, slot, k, v, from);
                    case Bfloat16Page halves -> write(halves, head, slot, k, v, from);
                    case Int8Page integers -> write(integers, head, slot, k, v, from);
                }
            }
        }
    }

    private void write(FloatPage page, int head, int slot, float[] k, float[] v, int from) {
        int keyAt = keysAt(head, slot / KEY_SLICE) + slot % KEY_SLICE;
        for (int first = 0; first < headDim; first += valueSlice) {
            int valueAt = valuesAt(head, first / valueSlice) + slot * valueSlice - first;
            for (int f = first; f < first + valueSlice; f++) {
                page.keys[keyAt + f * KEY_SLICE] = k[from + f];
                page.values[valueAt + f] = v[from + f];
            }
        }
    }

    private void write(Bfloat16Page page, int head, int slot, float[] k, float[] v, int from) {
        int keyAt = keysAt(head, slot / KEY_SLICE) + slot % KEY_SLICE;
        for (int first = 0; first < headDim; first += valueSlice) {
            int valueAt = valuesAt(head, first / valueSlice) + slot * valueSlice - first;
            for (int f = first; f < first + valueSlice; f++) {
                page.keys[keyAt + f * KEY_SLICE] = Bfloat16.fromFloat(k[from + f]);
                page.values[valueAt + f] = Bfloat16.fromFloat(v[from + f]);
            }
        }
    }

    private void write(Int8Page page, int head, int slot, float[] k, float[] v, int from) {
        float keyScale = scale(k, from);
        float valueScale = scale(v, from);
        page.keyScales[head * PAGE + slot] = keyScale;
        page.valueScales[head * PAGE + slot] = valueScale;
        int keyAt = keysAt(head, slot / KEY_SLICE) + slot % KEY_SLICE;
        for (int first = 0; first < headDim; first += valueSlice) {
            int valueAt = valuesAt(head, first / valueSlice) + slot * valueSlice - first;
            for (int f = first; f < first + valueSlice; f++) {
                page.keys[keyAt + f * KEY_SLICE] = (byte) Math.rint(k[from + f] / keyScale);
                page.values[valueAt + f] = (byte) Math.rint(v[from + f] / valueScale);
            }
        }
    }

    /** So that the largest feature of a head becomes 127; any number where all are 0. */
    private float scale(float[] x, int from) {
        float largest = 0;
        for (int f = from; f < from + headDim; f++) {
            largest = Math.max(largest, Math.abs(x[f]));
        }
        return largest == 0 ? 1 : largest / 127;
    }

    private Page[] newPage() {
        int size = heads * headDim * PAGE;
        Page[] page = new Page[layers];
        Arrays.setAll(page, layer -> switch (format) {
            case FLOAT32 -> new FloatPage(size);
            case BFLOAT16 -> new Bfloat16Page(size);
            case INT8 -> new Int8Page(size, heads * PAGE);
        });
        return page;
    }

    private Page page(int layer, int number) {
        return pages.get(number - firstPage)[layer];
    }

    /** Drops the pages before a number, and keeps their memory for new pages. */
    void dropBefore(int number) {
        while (firstPage < number && !pages.isEmpty()) {
            unused.push(pages.removeFirst());
            firstPage++;
        }
    }

    /** Drops the pages that hold only positions from {@code length} on; all of them if it is 0. */
    void truncate(int length) {
        firstPage = length == 0 ? 0 : firstPage;
        while (firstPage + pages.size() > Math.ceilDiv(length, PAGE)) {
            unused.push(pages.removeLast());
        }
    }

    // ---------------------------------------------------------------- reading

    /** Length of a value slice. */
    int valueSlice() {
        return valueSlice;
    }

    /** Scratch of all threads for {@link #keys} and {@link #values}; null if the pages are read in place. */
    float[] scratch(int threads) {
        return format == KvFormat.FLOAT32 ? null : Workspace.floats(threads * scratchLength());
    }

    /** Scratch that one thread needs, for a slice of keys or of values. */
    int scratchLength() {
        return Math.max(headDim * KEY_SLICE, valueSlice * PAGE);
    }

    /**
     * An array with the keys {@code [headDim, KEY_SLICE]} of a slice: the page itself, where they begin at
     * {@link #keysAt}, or the scratch, into which they are widened.
     */
    float[] keys(int layer, int number, int head, int slice, float[] scratch, int scratchAt) {
        return switch (page(layer, number)) {
            case FloatPage floats -> floats.keys;
            case Bfloat16Page halves ->
                    widened(halves.keys, keysAt(head, slice), headDim * KEY_SLICE, scratch, scratchAt);
            case Int8Page integers -> {
                FloatMath.get().widen(integers.keys, keysAt(head, slice), integers.keyScales,
                        head * PAGE + slice * KEY_SLICE, false, headDim, KEY_SLICE, scratch, scratchAt);
                yield scratch;
            }
        };
    }

    /** As {@link #keys}, for values {@code [PAGE, valueSlice()]}, which begin at {@link #valuesAt}. */
    float[] values(int layer, int number, int head, int slice, float[] scratch, int scratchAt) {
        return switch (page(layer, number)) {
            case FloatPage floats -> floats.values;
            case Bfloat16Page halves ->
                    widened(halves.values, valuesAt(head, slice), valueSlice * PAGE, scratch, scratchAt);
            case Int8Page integers -> {
                FloatMath.get().widen(integers.values, valuesAt(head, slice), integers.valueScales, head * PAGE, true,
                        PAGE, valueSlice, scratch, scratchAt);
                yield scratch;
            }
        };
    }

    private static float[] widened(short[] x, int from, int count, float[] scratch, int scratchAt) {
        FloatMath.get().widen(x, from, scratch, scratchAt, count);
        return scratch;
    }

    /** Where a slice of a head's keys begins in a page. */
    int keysAt(int head, int slice) {
        return (head * PAGE + slice * KEY_SLICE) * headDim;
    }

    /** Where a slice of a head's values begins in a page. */
    int valuesAt(int head, int slice) {
        return (head * headDim + slice * valueSlice) * PAGE;
    }
}
