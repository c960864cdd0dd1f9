package io.bitlab.core.vector;

import io.bitlab.core.kernel.PreparedActivations;
import io.bitlab.core.kernel.TernaryKernel;
import io.bitlab.core.kernel.schedule.BatchParts;
import io.bitlab.core.parallel.Parallel;
import io.bitlab.core.quant.QuantizedActivations;
import java.util.function.Supplier;

/**
 * Int8 activations prepared for weights with rows in lanes: most rows in quads, which the kernels read interleaved, and
 * single ones behind them.
 *
 * <p>What the kernels read is filled in at once for a small batch. That of a large one would have left the caches
 * before it is read; so each slice of rows is filled in when it is first needed, by the thread that needs it.
 */
abstract class Int8KernelActivations implements PreparedActivations, BatchParts<PreparedActivations> {

    /** Rows that are multiplied together. */
    static final int QUAD = 4;

    private static final Int8KernelActivations[] NONE = {};

    private final Int8Kernel kernel;
    private final QuantizedActivations activations;
    private final int groupColumns;
    private final boolean quads;

    private Int8KernelActivations[] copies = NONE; // for the threads from 1 on

    private int firstRow;
    private int heldRows;
    private int quadRows; // those before this one stand in quads

    /**
     * Holds nothing; {@link #hold} must follow.
     *
     * @param groupColumns columns in a 16-bit lane of weights
     * @param quads whether there are any; if not, all rows are single ones
     */
    Int8KernelActivations(Int8Kernel kernel, QuantizedActivations activations, int groupColumns, boolean quads) {
        this.kernel = kernel;
        this.activations = activations;
        this.groupColumns = groupColumns;
        this.quads = quads;
    }

    /** Prepares some rows of the activations on these threads, in place of those that were held before. */
    final void hold(int firstRow, int rows, Parallel threads) {
        this.firstRow = firstRow;
        heldRows = rows;
        quadRows = quads ? rows / QUAD * QUAD : 0;
        long nanos = (long) rows * columns() / columnsPerNano();
        threads.forRange(rows, QUAD, nanos, this::fill);
    }

    /** Takes memory for other threads' copies, each of which is filled when its thread first asks for it. */
    final void allowCopies(int count, Supplier<Int8KernelActivations> memory) {
        copies = new Int8KernelActivations[count];
        for (int i = 0; i < count; i++) {
            copies[i] = memory.get();
        }
    }

    @Override
    public final PreparedActivations forThread(int thread) {
        if (thread == 0 || thread > copies.length) {
            return this;
        }
        Int8KernelActivations copy = copies[thread - 1];
        synchronized (copy) { // a thread of another pool may have the same number
            if (copy.heldRows == 0) {
                copy.hold(firstRow, heldRows, Parallel.sequential());
            }
        }
        return copy;
    }

    /** Fills in what the kernel reads for some of the rows that are held; from a multiple of {@link #QUAD} on. */
    abstract void fill(int from, int to);

    /** How many columns a nanosecond are filled in. */
    abstract int columnsPerNano();

    /** All values; those of a row that is held begin at {@link #valuesAt}. */
    final byte[] values() {
        return activations.values();
    }

    final int valuesAt(int row) {
        return (firstRow + row) * columns();
    }

    /** The scale of a row that is held. */
    final float scale(int row) {
        return activations.scale(firstRow + row);
    }

    /** Of the rows that are held, the first one's index in the batch. */
    final int firstRow() {
        return firstRow;
    }

    /** How many rows are held: all of the batch or a slice. */
    final int heldRows() {
        return heldRows;
    }

    /** These: a batch that is divided is a {@link SlicedActivations}. */
    @Override
    public final int slices() {
        return 1;
    }

    @Override
    public final PreparedActivations slice(int thread, int slice) {
        return forThread(thread);
    }

    @Override
    public final TernaryKernel kernel() {
        return kernel;
    }

    @Override
    public final int rows() {
        return activations.rows();
    }

    @Override
    public final int columns() {
        return activations.columns();
    }

    /** How many rows are multiplied together from a row on, a multiple of {@link #QUAD} or behind the quads: 4 or 1. */
    final int together(int row) {
        return row < quadRows ? QUAD : 1;
    }

    /** Groups of columns in a row. */
    final int groups() {
        return Math.ceilDiv(columns(), groupColumns);
    }
}
