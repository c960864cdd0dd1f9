package io.bitlab.models.train;

import java.util.Arrays;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** An epoch's batches, each prepared by another thread while the one before it trains. */
final class Batches implements AutoCloseable {

    private final Task task;
    private final ExecutorService preparing =
            Executors.newSingleThreadExecutor(Thread.ofPlatform().daemon().name("bitlab-batches").factory());
    private Future<Task.Batch> next;
    private int nextFrom;

    Batches(Task task) {
        this.task = task;
    }

    /**
     * Some samples of an epoch; the ones behind them are prepared meanwhile.
     *
     * @param order all samples in the order of the epoch
     * @param from the first
     * @param size how many, fewer at the end
     */
    Task.Batch take(int epoch, int[] order, int from, int size) {
        Task.Batch batch = next != null && nextFrom == from ? finish(next) : prepare(epoch, order, from, size);
        nextFrom = from + size;
        next = nextFrom < order.length ? preparing.submit(() -> prepare(epoch, order, from + size, size)) : null;
        return batch;
    }

    private Task.Batch prepare(int epoch, int[] order, int from, int size) {
        return task.batch(epoch, Arrays.copyOfRange(order, from, Math.min(order.length, from + size)));
    }

    private static Task.Batch finish(Future<Task.Batch> prepared) {
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    return prepared.get();
                } catch (InterruptedException e) {
                    interrupted = true; // the step that runs is finished first; the loop looks at the status after it
                } catch (ExecutionException e) {
                    throw e.getCause() instanceof RuntimeException cause ? cause
                            : new IllegalStateException("preparing a batch failed", e.getCause());
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    @Override
    public void close() {
        preparing.shutdownNow();
    }
}
