package io.bitlab.models.train;

import java.util.concurrent.CountDownLatch;

/** Makes the shutdown of the JVM, after Ctrl-C for example, wait until training has ended and written a checkpoint. */
final class ShutdownHook {

    private final CountDownLatch ended = new CountDownLatch(1);
    private final Thread thread = new Thread(this::await, "bitlab-stop-training");
    private boolean added;
    private volatile boolean called;

    /** Registers the hook. */
    void add() {
        Runtime.getRuntime().addShutdownHook(thread);
        added = true;
    }

    /** Whether the JVM is shutting down. */
    boolean isCalled() {
        return called;
    }

    private void await() {
        called = true;
        try {
            ended.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // don't wait any longer: the previous checkpoint is still intact
        }
    }

    /** Lets a waiting shutdown continue, and removes the hook. If the JVM shuts down, this thread is interrupted. */
    void remove() {
        ended.countDown();
        if (!added) {
            return;
        }
        try {
            Runtime.getRuntime().removeShutdownHook(thread);
        } catch (IllegalStateException e) { // the shutdown has begun
            Thread.currentThread().interrupt();
        }
    }
}
