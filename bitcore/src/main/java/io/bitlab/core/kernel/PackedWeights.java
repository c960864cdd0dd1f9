package io.bitlab.core.kernel;

import io.bitlab.core.quant.TernaryMatrix;

/**
 * A ternary matrix in the layout that one kernel reads. Made by {@link TernaryKernel#pack}; immutable.
 */
public interface PackedWeights {
    /**
     * The kernel that packed these weights and can multiply with them.
     *
     * @return that kernel
     */
    TernaryKernel kernel();

    /**
     * How many rows the matrix has.
     *
     * @return output features
     */
    int outFeatures();

    /**
     * How many columns the matrix has.
     *
     * @return input features
     */
    int inFeatures();

    /**
     * How many output features one thread had best compute at a time where weights come from memory: those that stand
     * together.
     *
     * @return a multiple of the kernel's {@link TernaryKernel#rowAlignment}, which it is unless the layout knows better
     */
    default int partRows() {
        return kernel().rowAlignment();
    }

    /**
     * Memory that this layout occupies.
     *
     * @return bytes, with padding and scales
     */
    long bytes();

    /**
     * Turns the layout back into the matrix that it was packed from.
     *
     * @return a matrix equal to the one given to {@link TernaryKernel#pack}
     */
    TernaryMatrix unpack();
}
