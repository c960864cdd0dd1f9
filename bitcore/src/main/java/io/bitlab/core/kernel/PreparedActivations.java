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

    /**
     * Into how many slices of rows a batch is divided. Threads that take slices prepare each once; threads that take
     * parts of the output all need the whole batch.
     *
     * @return 1 for a batch that is not divided, as by default
     */
    default int slices() {
        return 1;
    }

    /**
     * A slice: a kernel that multiplies with it computes the results of its rows only, where they belong in the result
     * of the batch.
     *
     * @param thread as in {@link #forThread}
     * @param slice from 0 to {@code slices() - 1}
     * @return activations that are good until this thread asks for another slice; {@link #rows} are those of the batch
     */
    default PreparedActivations slice(int thread, int slice) {
        return forThread(thread);
    }
}
