package io.bitlab.core.ops;

import io.bitlab.core.memory.Workspace;
import java.util.concurrent.atomic.AtomicInteger;

/** Scratch memory for the threads that share a range: an array for each, or for each item if there are fewer. */
final class ThreadScratch {

    private final float[][] arrays;
    private final float[][] ofThread;
    private final AtomicInteger taken = new AtomicInteger();

    /**
     * Takes the memory from the workspace of the calling thread.
     *
     * @param threads of the parallel loop
     * @param items of the range
     * @param length of each array
     */
    ThreadScratch(int threads, int items, int length) {
        ofThread = new float[threads][];
        arrays = new float[Math.min(threads, items)][];
        for (int i = 0; i < arrays.length; i++) {
            arrays[i] = Workspace.floats(length);
        }
    }

    /** The array of a thread, by its number in the loop: with undefined contents at first. */
    float[] of(int thread) {
        if (ofThread[thread] == null) {
            ofThread[thread] = arrays[taken.getAndIncrement()];
        }
        return ofThread[thread];
    }
}
