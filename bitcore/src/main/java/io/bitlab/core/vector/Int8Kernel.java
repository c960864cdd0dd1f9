package io.bitlab.core.vector;

import io.bitlab.core.BitQuantConfig;
import io.bitlab.core.kernel.PackedWeights;
import io.bitlab.core.kernel.PreparedActivations;
import io.bitlab.core.kernel.TernaryKernel;
import io.bitlab.core.memory.Workspace;
import io.bitlab.core.parallel.Parallel;
import io.bitlab.core.quant.Activations;
import io.bitlab.core.quant.QuantizedActivations;
import io.bitlab.core.quant.TernaryMatrix;
import java.util.Arrays;
import java.util.Optional;

/**
 * A kernel for int8 activations with one output feature per lane: the order in which tiles are computed, blocks of
 * scales, and the step from sums to results. Subclasses add up the sums of a tile.
 *
 * <p>Sums are formed in 16 bits and added to floats before they can overflow. They are exact: no sum of up to {@link
 * Int8Limits#MAX_IN_FEATURES} products exceeds 2^24. The result array itself collects them; only
 * blocks of scales and rows that fill no vector need a small array in addition, and batches in narrow vectors some
 * scratch, see {@link BatchProduct}.
 */
abstract class Int8Kernel implements TernaryKernel {

    /**
     * Larger batches are prepared when they are multiplied, in slices of about this size that reuse the same memory,
     * much of which a second-level cache keeps. Writing 28 MB of tables and reading them again costs more (time per
     * token of a prompt of 512: 9.1 ms; in slices of 4 MB 8.2 ms; of 2 MB 7.7 ms).
     */
    private static final long SLICE_BYTES = 2L << 20;

    /** With fewer rows in a slice, large weights are read too often. */
    private static final int LEAST_SLICE_ROWS = 16;

    /** Each thread prepares its own copy of smaller batches: a second-level cache holds this much beside weights. */
    private static final long MOST_BYTES_OF_A_THREAD = 256L << 10;

    private final String name;
    private final int lanes;
    private final int[] places;
    private final int groupBytes;

    /**
     * Creates a kernel.
     *
     * @param lanes rows in a vector
     * @param places see {@link StripedWeights}
     * @param groupBytes size of a group of columns in prepared form
     */
    Int8Kernel(String name, int lanes, int[] places, int groupBytes) {
        this.name = name;
        this.lanes = lanes;
        this.places = places.clone();
        this.groupBytes = groupBytes;
    }

    /** The sum of trit times place over a whole group of columns, which a lane of zeros is increased by. */
    abstract int weighed(byte[] trits, int first);

    /** Rows of weights that share a 16-bit lane: 1 or 2. */
    int rowsOfLane() {
        return 1;
    }

    /** The 16-bit lane of a row of a vector. */
    int lane(int row) {
        return row;
    }

    /** Where in its lane a row's code begins: at bit 0 or 8. */
    int shift(int row) {
        return 0;
    }

    /** Elements of scratch that {@link #add} needs. */
    int scratch() {
        return 0;
    }

    /** Whether so many rows of activations are multiplied by a {@link BatchProduct}. */
    boolean isBatch(int rows) {
        return false;
    }

    /** Memory for the prepared form of so many rows of activations, not yet filled. */
    abstract Int8KernelActivations memoryFor(QuantizedActivations activations, int rows);

    /**
     * Adds the products of a tile of weights and some rows of activations, summed over some groups of columns, few
     * enough for sums of 16 bits.
     *
     * @param vectors vectors of the tile: 4, 2 or 1
     * @param w packed weights
     * @param at index of the tile's first group
     * @param x activations
     * @param row the first row
     * @param rows 1, or as many as the activations hold {@linkplain Int8KernelActivations#together together}
     * @param group the first group of columns
     * @param groups number of groups
     * @param scratch {@link #scratch} elements
     * @param sums increased: from {@code o} on for the first row, from {@code o + stride} on for the second, and so on
     * @param o index of the first sum
     * @param stride distance between rows of sums
     */
    abstract void add(int vectors, short[] w, int at, Int8KernelActivations x, int row, int rows, int group, int groups,
            short[] scratch, float[] sums, int o, int stride);

    @Override
    public final String name() {
        return name;
    }

    @Override
    public final boolean isVectorized() {
        return true;
    }

    @Override
    public final int rowAlignment() {
        return StripedWeights.TILE_VECTORS * lanes;
    }

    @Override
    public Optional<String> refusal(BitQuantConfig config, int out, int in) {
        return Int8Limits.refusal(config, in);
    }

    @Override
    public final PackedWeights pack(TernaryMatrix weights) {
        Int8Limits.requireExact(name, weights);
        return new StripedWeights(this, weights, lanes, rowsOfLane(), places);
    }

    @Override
    public final PreparedActivations prepare(Activations activations) {
        if (!(activations instanceof QuantizedActivations quantized)) {
            throw new IllegalArgumentException("Kernel '" + name + "' reads int8 activations, got " + activations
                    + "; quantise them with ActivationQuantizer");
        }
        int threads = Parallel.current().threads();
        int rows = quantized.rows();
        long bytes = isBatch(rows)
                ? TransposedActivations.bytes(rows, quantized.columns())
                : (long) rows * Math.ceilDiv(quantized.columns(), places.length) * groupBytes;
        int slices = slices(rows, bytes, threads);
        int sliceRows = sliceRows(rows, slices, threads);
        if (slices > 1 && (threads == 1 || Math.ceilDiv(rows, sliceRows) >= threads)) {
            return new SlicedActivations(this, quantized, sliceRows); // else each thread would prepare all slices
        }
        Int8KernelActivations prepared = memoryFor(quantized, rows);
        prepared.hold(0, rows, Parallel.current());
        if (bytes <= MOST_BYTES_OF_A_THREAD && threads > 1) {
            prepared.allowCopies(threads - 1, () -> memoryFor(quantized, rows));
        }
        return prepared;
    }

    /** Enough for {@link #SLICE_BYTES}; with enough rows, a multiple of the threads. */
    private static int slices(int rows, long bytes, int threads) {
        int most = rows / LEAST_SLICE_ROWS;
        int slices = Math.clamp(Math.ceilDiv(bytes, SLICE_BYTES), 1, Math.max(1, most));
        return threads > 1 && most >= threads
                ? Math.min(most / threads, Math.ceilDiv(slices, threads)) * threads
                : slices;
    }

    /** Whole tiles of a batch, unless some threads then have no slice. */
    private int sliceRows(int rows, int slices, int threads) {
        int tile = TransposedActivations.TILE_ROWS;
        int tiles = Math.ceilDiv(Math.ceilDiv(rows, slices), tile);
        if (isBatch(rows) && Math.ceilDiv(rows, tiles * tile) >= threads) {
            return tiles * tile;
        }
        int quads = Math.ceilDiv(Math.ceilDiv(rows, slices), Int8KernelActivations.QUAD);
        return quads * Int8KernelActivations.QUAD;
    }

    @Override
    public final void compute(
            PackedWeights weights, PreparedActivations activations, float[] bias, float[] y, int fromOut, int toOut) {
        StripedWeights w = (StripedWeights) weights;
        if (!(activations instanceof SlicedActivations sliced)) {
            computeHeld(w, (Int8KernelActivations) activations, bias, y, fromOut, toOut);
            return;
        }
        for (int slice = 0; slice < sliced.slices(); slice++) {
            computeHeld(w, sliced.slice(0, slice), bias, y, fromOut, toOut);
        }
    }

    /** Computes the rows that {@code x} holds. */
    private void computeHeld(StripedWeights w, Int8KernelActivations x, float[] bias, float[] y, int fromOut,
            int toOut) {
        if (x instanceof TransposedActivations batch) {
            computeBatch(w, batch, bias, y, fromOut, toOut);
        } else {
            computeBands(w, x, bias, y, fromOut, toOut);
        }
    }

    private void computeBatch(StripedWeights w, TransposedActivations x, float[] bias, float[] y, int fromOut,
            int toOut) {
        int to;
        for (int from = fromOut; from < toOut; from = to) {
            to = Math.min(toOut, from + BatchProduct.BANDS * w.bandRows());
            new BatchProduct(w, (BatchProduct.QuartetCodes) this, x, y, from, to).compute();
            scale(w, x, bias, y, from, to, w.blocks() > 1);
        }
    }

    private void computeBands(StripedWeights w, Int8KernelActivations x, float[] bias, float[] y, int fromOut,
            int toOut) {
        int out = w.outFeatures();
        int start = x.firstRow() * out;
        short[] scratch = Workspace.shorts(scratch());
        int wholeVectors = w.blocks() > 1 ? 0 : out / lanes * lanes;
        int to;
        for (int from = fromOut; from < toOut; from = to) {
            to = Math.min(toOut, from - from % w.bandRows() + w.bandRows());
            int middle = Math.clamp(wholeVectors, from, to);
            if (from < middle) {
                addInPlace(w, x, scratch, y, start, from, middle);
                scale(w, x, bias, y, from, middle, false);
            }
            if (middle < to) {
                addBlocks(w, x, scratch, y, start, middle, to);
                scale(w, x, bias, y, middle, to, true);
            }
        }
    }

    /** From sums to results; {@code weighed} sums are times their weight scales already. */
    private static void scale(StripedWeights w, Int8KernelActivations x, float[] bias, float[] y, int from, int to,
            boolean weighed) {
        for (int row = 0; row < x.heldRows(); row++) {
            int at = (x.firstRow() + row) * w.outFeatures();
            if (weighed) {
                ScaleAndBias.scale(y, at, x.scale(row), bias, from, to);
            } else {
                ScaleAndBias.scale(y, at, w.laneScales(), x.scale(row), bias, from, to);
            }
        }
    }

    // ---------------------------------------------------------------- one block, whole vectors

    /**
     * Leaves the sums in {@code y}. Goes stripe by stripe, in the order of memory, so that the tables of a stripe stay
     * in the first-level cache, and its weights in the second-level cache until all rows have read them.
     */
    private void addInPlace(StripedWeights w, Int8KernelActivations x, short[] scratch, float[] y, int start, int from,
            int to) {
        int out = w.outFeatures();
        for (int row = 0; row < x.heldRows(); row++) {
            Arrays.fill(y, start + row * out + from, start + row * out + to, 0);
        }
        int rows;
        int step;
        for (int stripe = 0; stripe < w.firstStripe(1); stripe++) {
            int slots = w.slots(stripe);
            int first = w.position(stripe, from);
            for (int row = 0; row < x.heldRows(); row += rows) {
                rows = x.together(row);
                for (int o = from, at = first; o < to; o += step, at += step / rowsOfLane() * slots) {
                    step = w.tileVectors(o) * lanes;
                    add(step / lanes, w.packed(), at, x, row, rows, w.firstGroup(stripe), slots, scratch,
                            y, start + row * out + o, out);
                }
            }
        }
    }

    // ---------------------------------------------------------------- several blocks, or the last rows

    /** Leaves the sums times their weight scales in {@code y}. */
    private void addBlocks(StripedWeights w, Int8KernelActivations x, short[] scratch, float[] y, int start, int from,
            int to) {
        float[] sums = Workspace.floats(Int8KernelActivations.QUAD * StripedWeights.TILE_VECTORS * lanes);
        int rows;
        for (int block = 0; block < w.blocks(); block++) {
            for (int row = 0; row < x.heldRows(); row += rows) {
                rows = x.together(row);
                for (int o = from; o < to; o += w.tileVectors(o) * lanes) {
                    addBlock(w, x, row, rows, block, o, scratch, sums, y, start);
                }
            }
        }
        Workspace.giveBack(sums);
    }

    private void addBlock(StripedWeights w, Int8KernelActivations x, int row, int rows, int block, int o,
            short[] scratch, float[] sums, float[] y, int start) {
        int vectors = w.tileVectors(o);
        int stride = vectors * lanes;
        Arrays.fill(sums, 0, rows * stride, 0);
        for (int stripe = w.firstStripe(block); stripe < w.firstStripe(block + 1); stripe++) {
            add(vectors, w.packed(), w.position(stripe, o), x, row, rows, w.firstGroup(stripe), w.slots(stripe),
                    scratch, sums, 0, stride);
        }
        int out = w.outFeatures();
        int count = Math.min(stride, out - o);
        for (int i = 0; i < rows; i++) {
            int at = start + (row + i) * out + o;
            if (block == 0) {
                ScaleAndBias.weigh(sums, i * stride, w.laneScales(), o, y, at, count);
            } else {
                ScaleAndBias.addWeighed(sums, i * stride, w.laneScales(), block * out + o, y, at, count);
            }
        }
    }
}
