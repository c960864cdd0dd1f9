package io.bitlab.core.kernel.schedule;

/**
 * Prepared activations that tell how several threads best read them. Activations without this interface are read by all
 * threads as they are.
 *
 * @param <A> the activations: the library's {@code PreparedActivations}
 */
public interface BatchParts<A> {

    /**
     * The same activations in memory that one of several threads should read: a cache line that several processors read
     * is slow to overwrite, and slow to read while another processor owns it.
     *
     * @param thread number of the calling thread in a range of {@link io.bitlab.core.parallel.Parallel}
     * @return activations of the same kernel with the same values
     */
    A forThread(int thread);

    /**
     * The number of output features below which a part of the output costs more than its share, because something is
     * made for each part.
     *
     * @return 1 if nothing is
     */
    default int leastPartRows() {
        return 1;
    }

    /**
     * The number of slices of rows that a batch is divided into. Threads that take slices prepare each slice once;
     * threads that take parts of the output all need the whole batch.
     *
     * @return 1 for a batch that is not divided
     */
    int slices();

    /**
     * One slice of the batch. A kernel that multiplies with it computes the results of its rows only, and writes them
     * to their place in the result of the batch.
     *
     * @param thread as in {@link #forThread}
     * @param slice from 0 to {@code slices() - 1}
     * @return activations with as many rows as the batch, valid until this thread asks for another slice
     */
    A slice(int thread, int slice);
}
