package io.bitlab.models.internal;

import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;

/**
 * File operations that an interrupt doesn't stop. Java's channels close themselves in an interrupted thread, even if it
 * was interrupted long before; yet such a thread usually still has to save its work. The interrupt status is afterwards
 * as it would have been without the operation.
 */
public final class Uninterrupted {

    private Uninterrupted() {
    }

    /**
     * An operation on files.
     *
     * @param <T> its result
     */
    @FunctionalInterface
    public interface Operation<T> {

        /**
         * Runs it.
         *
         * @return its result
         * @throws IOException if it fails
         */
        T call() throws IOException;
    }

    /**
     * Calls an operation once, while the thread is not interrupted. An interrupt that comes meanwhile can still stop a
     * channel that the operation has open; streams of the default file system go on.
     *
     * @param <T> its result
     * @param operation what to do
     * @return its result
     * @throws IOException if it fails
     */
    public static <T> T call(Operation<T> operation) throws IOException {
        boolean interrupted = Thread.interrupted();
        try {
            return operation.call();
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /**
     * Calls an operation while the thread is not interrupted, and again if an interrupt comes in the middle.
     *
     * @param <T> its result
     * @param operation what to do; must be able to start over, so it opens its own channels
     * @return its result
     * @throws IOException if it fails
     */
    public static <T> T repeat(Operation<T> operation) throws IOException {
        boolean interrupted = false;
        try {
            while (true) {
                interrupted |= Thread.interrupted();
                try {
                    return operation.call();
                } catch (ClosedByInterruptException e) {
                    interrupted = true;
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
