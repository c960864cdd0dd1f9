package io.bitlab.core.vector;

import io.bitlab.core.kernel.PreparedActivations;
import io.bitlab.core.kernel.TernaryKernel;
import io.bitlab.core.kernel.schedule.BatchParts;
import io.bitlab.core.parallel.Parallel;
import io.bitlab.core.quant.QuantizedActivations;

/**
 * A large batch that is prepared in slices of rows when it is multiplied; the slices of a thread reuse the same memory.
 */
final class SlicedActivations implements PreparedActivations, BatchParts<PreparedActivations> {

    private final Int8Kernel kernel;
    private final QuantizedActivations activations;
    private final int sliceRows;
    private final ThreadMemory<Int8KernelActivations> memory;

    SlicedActivations(Int8Kernel kernel, QuantizedActivations activations, int sliceRows) {
        this.kernel = kernel;
        this.activations = activations;
        this.sliceRows = sliceRows;
        memory = new ThreadMemory<>(() -> kernel.memoryFor(activations, sliceRows));
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

    @Override
    public Int8KernelActivations slice(int thread, int slice) {
        Int8KernelActivations rows = memory.get();
        int first = slice * sliceRows;
        rows.hold(first, Math.min(sliceRows, activations.rows() - first), Parallel.sequential());
        return rows;
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
