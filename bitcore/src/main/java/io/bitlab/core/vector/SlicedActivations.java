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
 * A batch that is prepared slice by slice when it is multiplied, each slice in the memory of the one before. Memory is
 * taken beforehand, for as many threads as will compute.
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
        int rows = Math.ceilDiv(activations.rows(), slices);
        sliceRows = Math.ceilDiv(rows, Int8KernelActivations.QUAD) * Int8KernelActivations.QUAD;
        for (int i = 0; i < Parallel.current().threads(); i++) {
            free.add(kernel.memoryFor(activations, sliceRows));
        }
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

    /** In memory of the thread that calls: one of another pool may have the same number. */
    @Override
    public Int8KernelActivations slice(int thread, int slice) {
        Int8KernelActivations rows = taken.computeIfAbsent(Thread.currentThread(), _ -> memory());
        int first = slice * sliceRows;
        rows.hold(first, Math.min(sliceRows, activations.rows() - first), Parallel.sequential());
        return rows;
    }

    /** Newly allocated if more threads came than were expected. */
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
