package io.bitlab.cli.serve;

import io.bitlab.core.parallel.Parallel;
import java.io.IOException;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Lets a few requests compute at a time; others wait in the order of arrival, a bounded number for a bounded time. Work
 * runs in a platform thread: virtual ones would not give way to each other, and a long answer would stop all of them.
 */
final class Admission {

    /** Work of a request. */
    @FunctionalInterface
    interface Work {
        void run() throws IOException;
    }

    private final ServerLimits limits;
    private final Semaphore turns;
    private final Parallel parallel = Parallel.current();
    private final AtomicInteger waiting = new AtomicInteger();
    private volatile boolean stopped;

    /** Work will use the threads of the {@link Parallel} that is current now. */
    Admission(ServerLimits limits) {
        this.limits = limits;
        this.turns = new Semaphore(limits.running(), true);
    }

    /**
     * Waits for a turn, works, and returns when that is done.
     *
     * @throws ApiError with status 429 or 503 if there is no turn for it
     */
    void run(Work work) throws IOException {
        takeTurn();
        try {
            if (stopped) {
                throw stopping();
            }
            runInThread(work);
        } finally {
            turns.release();
        }
    }

    private void takeTurn() {
        if (stopped) {
            throw stopping();
        }
        if (takesFreeTurn()) {
            return;
        }
        if (waiting.incrementAndGet() > limits.queued()) {
            waiting.decrementAndGet();
            throw ApiError.tooMany("the server computes " + limits.running() + " answers and " + limits.queued()
                    + " requests wait, as many as it allows; try again later");
        }
        try {
            if (!turns.tryAcquire(limits.queueTime().toNanos(), TimeUnit.NANOSECONDS)) {
                throw ApiError.unavailable("the request waited for " + limits.queueTime().toMillis() / 1000.0
                        + " s, as long as the server allows, without getting its turn; try again later");
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            throw stopping();
        } finally {
            waiting.decrementAndGet();
        }
    }

    /** Unless others wait for it, whom {@code tryAcquire()} would overtake. */
    private boolean takesFreeTurn() {
        try {
            return turns.tryAcquire(0, TimeUnit.NANOSECONDS);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            throw stopping();
        }
    }

    private void runInThread(Work work) throws IOException {
        FutureTask<Void> task = new FutureTask<>(() -> {
            parallel.call(() -> {
                work.run();
                return null;
            });
            return null;
        });
        Thread thread = Thread.ofPlatform().daemon().name("bitlab-serve-answer").start(task);
        await(thread);
        if (task.state() == Future.State.FAILED) {
            switch (task.exceptionNow()) {
                case IOException cause -> throw cause;
                case RuntimeException cause -> throw cause;
                case Error cause -> throw cause;
                case Throwable cause -> throw new IllegalStateException(cause);
            }
        }
    }

    private static void await(Thread thread) {
        boolean interrupted = false;
        while (true) {
            try {
                thread.join();
                break;
            } catch (InterruptedException _) {
                interrupted = true;
                thread.interrupt(); // ends the answer
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** Refuses all work from now on. */
    void stop() {
        stopped = true;
    }

    boolean isStopped() {
        return stopped;
    }

    static ApiError stopping() {
        return ApiError.unavailable("the server is stopping; try again later");
    }

    int running() {
        return limits.running() - turns.availablePermits();
    }

    int waiting() {
        return waiting.get();
    }
}
