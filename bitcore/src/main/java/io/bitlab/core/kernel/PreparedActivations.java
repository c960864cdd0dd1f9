package io.bitlab.core.kernel;

/**
 * Activations in the form that one kernel reads, such as lookup tables. Made by {@link TernaryKernel#prepare}; several
 * layers that read the same input share it. Not modified by a multiplication.
 */
public interface PreparedActivations {
    /**
     * How many samples or tokens there are.
     *
     * @return at least 1
     */
    int rows();

    /**
     * How many features each row has.
     *
     * @return at least 1
     */
    int columns();
}
