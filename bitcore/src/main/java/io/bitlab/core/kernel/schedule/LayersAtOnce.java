package io.bitlab.core.kernel.schedule;

import java.util.List;

/**
 * Prepared activations that one thread multiplies with the weights of several layers at once, since each multiplication
 * waits for something outside of the JVM.
 */
public interface LayersAtOnce {

    /**
     * Whether these activations are such.
     *
     * @return true unless they stand for others, which are not
     */
    boolean isAtOnce();

    /**
     * Multiplies these activations with all output features of several layers.
     *
     * @param weights the packed weights of each layer, of the kernel that prepared these activations; checked by the
     *     caller, as all operands
     * @param biases for each layer its bias, or null; not modified
     * @param ys for each layer {@code [rows, outFeatures]}, row-major; every element is overwritten
     */
    void multiplyAll(List<?> weights, float[][] biases, float[][] ys);
}
