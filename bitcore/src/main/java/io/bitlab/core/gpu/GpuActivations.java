package io.bitlab.core.gpu;

import io.bitlab.core.kernel.PreparedActivations;
import io.bitlab.core.kernel.schedule.LayersAtOnce;
import io.bitlab.core.quant.QuantizedActivations;
import java.util.List;

/**
 * Activations as they are; a {@link GpuQueue} copies them when they are multiplied.
 *
 * @param id a number that no other activations of the kernel have, at least 1
 */
record GpuActivations(GpuKernel kernel, QuantizedActivations activations, long id)
        implements PreparedActivations, LayersAtOnce {
    @Override
    public int rows() {
        return activations.rows();
    }

    @Override
    public int columns() {
        return activations.columns();
    }

    @Override
    public boolean isAtOnce() {
        return true;
    }

    @Override
    public void multiplyAll(List<?> weights, float[][] biases, float[][] ys) {
        kernel.multiplyAll(weights, this, biases, ys);
    }
}
