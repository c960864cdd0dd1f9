package io.bitlab.core.gpu;

import io.bitlab.core.kernel.PreparedActivations;
import io.bitlab.core.kernel.TernaryKernel;
import io.bitlab.core.quant.QuantizedActivations;

/**
 * Activations as they are; a {@link GpuQueue} copies them when they are multiplied.
 *
 * @param id a number that no other activations of the kernel have, at least 1
 */
record GpuActivations(TernaryKernel kernel, QuantizedActivations activations, long id) implements PreparedActivations {
    @Override
    public int rows() {
        return activations.rows();
    }

    @Override
    public int columns() {
        return activations.columns();
    }
}
