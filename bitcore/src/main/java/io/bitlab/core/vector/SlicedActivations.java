package io.bitlab.core.vector;

import io.bitlab.core.kernel.PreparedActivations;
import io.bitlab.core.kernel.TernaryKernel;
import io.bitlab.core.kernel.schedule.BatchParts;
import io.bitlab.core.parallel.Parallel;
import io.bitlab.core.quant.QuantizedActivations;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * A large batch that is prepared in slices of rows when it is multiplied; the slices of a thread reuse the same memory.
 * The memory is taken in advance, for as many threads as will compute.
 */
final class SlicedActivations implements PreparedActivations, BatchParts<PreparedActivations> {

    private final Int8Kernel kernel;
    private final QuantizedActivations activations;
    private final int sliceRows;
    private final Queue<Int8KernelActivations> free = new ConcurrentLinkedQueue<>();
    private final Map<Thread, Int8KernelActivations> taken = new ConcurrentHashMap<>();

    SlicedActivations(Int8Kernel kernel, QuantizedActivations activations, int slices) {
        this.kernel = kernel;
        this.activations = activations;
        sliceRows = sliceRows(activations.rows(), slices);
        for (int i = 0; i < Parallel.current().threads(); i++) {
            free.add(kernel.memoryFor(activations, sliceRows));
        }
    }

    /** Rows of a slice, if there are to be about so many. */
    static int sliceRows(int rows, int slices) {
        int quads = Math.ceilDiv(Math.ceilDiv(rows, slices), Int8KernelActivations.QUAD);
        return quads * Int8KernelActivations.QUAD;
    }

    @Override
    public TernaryKernel kernel() {
        return kernel;
    }

    @Override
    public SlicedActivations forThread(int thread) {
        return this;
    }

    @Override
    public int slices() {
        return Math.ceilDiv(activations.rows(), sliceRows);
    }

    /** Uses memory of the calling thread rather than of its number, which a thread of another pool may share. */
    @Override
    public Int8KernelActivations slice(int thread, int slice) {
        Int8KernelActivations rows = taken.computeIfAbsent(Thread.currentThread(), _ -> memory());
        int first = slice * sliceRows;
        rows.hold(first, Math.min(sliceRows, activations.rows() - first), Parallel.sequential());
        return rows;
    }

    /** Newly allocated if there are more threads than expected. */
    private Int8KernelActivations memory() {
        Int8KernelActivations memory = free.poll();
        return memory != null ? memory : kernel.memoryFor(activations, sliceRows);
    }

    @Override
    public int rows() {
        return activations.rows();
    }

    @Override
    public int columns() {
        return activations.columns();
    }
}
