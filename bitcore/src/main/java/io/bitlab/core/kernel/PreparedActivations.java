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

    /**
     * The same activations, where one of several threads that multiply at once had better read them: memory that
     * another processor has read is slow to write anew, and slow to read while the other has it.
     *
     * @param thread number of the thread in a range of {@link io.bitlab.core.parallel.Parallel}; only that thread may
     *     call with it
     * @return activations of the same kernel and values; by default these
     */
    default PreparedActivations forThread(int thread) {
        return this;
    }
}
