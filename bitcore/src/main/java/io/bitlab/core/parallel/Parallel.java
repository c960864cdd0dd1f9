package io.bitlab.core.parallel;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;

/**
 * Splits a range of independent items over the calling thread and a few helpers.
 *
 * <p>A helper that has nothing to do spins for a moment, since the next piece of work usually follows at once, then
 * parks, and ends after 10 seconds; it is started again when needed. Helpers are daemon threads. Work that is too
 * small to be worth waking anybody runs on the caller, and so does work that finds the helpers busy with another
 * caller's. Which thread computes an item never changes its result.
 *
 * <p><b>Thread safety:</b> all methods may be called from any thread, also from inside a range's body.
 */
public final class Parallel implements AutoCloseable {

    /** The system property that sets the number of threads of {@link #shared()}. */
    public static final String THREADS_PROPERTY = "bitlab.threads";

    /** Work below this many nanoseconds is over before a parked helper is awake. */
    private static final long WORTH_SHARING_NANOS = 20_000;
    private static final long SPIN_NANOS = 100_000;
    private static final long IDLE_NANOS = 10_000_000_000L;

    private static final ScopedValue<Parallel> BOUND = ScopedValue.newInstance();
    private static final Parallel SEQUENTIAL = new Parallel(1, "sequential", IDLE_NANOS);

    private final Helper[] helpers;
    private final AtomicBoolean busy = new AtomicBoolean();
    private final SharedRange work;
    private volatile boolean closed;

    Parallel(int threads, String name, long idleNanos) {
        work = new SharedRange(threads);
        helpers = new Helper[threads - 1];
        for (int i = 0; i < helpers.length; i++) {
            helpers[i] = new Helper("bitlab-" + name + "-" + (i + 1), work, i + 1, idleNanos);
        }
    }

    /** Computes the items from one index (inclusive) to another (exclusive). */
    @FunctionalInterface
    public interface Range extends NumberedRange {

        /**
         * Computes some of the items, in the thread that calls.
         *
         * @param from first item
         * @param to item after the last
         */
        void run(int from, int to);

        @Override
        default void run(int thread, int from, int to) {
            run(from, to);
        }
    }

    /** Computes items as a {@link Range} does, and is told who computes: for memory that each thread has of its own. */
    @FunctionalInterface
    public interface NumberedRange {

        /**
         * Computes some of the items, in the thread that calls.
         *
         * @param thread a number below {@link Parallel#threads()}, which no other thread of this range has; the caller
         *     of forRange is 0, and a helper has the same number in all ranges
         * @param from first item
         * @param to item after the last
         */
        void run(int thread, int from, int to);
    }

    /**
     * The process-wide instance: made at the first use, with as many threads as {@code bitlab.threads} says, or as
     * there are processors. It can't be closed.
     *
     * @return the same instance at each call
     */
    public static Parallel shared() {
        return Shared.INSTANCE;
    }

    private static final class Shared {
        static final Parallel INSTANCE = new Parallel(threadsOf(System.getProperty(THREADS_PROPERTY)), "shared",
                IDLE_NANOS);
    }

    /** As many threads as the property says; as many as there are processors if it says nothing. */
    static int threadsOf(String property) {
        if (property == null || property.isBlank()) {
            return Runtime.getRuntime().availableProcessors();
        }
        try {
            return requirePositive(Integer.parseInt(property.strip()));
        } catch (IllegalArgumentException e) {
            throw new IllegalStateException("Parallel: " + THREADS_PROPERTY + "=" + property
                    + ", expected a number of threads of at least 1", e);
        }
    }

    /**
     * An instance with threads of its own.
     *
     * @param threads how many threads compute, the caller's among them; at least 1
     * @return a new instance, to be closed by the caller
     */
    public static Parallel of(int threads) {
        return new Parallel(requirePositive(threads), "pool", IDLE_NANOS);
    }

    private static int requirePositive(int threads) {
        if (threads < 1) {
            throw new IllegalArgumentException("Parallel: " + threads + " threads, expected at least 1");
        }
        return threads;
    }

    /**
     * The instance that uses the calling thread alone.
     *
     * @return the same instance at each call; closing it has no effect
     */
    public static Parallel sequential() {
        return SEQUENTIAL;
    }

    /**
     * The instance that the library's operations use here.
     *
     * @return the innermost one that {@link #call} bound, or {@link #shared()}
     */
    public static Parallel current() {
        return BOUND.isBound() ? BOUND.get() : shared();
    }

    /**
     * Calls a computation, whose operations use this instance.
     *
     * @param <T> type of the result
     * @param <X> type of exception that the computation may throw
     * @param computation what to call, in this thread
     * @return its result
     * @throws X what the computation throws
     */
    public <T, X extends Throwable> T call(ScopedValue.CallableOp<? extends T, X> computation) throws X {
        return ScopedValue.where(BOUND, this).<T, X>call(computation);
    }

    /**
     * How many threads may compute at once.
     *
     * @return the helpers and the caller
     */
    public int threads() {
        return helpers.length + 1;
    }

    /**
     * Computes all items of a range, and returns when they are done.
     *
     * @param items how many; the body sees parts of [0, items) that cover it once
     * @param alignment every part but the last begins and ends at a multiple of this
     * @param nanos what all items together would take one thread, roughly; small work is not shared
     * @param body computes a part; called by several threads at once, in which no workspace is bound
     * @throws IllegalStateException if this instance was closed
     */
    public void forRange(int items, int alignment, long nanos, Range body) {
        forRange(items, alignment, nanos, (NumberedRange) body);
    }

    /**
     * Computes all items of a range, and returns when they are done.
     *
     * @param items how many; the body sees parts of [0, items) that cover it once
     * @param alignment every part but the last begins and ends at a multiple of this
     * @param nanos what all items together would take one thread, roughly; small work is not shared
     * @param body computes a part; called by several threads at once, in which no workspace is bound
     * @throws IllegalStateException if this instance was closed
     */
    public void forRange(int items, int alignment, long nanos, NumberedRange body) {
        if (closed) {
            throw new IllegalStateException("Parallel: this instance was closed");
        }
        int blocks = Math.ceilDiv(items, alignment);
        if (helpers.length == 0 || blocks < 2 || nanos < WORTH_SHARING_NANOS || !busy.compareAndSet(false, true)) {
            body.run(0, 0, items);
            return;
        }
        try {
            share(items, alignment, blocks, body);
        } finally {
            busy.set(false);
        }
    }

    private void share(int items, int alignment, int blocks, NumberedRange body) {
        work.begin(items, alignment, blocks, Math.min(threads(), blocks), body);
        for (Helper helper : helpers) {
            helper.call();
        }
        work.takePart(0);
        work.await();
        work.end();
    }

    /** Ends the helpers; later work throws. {@link #shared()} and {@link #sequential()} stay open. */
    @Override
    public void close() {
        if (this == SEQUENTIAL || this == Shared.INSTANCE) {
            return;
        }
        closed = true;
        for (Helper helper : helpers) {
            helper.end();
        }
    }

    /** One helper: a thread as long as there is work, and for a while after. */
    private static final class Helper implements Runnable {
        private final String name;
        private final SharedRange work;
        private final int part;
        private final long idleNanos;
        private volatile boolean parked;
        private volatile boolean ended;
        private volatile Thread thread; // changed by synchronized methods only

        Helper(String name, SharedRange work, int part, long idleNanos) {
            this.name = name;
            this.work = work;
            this.part = part;
            this.idleNanos = idleNanos;
        }

        /** Makes sure that this helper sees the range that has begun. */
        void call() {
            if (parked || thread == null) {
                wake();
            }
        }

        private synchronized void wake() {
            if (thread != null) {
                LockSupport.unpark(thread);
            } else if (!ended) {
                thread = new Thread(null, this, name, 0, false);
                thread.setDaemon(true);
                // not the caller's: that would keep an application in memory after its server has stopped it
                thread.setContextClassLoader(Parallel.class.getClassLoader());
                thread.start();
            }
        }

        synchronized void end() {
            ended = true;
            LockSupport.unpark(thread);
        }

        @Override
        public void run() {
            int seen = work.generation() - 1; // whoever started this thread has just begun a range
            while (awaitAfter(seen)) {
                seen = work.generation();
                work.takePart(part);
            }
        }

        /** Waits for a range after this one; false when this thread is to end. */
        private boolean awaitAfter(int seen) {
            long start = System.nanoTime();
            while (System.nanoTime() - start < SPIN_NANOS) {
                if (work.generation() != seen || ended) {
                    return !ended;
                }
                Thread.onSpinWait();
            }
            long deadline = start + idleNanos;
            while (true) {
                parked = true; // before the last look: call() looks in the other order
                if (work.generation() == seen && !ended) {
                    LockSupport.parkNanos(this, deadline - System.nanoTime());
                }
                parked = false;
                if (work.generation() != seen || ended) {
                    return !ended;
                }
                if (System.nanoTime() - deadline >= 0 && retire(seen)) {
                    return false;
                }
            }
        }

        /** Ends this thread unless work came in the last moment: then {@link #call} saw the thread still there. */
        private synchronized boolean retire(int seen) {
            thread = null;
            boolean called = work.generation() != seen; // then call() may have come before the line above
            if (called) {
                thread = Thread.currentThread();
            }
            return !called;
        }
    }
}
