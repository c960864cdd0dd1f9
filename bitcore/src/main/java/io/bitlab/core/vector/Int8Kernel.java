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
 * A kernel for int8 activations whose vectors hold a few columns of several output features: the order of bands and
 * stripes, blocks of scales, and the step from sums to results. Subclasses add up the sums of a stripe.
 *
 * <p>Sums are formed in 16 bits and added to floats before they can overflow. They are exact: no sum of up to {@link
 * Int8Limits#MAX_IN_FEATURES} products exceeds 2^24. The result array itself collects them. Blocks of scales need a
 * small array in addition, and so do rows that fill no vector of {@link LookupKernel}; some kernels need a little
 * scratch, and batches in narrow vectors more, see {@link BatchProduct}.
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
    private final int rows; // in a vector
    private final int codeParts;
    private final int partBits;
    private final int[] places;
    private final int groupBytes;

    /**
     * Creates a kernel.
     *
     * @param rows rows of weights in a vector
     * @param codeParts see {@link StripedWeights}
     * @param partBits see {@link StripedWeights}
     * @param places see {@link StripedWeights}
     * @param groupBytes size of a group of columns in prepared form
     */
    Int8Kernel(String name, int rows, int codeParts, int partBits, int[] places, int groupBytes) {
        this.name = name;
        this.rows = rows;
        this.codeParts = codeParts;
        this.partBits = partBits;
        this.places = places.clone();
        this.groupBytes = groupBytes;
    }

    /** The code of a whole group of columns. */
    abstract int code(byte[] trits, int first);

    /** The 16-bit lane, among those of a vector, of a part of a row's code. */
    int lane(int row, int part) {
        return row;
    }

    /** Where in their lanes the parts of a row's code begin: at bit 0 or 8. */
    int shift(int row) {
        return 0;
    }

    /** Whether {@link #add} adds up in memory, so that a tile can be a whole band, and single rows can end it. */
    boolean addsInMemory() {
        return false;
    }

    /** Elements of scratch that {@link #add} needs for so many rows of weights. */
    int scratch(int weightRows) {
        return 0;
    }

    /** Whether so many rows of activations are multiplied by a {@link BatchProduct}. */
    boolean isBatch(int rows) {
        return false;
    }

    /** Memory for the prepared form of so many of the rows of activations, one by one or in pairs; not yet filled. */
    abstract Int8KernelActivations memoryForRows(QuantizedActivations activations, int rows);

    /** As {@link #memoryForRows}, but for a batch if the activations are one. */
    final Int8KernelActivations memoryFor(QuantizedActivations activations, int rows) {
        return isBatch(activations.rows())
                ? new TransposedActivations(this, activations, rows)
                : memoryForRows(activations, rows);
    }

    /**
     * Adds the products of some rows of weights of a band and some rows of activations, summed over the columns of a
     * stripe.
     *
     * @param w packed weights
     * @param stripe the stripe
     * @param from the first row of weights: the first of a tile, or if this kernel {@link #addsInMemory} of a vector
     * @param to after the last: the end of a tile; or if this kernel {@link #addsInMemory} any row
     * @param x activations
     * @param row the first row of activations
     * @param rows 1, or as many as the activations hold {@linkplain Int8KernelActivations#together together}
     * @param scratch {@link #scratch} elements
     * @param sums increased: from {@code o} on for the first row, from {@code o + stride} on for the second, and so on
     * @param o index of the first sum
     * @param stride distance between rows of sums
     */
    abstract void add(StripedWeights w, int stripe, int from, int to, Int8KernelActivations x, int row, int rows,
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
        return StripedWeights.TILE_VECTORS * rows;
    }

    @Override
    public Optional<String> refusal(BitQuantConfig config, int out, int in) {
        return Int8Limits.refusal(config, in);
    }

    @Override
    public final PackedWeights pack(TernaryMatrix weights) {
        Int8Limits.requireExact(name, weights);
        return new StripedWeights(this, weights, rows, codeParts, partBits, places, addsInMemory());
    }

    @Override
    public final PreparedActivations prepare(Activations activations) {
        if (!(activations instanceof QuantizedActivations quantized)) {
            throw new IllegalArgumentException("Kernel '" + name + "' reads int8 activations, got " + activations
                    + "; quantise them with ActivationQuantizer");
        }
        int threads = Parallel.current().threads();
        int rows = quantized.rows();
        int single = isBatch(rows) ? TransposedActivations.apart(rows) : rows;
        long bytes = TransposedActivations.tileBytes(rows - single, quantized.columns())
                + (long) single * Math.ceilDiv(quantized.columns(), places.length) * groupBytes;
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

    /** Computes the rows that {@code x} holds, and those that it holds apart. */
    private void computeHeld(StripedWeights w, Int8KernelActivations x, float[] bias, float[] y, int fromOut,
            int toOut) {
        Int8KernelActivations single = x;
        if (x instanceof TransposedActivations batch) {
            if (batch.heldRows() > 0) {
                computeBatch(w, batch, bias, y, fromOut, toOut);
            }
            single = batch.rest();
        }
        if (single.heldRows() > 0) {
            computeBands(w, single, bias, y, fromOut, toOut);
        }
    }

    private void computeBatch(StripedWeights w, TransposedActivations x, float[] bias, float[] y, int fromOut,
            int toOut) {
        int to;
        for (int from = fromOut; from < toOut; from = to) {
            to = Math.min(toOut, from + BatchTables.MOST_ROWS);
            new BatchProduct(w, (BatchProduct.QuartetCodes) this, x, y, from, to).compute();
            scale(w, x, bias, y, from, to, w.blocks() > 1);
        }
    }

    private void computeBands(StripedWeights w, Int8KernelActivations x, float[] bias, float[] y, int fromOut,
            int toOut) {
        short[] scratch = Workspace.shorts(scratch(Math.min(w.bandRows(), toOut - fromOut)));
        int inPlace = w.blocks() > 1 ? 0 : addsInMemory() ? toOut : w.outFeatures() / rows * rows;
        int to;
        for (int from = fromOut; from < toOut; from = to) {
            to = Math.min(toOut, from - from % w.bandRows() + w.bandRows());
            int middle = Math.clamp(inPlace, from, to);
            if (from < middle) {
                addInPlace(w, x, scratch, y, from, middle);
                scale(w, x, bias, y, from, middle, false);
            }
            if (middle < to) {
                addBlocks(w, x, scratch, y, middle, to);
                scale(w, x, bias, y, middle, to, true);
            }
        }
        Workspace.giveBack(scratch);
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

    // ---------------------------------------------------------------- one block

    /**
     * Leaves the sums in {@code y}. Goes stripe by stripe, in the order of memory: where a band has several, the tables
     * of a stripe stay in the first-level cache, and its weights in the second-level cache until all rows have read
     * them.
     */
    private void addInPlace(StripedWeights w, Int8KernelActivations x, short[] scratch, float[] y, int from, int to) {
        int out = w.outFeatures();
        int start = x.firstRow() * out + from;
        for (int row = 0; row < x.heldRows(); row++) {
            Arrays.fill(y, start + row * out, start + row * out + to - from, 0);
        }
        int together;
        for (int stripe = 0; stripe < w.firstStripe(1); stripe++) {
            for (int row = 0; row < x.heldRows(); row += together) {
                together = x.together(row);
                add(w, stripe, from, to, x, row, together, scratch, y, start + row * out, out);
            }
        }
    }

    // ---------------------------------------------------------------- several blocks, or the last rows

    /** Leaves the sums times their weight scales in {@code y}. */
    private void addBlocks(StripedWeights w, Int8KernelActivations x, short[] scratch, float[] y, int from, int to) {
        int padded = Math.ceilDiv(to - from, rows) * rows;
        float[] sums = Workspace.floats(x.together(0) * padded);
        int together;
        for (int block = 0; block < w.blocks(); block++) {
            for (int row = 0; row < x.heldRows(); row += together) {
                together = x.together(row);
                addBlock(w, x, row, together, block, from, to, scratch, sums, padded, y);
            }
        }
        Workspace.giveBack(sums);
    }

    private void addBlock(StripedWeights w, Int8KernelActivations x, int row, int together, int block, int from, int to,
            short[] scratch, float[] sums, int stride, float[] y) {
        Arrays.fill(sums, 0, together * stride, 0);
        for (int stripe = w.firstStripe(block); stripe < w.firstStripe(block + 1); stripe++) {
            add(w, stripe, from, from + stride, x, row, together, scratch, sums, 0, stride);
        }
        int out = w.outFeatures();
        for (int i = 0; i < together; i++) {
            int at = (x.firstRow() + row + i) * out + from;
            if (block == 0) {
                ScaleAndBias.weigh(sums, i * stride, w.laneScales(), from, y, at, to - from);
            } else {
                ScaleAndBias.addWeighed(sums, i * stride, w.laneScales(), block * out + from, y, at, to - from);
            }
        }
    }
}
