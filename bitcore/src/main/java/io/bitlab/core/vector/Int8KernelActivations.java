package io.bitlab.core.vector;

import io.bitlab.core.kernel.PreparedActivations;
import io.bitlab.core.kernel.TernaryKernel;
import io.bitlab.core.kernel.schedule.BatchParts;
import io.bitlab.core.parallel.Parallel;
import io.bitlab.core.quant.QuantizedActivations;
import java.util.function.Supplier;

/**
 * Activations prepared for an {@link Int8Kernel}: rows one by one, or most rows in groups of two, whose data the kernel
 * reads interleaved, and the single row left over after them. {@link TransposedActivations} have tiles of rows instead,
 * and a few rows one by one.
 *
 * <p>Small batches are prepared at once. The data of a large batch would leave the caches before it is read, so each
 * slice of rows is prepared when it is needed, by the thread that needs it; see {@link SlicedActivations}.
 */
abstract class Int8KernelActivations implements PreparedActivations, BatchParts<PreparedActivations> {

    /** Threads and slices take rows in multiples of this, and so of the rows that a kernel multiplies together. */
    static final int QUAD = 4;

    private static final Int8KernelActivations[] NONE = {};

    private final Int8Kernel kernel;
    private final QuantizedActivations activations;
    private final int groups;
    private final int groupValues;
    private final int together;

    private Int8KernelActivations[] copies = NONE; // of the threads from 1 on

    private int firstRow;
    private int heldRows;
    private int groupedRows; // rows before this one are in groups

    /**
     * Holds no rows until {@link #hold}.
     *
     * @param groupColumns columns of a group of weights
     * @param groupValues elements that a group of columns of one row takes in prepared form
     * @param together rows of a group: 1 or 2
     */
    Int8KernelActivations(Int8Kernel kernel, QuantizedActivations activations, int groupColumns,
            int groupValues, int together) {
        this.kernel = kernel;
        this.activations = activations;
        this.groups = Math.ceilDiv(activations.columns(), groupColumns);
        this.groupValues = groupValues;
        this.together = together;
    }

    /** Prepares some rows of the activations on these threads; they replace those held before. */
    void hold(int firstRow, int rows, Parallel threads) {
        this.firstRow = firstRow;
        heldRows = rows;
        groupedRows = rows / together * together;
        long nanos = (long) rows * columns() / columnsPerNano();
        if (rows > 0) {
            threads.forRange(rows, QUAD, nanos, this::fill);
        }
    }

    /** Takes memory for the other threads' copies, each of which its thread fills when it first reads it. */
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
                copy.hold(firstRow, rows(), Parallel.sequential());
            }
        }
        return copy;
    }

    /** Prepares some of the held rows; {@code from} is a multiple of {@link #QUAD}. */
    abstract void fill(int from, int to);

    /** Columns that are prepared in a nanosecond. */
    abstract int columnsPerNano();

    /** All values; those of a held row begin at {@link #valuesAt}. */
    final byte[] values() {
        return activations.values();
    }

    final int valuesAt(int row) {
        return (firstRow + row) * columns();
    }

    /** The scale of a held row. */
    final float scale(int row) {
        return activations.scale(firstRow + row);
    }

    /** The index in the batch of the first held row. */
    final int firstRow() {
        return firstRow;
    }

    /** The number of held rows: the batch or a slice, less those {@linkplain TransposedActivations#rest held apart}. */
    final int heldRows() {
        return heldRows;
    }

    /** Always 1: a divided batch is a {@link SlicedActivations}. */
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

    /** The number of rows multiplied together, beginning with the first of a group or a single row. */
    final int together(int row) {
        return row < groupedRows ? together : 1;
    }

    /** Index of a group of columns in prepared form, for a single row or for those together from this row on. */
    final int position(int row, int rows, int group) {
        return (row * groups() + group * rows) * groupValues;
    }

    /** Groups of columns in a row. */
    final int groups() {
        return groups;
    }
}
