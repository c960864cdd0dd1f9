package io.bitlab.core.kernel;

/**
 * Activations {@code [rows, columns]} in the form that one kernel reads, such as lookup tables, made by {@link
 * TernaryKernel#prepare}. Layers that read the same input share it; no multiplication modifies it.
 *
 * <p>Their arrays may belong to the bound {@link io.bitlab.core.memory.Workspace}, so they are valid until its reset.
 */
public interface PreparedActivations {
    /**
     * The kernel that prepared these activations; only it can multiply with them.
     *
     * @return the instance whose {@link TernaryKernel#prepare} made this
     */
    TernaryKernel kernel();

    /**
     * The number of samples or tokens.
     *
     * @return at least 1
     */
    int rows();

    /**
     * The number of features of each row.
     *
     * @return at least 1
     */
    int columns();
}
