package io.bitlab.models.train;

import java.util.Arrays;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Provides the batches of an epoch. Another thread prepares the next batch while the model trains on the current one.
 */
final class BatchPrefetcher implements AutoCloseable {

    private final Task task;
    private final ExecutorService preparing =
            Executors.newSingleThreadExecutor(Thread.ofPlatform().daemon().name("bitlab-batches").factory());
    private Future<Task.Batch> next;
    private int nextFrom;

    BatchPrefetcher(Task task) {
        this.task = task;
    }

    /**
     * Returns a batch, and starts preparing the one after it.
     *
     * @param order all samples in the order of the epoch
     * @param from index in {@code order} of the first sample
     * @param size number of samples; the last batch may have fewer
     */
    Task.Batch take(int epoch, int[] order, int from, int size) {
        Task.Batch batch = next != null && nextFrom == from ? finish(next) : prepare(epoch, order, from, size);
        nextFrom = from + size;
        next = nextFrom < order.length ? preparing.submit(() -> prepare(epoch, order, from + size, size)) : null;
        return batch;
    }

    private Task.Batch prepare(int epoch, int[] order, int from, int size) {
        int[] indices = Arrays.copyOfRange(order, from, Math.min(order.length, from + size));
        Task.Batch batch = task.batch(epoch, indices);
        if (batch == null) {
            throw new IllegalStateException("Trainer: the task has no batch for " + indices.length
                    + " samples of epoch " + epoch + ": Task.batch returned null");
        }
        return batch;
    }

    private static Task.Batch finish(Future<Task.Batch> prepared) {
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    return prepared.get();
                } catch (InterruptedException e) {
                    interrupted = true; // the loop finishes the step, then checks the interrupt status
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

    /** Waits for the batch that is being prepared: the task may close its data afterwards. */
    @Override
    public void close() {
        preparing.close();
    }
}
