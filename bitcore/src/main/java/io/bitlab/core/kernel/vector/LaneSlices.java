package io.bitlab.core.kernel.vector;

import io.bitlab.core.kernel.PreparedActivations;
import io.bitlab.core.parallel.Parallel;
import io.bitlab.core.quant.QuantizedActivations;
import java.util.concurrent.ArrayBlockingQueue;

/**
 * A batch that is prepared slice by slice when it is multiplied. The memory for slices is taken beforehand, for as many
 * threads as will compute.
 */
final class LaneSlices implements PreparedActivations {

    private final LaneKernel kernel;
    private final QuantizedActivations activations;
    private final int sliceRows;
    private final ArrayBlockingQueue<LaneActivations> free;

    LaneSlices(LaneKernel kernel, QuantizedActivations activations, int sliceRows) {
        this.kernel = kernel;
        this.activations = activations;
        this.sliceRows = sliceRows / LaneActivations.QUAD * LaneActivations.QUAD;
        int threads = Parallel.current().threads();
        free = new ArrayBlockingQueue<>(threads);
        for (int i = 0; i < threads; i++) {
            free.add(kernel.memoryFor(activations, this.sliceRows));
        }
    }

    /** Memory for a slice, which no other thread uses; newly allocated if more threads came than were expected. */
    LaneActivations take() {
        LaneActivations slice = free.poll();
        return slice != null ? slice : kernel.memoryFor(activations, sliceRows);
    }

    /** Makes memory available to other threads; drops it if there is enough. */
    void giveBack(LaneActivations slice) {
        free.offer(slice);
    }

    LaneKernel kernel() {
        return kernel;
    }

    int sliceRows() {
        return sliceRows;
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
