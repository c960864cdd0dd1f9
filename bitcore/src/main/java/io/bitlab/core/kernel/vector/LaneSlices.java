package io.bitlab.core.kernel.vector;

import io.bitlab.core.kernel.PreparedActivations;
import io.bitlab.core.parallel.Parallel;
import io.bitlab.core.quant.QuantizedActivations;

/**
 * A batch that is prepared slice by slice when it is multiplied, each slice in the memory of the one before. Memory is
 * taken beforehand, for as many threads as will compute.
 */
final class LaneSlices implements PreparedActivations {

    private final LaneKernel kernel;
    private final QuantizedActivations activations;
    private final int sliceRows;
    private final LaneActivations[] memory; // of each thread
    private final boolean ofOneThread;

    LaneSlices(LaneKernel kernel, QuantizedActivations activations, int slices) {
        this.kernel = kernel;
        this.activations = activations;
        int rows = Math.ceilDiv(activations.rows(), slices);
        sliceRows = Math.ceilDiv(rows, LaneActivations.QUAD) * LaneActivations.QUAD;
        ofOneThread = false;
        memory = new LaneActivations[Parallel.current().threads()];
        for (int i = 0; i < memory.length; i++) {
            memory[i] = kernel.memoryFor(activations, sliceRows);
        }
    }

    private LaneSlices(LaneSlices all, LaneActivations memory) {
        kernel = all.kernel;
        activations = all.activations;
        sliceRows = all.sliceRows;
        ofOneThread = true;
        this.memory = new LaneActivations[] {memory};
    }

    LaneKernel kernel() {
        return kernel;
    }

    @Override
    public LaneSlices forThread(int thread) {
        return ofOneThread ? this : new LaneSlices(this, memory(thread));
    }

    /** These slices if they are one thread's; else some with memory that no other caller has. */
    LaneSlices ofCaller() {
        return ofOneThread ? this : new LaneSlices(this, kernel.memoryFor(activations, sliceRows));
    }

    @Override
    public int slices() {
        return Math.ceilDiv(activations.rows(), sliceRows);
    }

    @Override
    public LaneActivations slice(int thread, int slice) {
        LaneActivations rows = memory(thread);
        int first = slice * sliceRows;
        rows.hold(first, Math.min(sliceRows, activations.rows() - first), Parallel.sequential());
        return rows;
    }

    /** A thread's memory; newly allocated if there are more threads than were expected. */
    private LaneActivations memory(int thread) {
        return thread < memory.length ? memory[thread] : kernel.memoryFor(activations, sliceRows);
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
