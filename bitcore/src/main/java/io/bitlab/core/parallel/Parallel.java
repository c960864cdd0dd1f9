package io.bitlab.core.parallel;

import io.bitlab.core.internal.LastResortLogger;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;

/**
 * Splits a range of independent items among the calling thread and some helper threads.
 *
 * {@snippet class="io.bitlab.core.snippets.ParallelSnippets" region="range"}
 *
 * <p>An idle helper spins for a moment, since the next range usually follows at once, then parks, and ends after 10
 * seconds; it is started again when needed. Helpers are daemon threads. The caller alone computes work that is too
 * small to be worth waking helpers, and work that comes while the helpers are busy for another caller. Which thread
 * computes an item never changes its result.
 *
 * <p><b>Thread safety:</b> all methods may be called from any thread, also from the body of a range.
 */
public final class Parallel implements AutoCloseable {

    /** The system property that sets the number of threads of {@link #shared()}. */
    public static final String THREADS_PROPERTY = "bitlab.threads";

    /** Less work than this is finished before a parked helper wakes. */
    private static final long WORTH_SHARING_NANOS = 20_000;
    private static final long SPIN_NANOS = 100_000;
    private static final long IDLE_NANOS = 10_000_000_000L;
    private static final long RETRY_NANOS = 10_000_000_000L;

    private static final Logger LOG = LastResortLogger.of(Parallel.class);
    private static final ScopedValue<Parallel> BOUND = ScopedValue.newInstance();
    private static final Parallel SEQUENTIAL = new Parallel(1, "sequential", IDLE_NANOS, false, Parallel::newThread);

    private final Helper[] helpers;
    private final AtomicBoolean busy = new AtomicBoolean();
    private final SharedRange work;
    private final boolean closeable;
    private volatile boolean closed;

    Parallel(int threads, String name, long idleNanos) {
        this(threads, name, idleNanos, true, Parallel::newThread);
    }

    Parallel(int threads, String name, long idleNanos, boolean closeable, ThreadFactory factory) {
        this.closeable = closeable;
        work = new SharedRange(threads);
        helpers = new Helper[threads - 1];
        for (int i = 0; i < helpers.length; i++) {
            helpers[i] = new Helper("bitlab-" + name + "-" + (i + 1), work, i + 1, idleNanos, factory);
        }
    }

    private static Thread newThread(Runnable helper) {
        Thread thread = new Thread(null, helper, "bitlab", 0, false);
        thread.setDaemon(true);
        // the caller's would keep an undeployed application in memory
        thread.setContextClassLoader(Parallel.class.getClassLoader());
        return thread;
    }

    /** The body of a range: computes the items from one index (inclusive) to another (exclusive). */
    @FunctionalInterface
    public interface Range extends NumberedRange {

        /**
         * Computes some of the items, in the calling thread.
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

    /** A {@link Range} that also receives the number of its thread, to index memory that belongs to that thread. */
    @FunctionalInterface
    public interface NumberedRange {

        /**
         * Computes some of the items, in the calling thread.
         *
         * @param thread the thread's number, below {@link Parallel#threads()} and unique within the range; the caller
         *     of forRange has 0, and a helper has the same number in all ranges
         * @param from first item
         * @param to item after the last
         */
        void run(int thread, int from, int to);
    }

    /**
     * The process-wide instance, created at its first use with as many threads as the system property {@code
     * bitlab.threads} says, or as there are processors. It can't be closed.
     *
     * @return always the same instance
     * @throws IllegalStateException if the property is no number of threads
     */
    public static Parallel shared() {
        if (Shared.FAILURE != null) {
            throw new IllegalStateException(Shared.FAILURE.getMessage(), Shared.FAILURE);
        }
        return Shared.INSTANCE;
    }

    /** Keeps a failure, since an exception here would hide it from all calls but the first. */
    private static final class Shared {
        static final Parallel INSTANCE;
        static final IllegalStateException FAILURE;

        static {
            Parallel instance = null;
            IllegalStateException failure = null;
            try {
                instance = new Parallel(threadsOf(System.getProperty(THREADS_PROPERTY)), "shared", IDLE_NANOS, false,
                        Parallel::newThread);
            } catch (IllegalStateException e) {
                failure = e;
            }
            INSTANCE = instance;
            FAILURE = failure;
        }
    }

    /** The number of threads that the property gives; the number of processors if it is not set. */
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
     * Creates an instance with separate threads.
     *
     * @param threads the number of threads that compute, including the caller's; at least 1
     * @return a new instance, to be closed by the caller
     * @throws IllegalArgumentException if {@code threads} is less than 1
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
     * The instance that uses the calling thread only.
     *
     * @return always the same instance; closing it has no effect
     */
    public static Parallel sequential() {
        return SEQUENTIAL;
    }

    /**
     * The instance that the library's operations use in the calling code.
     *
     * @return the innermost instance that {@link #call} bound, or {@link #shared()}
     */
    public static Parallel current() {
        return BOUND.isBound() ? BOUND.get() : shared();
    }

    /**
     * Calls a computation with this instance bound, so that its operations use it.
     *
     * @param <T> type of the result
     * @param <X> type of exception that the computation may throw
     * @param computation the computation; runs in the calling thread
     * @return its result
     * @throws X what the computation throws
     */
    public <T, X extends Throwable> T call(ScopedValue.CallableOp<? extends T, X> computation) throws X {
        return ScopedValue.where(BOUND, this).<T, X>call(computation);
    }

    /**
     * The number of threads that may compute at once.
     *
     * @return the number of helpers plus one, the caller
     */
    public int threads() {
        return helpers.length + 1;
    }

    /**
     * Computes all items of a range; returns when they are done.
     *
     * @param items the number of items; the body receives parts that cover [0, items) once
     * @param alignment at least 1; every part but the last begins and ends at a multiple of this
     * @param nanos approximate time of all items on one thread; small work is not shared
     * @param body computes a part; several threads call it at once, and helpers have no workspace bound
     * @throws IllegalStateException if this instance was closed
     */
    public void forRange(int items, int alignment, long nanos, Range body) {
        forRange(items, alignment, nanos, (NumberedRange) body);
    }

    /**
     * Computes all items of a range; returns when they are done.
     *
     * @param items the number of items; the body receives parts that cover [0, items) once
     * @param alignment at least 1; every part but the last begins and ends at a multiple of this
     * @param nanos approximate time of all items on one thread; small work is not shared
     * @param body computes a part; several threads call it at once, and helpers have no workspace bound
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
        try {
            for (Helper helper : helpers) {
                helper.call();
            }
        } finally { // also if starting a helper fails: the running ones still use the caller's arrays
            work.takePart(0);
            work.await();
            work.end();
        }
    }

    /** Ends the helpers; later work throws. {@link #shared()} and {@link #sequential()} stay open. */
    @Override
    public void close() {
        if (!closeable) {
            return;
        }
        closed = true;
        for (Helper helper : helpers) {
            helper.end();
        }
    }

    /** A helper: a thread while there is work, and for a while after. */
    private static final class Helper implements Runnable {
        private final String name;
        private final SharedRange work;
        private final int part;
        private final long idleNanos;
        private final ThreadFactory factory;
        private volatile boolean parked;
        private volatile boolean ended;
        private volatile Thread thread; // changed by synchronized methods only
        private long failed; // when it could not start, or 0; by wake() only

        Helper(String name, SharedRange work, int part, long idleNanos, ThreadFactory factory) {
            this.name = name;
            this.work = work;
            this.part = part;
            this.idleNanos = idleNanos;
            this.factory = factory;
        }

        /** Makes this helper see the range that has begun. */
        void call() {
            if (parked || thread == null) {
                wake();
            }
        }

        private synchronized void wake() {
            if (thread != null) {
                LockSupport.unpark(thread);
            } else if (!ended && (failed == 0 || System.nanoTime() - failed > RETRY_NANOS)) {
                Thread started = factory.newThread(this);
                started.setName(name);
                try {
                    started.start();
                    thread = started;
                } catch (OutOfMemoryError e) { // a limit of threads: the others compute without this one
                    LOG.warn("The thread {} can't start: {}", name, e.getMessage());
                    failed = System.nanoTime() | 1; // not 0
                }
            }
        }

        synchronized void end() {
            ended = true;
            LockSupport.unpark(thread);
        }

        @Override
        public void run() {
            int seen = work.generation() - 1; // the thread that started this one has just begun a range
            while (awaitAfter(seen)) {
                seen = work.generation();
                work.takePart(part);
            }
        }

        /** Waits for the next range; false if this thread should end. */
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
                parked = true; // before the last check: call() checks in the opposite order
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

        /** Ends this thread unless a range has just begun: then {@link #call} may have seen the thread alive. */
        private synchronized boolean retire(int seen) {
            thread = null;
            boolean called = work.generation() != seen; // call() may have run before the line above
            if (called) {
                thread = Thread.currentThread();
            }
            return !called;
        }
    }
}
