package io.bitlab.models.train;

import java.util.concurrent.CountDownLatch;

/** Makes the JVM's shutdown, after Ctrl-C for instance, wait until a training has ended properly. */
final class ShutdownHook {

    private final CountDownLatch ended = new CountDownLatch(1);
    private final Thread thread = new Thread(this::await, "bitlab-stop-training");
    private boolean added;
    private volatile boolean called;

    /** Makes shutdowns wait from now on. */
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
            Thread.currentThread().interrupt(); // somebody is in a hurry: the older checkpoint is still there
        }
    }

    /** The training has ended: a waiting shutdown goes on, and later ones don't wait. */
    void remove() {
        ended.countDown();
        if (added && !called) {
            Runtime.getRuntime().removeShutdownHook(thread);
        }
    }
}
