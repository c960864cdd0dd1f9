package io.bitlab.cli.serve;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Interrupts threads that wait too long for a client. The channels of {@code jdk.httpserver} close when a thread that
 * reads or writes is interrupted, so a deadline bounds what the server itself has no limit for. A thread has at most
 * one deadline at a time. One virtual thread watches all of them, a few times a second.
 */
final class Deadlines implements AutoCloseable {

    private static final Duration TICK = Duration.ofMillis(100);

    private static final class Deadline {
        private final long nanos;
        private boolean expired;

        private Deadline(long nanos) {
            this.nanos = nanos;
        }
    }

    private final Map<Thread, Deadline> pending = new ConcurrentHashMap<>();
    private final Thread watch = Thread.ofVirtual().name("bitlab-serve-deadlines").start(this::watch);

    /** Gives the current thread until then; replaces its deadline. */
    void set(Duration limit) {
        clear();
        pending.put(Thread.currentThread(), new Deadline(System.nanoTime() + limit.toNanos()));
    }

    /** Ends the deadline of the current thread, if it has one, and its interrupt, if it was late. */
    void clear() {
        Deadline deadline = pending.remove(Thread.currentThread());
        if (deadline != null) {
            synchronized (deadline) { // the watch is not in the middle of interrupting
                if (deadline.expired) {
                    Thread.interrupted();
                }
                deadline.expired = true;
            }
        }
    }

    int size() {
        return pending.size();
    }

    private void watch() {
        try {
            while (true) {
                Thread.sleep(TICK);
                long now = System.nanoTime();
                pending.forEach((thread, deadline) -> {
                    if (now - deadline.nanos > 0) {
                        expire(thread, deadline);
                    }
                });
            }
        } catch (InterruptedException _) {
            // closed
        }
    }

    private static void expire(Thread thread, Deadline deadline) {
        synchronized (deadline) {
            if (!deadline.expired) {
                deadline.expired = true;
                thread.interrupt();
            }
        }
    }

    /** Ends the watch. */
    @Override
    public void close() {
        watch.interrupt();
    }
}
