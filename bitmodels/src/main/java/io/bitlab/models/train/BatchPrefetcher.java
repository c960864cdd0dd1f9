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

    private final TrainingTask task;
    private final ExecutorService preparing =
            Executors.newSingleThreadExecutor(Thread.ofPlatform().daemon().name("bitlab-batches").factory());
    private Future<TrainingTask.Batch> next;
    private int nextFrom;

    BatchPrefetcher(TrainingTask task) {
        this.task = task;
    }

    /**
     * Returns a batch, and starts preparing the one after it.
     *
     * @param order all samples in the order of the epoch
     * @param from index in {@code order} of the first sample
     * @param size number of samples; the last batch may have fewer
     */
    TrainingTask.Batch take(int epoch, int[] order, int from, int size) {
        TrainingTask.Batch batch = next != null && nextFrom == from ? finish(next) : prepare(epoch, order, from, size);
        nextFrom = from + size;
        next = nextFrom < order.length ? preparing.submit(() -> prepare(epoch, order, from + size, size)) : null;
        return batch;
    }

    private TrainingTask.Batch prepare(int epoch, int[] order, int from, int size) {
        return task.batch(epoch, Arrays.copyOfRange(order, from, Math.min(order.length, from + size)));
    }

    private static TrainingTask.Batch finish(Future<TrainingTask.Batch> prepared) {
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

    @Override
    public void close() {
        preparing.shutdownNow();
    }
}
