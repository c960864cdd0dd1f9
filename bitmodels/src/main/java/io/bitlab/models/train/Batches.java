package io.bitlab.models.train;

import io.bitlab.core.math.CounterRandom;
import io.bitlab.core.tensor.Tensor;
import java.util.Arrays;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** An epoch's batches, each prepared by another thread while the one before it trains. */
final class Batches implements AutoCloseable {

    private final Dataset data;
    private final Augmentation augmentation; // or null
    private final long seed;
    private final ExecutorService preparing =
            Executors.newSingleThreadExecutor(Thread.ofPlatform().daemon().name("bitlab-batches").factory());
    private Future<Batch> next;
    private int nextFrom;

    /** Samples with their labels. */
    record Batch(Tensor samples, int[] labels) {
    }

    Batches(Dataset data, Augmentation augmentation, long seed) {
        this.data = data;
        this.augmentation = augmentation;
        this.seed = seed;
    }

    /**
     * Some samples of an epoch; the ones behind them are prepared meanwhile.
     *
     * @param order all samples in the order of the epoch
     * @param from the first
     * @param size how many, fewer at the end
     */
    Batch take(int epoch, int[] order, int from, int size) {
        Batch batch = next != null && nextFrom == from ? finish(next) : prepare(epoch, order, from, size);
        nextFrom = from + size;
        next = nextFrom < order.length ? preparing.submit(() -> prepare(epoch, order, from + size, size)) : null;
        return batch;
    }

    private Batch prepare(int epoch, int[] order, int from, int size) {
        int[] indices = Arrays.copyOfRange(order, from, Math.min(order.length, from + size));
        Tensor samples = data.batch(indices);
        if (augmentation != null) {
            CounterRandom random = new CounterRandom(seed, CounterRandom.stream("augmentation " + epoch));
            int features = data.featureCount();
            for (int i = 0; i < indices.length; i++) {
                random.seek((long) indices[i] << 32);
                augmentation.apply(samples.data(), i * features, features, random);
            }
        }
        return new Batch(samples, data.labels(indices));
    }

    private static Batch finish(Future<Batch> prepared) {
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
