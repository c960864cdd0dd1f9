package io.bitlab.core.kernel;

import io.bitlab.core.quant.TernaryMatrix;

/**
 * A ternary matrix {@code [out, in]} in the layout that one kernel reads, made by {@link TernaryKernel#pack}.
 *
 * <p><b>Thread safety:</b> immutable.
 */
public interface PackedWeights {
    /**
     * The kernel that packed these weights; only it can multiply with them.
     *
     * @return the instance whose {@link TernaryKernel#pack} made this
     */
    TernaryKernel kernel();

    /**
     * The number of rows of the matrix.
     *
     * @return output features, at least 1
     */
    int outFeatures();

    /**
     * The number of columns of the matrix.
     *
     * @return input features, at least 1
     */
    int inFeatures();

    /**
     * The memory that this layout occupies.
     *
     * @return bytes, including padding and scales
     */
    long bytes();

    /**
     * Converts the layout back to the matrix that it was packed from.
     *
     * @return a matrix equal to the argument of {@link TernaryKernel#pack}
     */
    TernaryMatrix unpack();
}
