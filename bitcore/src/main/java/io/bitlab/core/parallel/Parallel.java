package io.bitlab.core.parallel;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
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
    private static final long SPIN_NANOS = 50_000;
    private static final long IDLE_NANOS = 10_000_000_000L;
    private static final int PIECES_PER_THREAD = 4; // uneven threads, such as on a busy machine, share better in pieces

    private static final ScopedValue<Parallel> BOUND = ScopedValue.newInstance();
    private static final Parallel SEQUENTIAL = new Parallel(1, "sequential", IDLE_NANOS);

    private final Helper[] helpers;
    private final AtomicBoolean busy = new AtomicBoolean();
    private volatile boolean closed;

    Parallel(int threads, String name, long idleNanos) {
        helpers = new Helper[threads - 1];
        for (int i = 0; i < helpers.length; i++) {
            helpers[i] = new Helper("bitlab-" + name + "-" + (i + 1), idleNanos);
        }
    }

    /** Computes the items from one index (inclusive) to another (exclusive). */
    @FunctionalInterface
    public interface Range {

        /**
         * Computes some of the items, in the thread that calls.
         *
         * @param from first item
         * @param to item after the last
         */
        void run(int from, int to);
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
        if (closed) {
            throw new IllegalStateException("Parallel: this instance was closed");
        }
        int blocks = Math.ceilDiv(items, alignment);
        if (helpers.length == 0 || blocks < 2 || nanos < WORTH_SHARING_NANOS || !busy.compareAndSet(false, true)) {
            body.run(0, items);
            return;
        }
        try {
            share(items, alignment, blocks, body);
        } finally {
            busy.set(false);
        }
    }

    private void share(int items, int alignment, int blocks, Range body) {
        int pieces = Math.min(blocks, threads() * PIECES_PER_THREAD);
        Job job = new Job(body, items, alignment, blocks, pieces);
        int wanted = Math.min(helpers.length, pieces - 1);
        for (int i = 0; i < wanted; i++) {
            helpers[i].offer(job);
        }
        job.work();
        job.await();
        for (int i = 0; i < wanted; i++) {
            helpers[i].withdraw(job);
        }
        job.rethrow();
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

    /** A range in pieces, which threads take one after the other. */
    private static final class Job {
        private final Range body;
        private final int items;
        private final int alignment;
        private final int blocks;
        private final int pieces;
        private final AtomicInteger next = new AtomicInteger();
        private final AtomicInteger done = new AtomicInteger();
        private volatile Throwable failure;

        Job(Range body, int items, int alignment, int blocks, int pieces) {
            this.body = body;
            this.items = items;
            this.alignment = alignment;
            this.blocks = blocks;
            this.pieces = pieces;
        }

        /** Takes pieces until none are left. After a failure the rest is only counted. */
        void work() {
            for (int piece = next.getAndIncrement(); piece < pieces; piece = next.getAndIncrement()) {
                try {
                    if (failure == null) {
                        body.run(start(piece), start(piece + 1));
                    }
                } catch (Throwable e) { // an Error too must reach the caller, who waits
                    failure = e;
                } finally {
                    done.incrementAndGet();
                }
            }
        }

        private int start(int piece) {
            return (int) Math.min(items, (long) blocks * piece / pieces * alignment);
        }

        /** Waits for the pieces that helpers took; each is nearly done, so spinning is the shortest wait. */
        void await() {
            for (int spins = 0; done.get() < pieces; spins++) {
                if (spins < 10_000) {
                    Thread.onSpinWait();
                } else {
                    Thread.yield(); // more threads than processors: let the helper run
                }
            }
        }

        void rethrow() {
            switch (failure) {
                case null -> {
                }
                case RuntimeException e -> throw e;
                case Error e -> throw e;
                default -> throw new IllegalStateException(failure); // a body declares no others
            }
        }
    }

    /** One helper: a thread as long as there is work, and for a while after. */
    private static final class Helper implements Runnable {
        private final String name;
        private final long idleNanos;
        private final AtomicReference<Job> offered = new AtomicReference<>();
        private volatile boolean parked;
        private volatile boolean ended;
        private Thread thread; // guarded by this

        Helper(String name, long idleNanos) {
            this.name = name;
            this.idleNanos = idleNanos;
        }

        void offer(Job job) {
            offered.set(job);
            if (parked) {
                synchronized (this) {
                    LockSupport.unpark(thread);
                }
            } else {
                startIfNeeded();
            }
        }

        /** Takes back what nobody began, so that a finished job is not kept in memory. */
        void withdraw(Job job) {
            offered.compareAndSet(job, null);
        }

        private synchronized void startIfNeeded() {
            if (thread == null && !ended) {
                thread = new Thread(this, name);
                thread.setDaemon(true);
                thread.start();
            }
        }

        synchronized void end() {
            ended = true;
            LockSupport.unpark(thread);
        }

        @Override
        public void run() {
            while (!ended) {
                Job job = await();
                if (job == null) {
                    return;
                }
                job.work();
                withdraw(job);
            }
        }

        /** The next job, or null when this thread is to end. */
        private Job await() {
            long start = System.nanoTime();
            while (System.nanoTime() - start < SPIN_NANOS) {
                Job job = offered.get();
                if (job != null || ended) {
                    return job;
                }
                Thread.onSpinWait();
            }
            long deadline = start + idleNanos;
            while (true) {
                parked = true;
                if (offered.get() == null && !ended) {
                    LockSupport.parkNanos(this, deadline - System.nanoTime());
                }
                parked = false;
                Job job = offered.get();
                if (job != null || ended) {
                    return job;
                }
                if (System.nanoTime() - deadline >= 0 && retire()) {
                    return null;
                }
            }
        }

        /** Ends this thread unless work came in the last moment: then {@link #offer} saw the thread still there. */
        private synchronized boolean retire() {
            if (offered.get() != null) {
                return false;
            }
            thread = null;
            return true;
        }
    }
}
