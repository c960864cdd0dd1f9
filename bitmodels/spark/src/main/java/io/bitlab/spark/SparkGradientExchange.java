package io.bitlab.spark;

import io.bitlab.models.train.GradientExchange;
import io.bitlab.models.train.GradientPrecision;
import io.bitlab.models.train.ShardGradient;
import io.bitlab.models.train.ShardStep;
import io.bitlab.models.train.ShardWorker;
import java.io.IOException;
import java.io.Serializable;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.stream.IntStream;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.util.LongAccumulator;

/**
 * Computes the gradients of a {@link io.bitlab.models.train.Trainer} on executors.
 *
 * {@snippet class="io.bitlab.spark.snippets.SparkSnippets" region="train"}
 *
 * <p>The training runs in the driver, with its checkpoints, listeners and validation. Each step is a job of Spark: the
 * weights travel to the executors, each task computes some shards, and their sums come back. A task that is lost with
 * its executor is computed again by another. The number of tasks and executors changes no bit of the result, and
 * neither does a lost executor; the number of shards does.
 *
 * <p>Spark's page of stages shows the {@code bitlab samples} that were computed, those of repeated tasks included.
 *
 * <p><b>Thread safety:</b> for one training at a time.
 */
public final class SparkGradientExchange implements GradientExchange, AutoCloseable {

    private final JavaSparkContext context;
    private final int shards;
    private final int tasks;
    private final GradientPrecision precision;
    private final Broadcast<SharedWorkers> workers;
    private final LongAccumulator samples;

    private SparkGradientExchange(JavaSparkContext context, int shards, int tasks, GradientPrecision precision,
            WorkerFactory factory) {
        this.context = context;
        this.shards = shards;
        this.tasks = tasks;
        this.precision = precision;
        this.workers = context.broadcast(new SharedWorkers(factory));
        this.samples = context.sc().longAccumulator("bitlab samples");
    }

    /**
     * Makes a worker in an executor; it is kept for all steps. Called once for each task that runs at the same time.
     * Travels to the executors: what it captures must be serialisable.
     */
    @FunctionalInterface
    public interface WorkerFactory extends Serializable {

        /**
         * Makes a worker.
         *
         * @return a new one, with the model, settings and data of the trainer in the driver
         * @throws IOException if the data can't be read
         */
        ShardWorker create() throws IOException;
    }

    /**
     * Creates an exchange; close it after the training.
     *
     * @param session in the driver
     * @param shards the number of shards of each step: part of what is computed. A power of two; several times the
     *     number of executors leaves room to grow
     * @param tasks the number of tasks of each step: a power of two, at most the number of shards. As many as run at
     *     the same time are best; they change the speed and no result
     * @param factory makes the workers
     * @return a new exchange
     * @throws IllegalArgumentException if a number is no power of two, there are more tasks than shards, or the factory
     *     can't be serialised
     */
    public static SparkGradientExchange of(SparkSession session, int shards, int tasks, WorkerFactory factory) {
        return of(session, shards, tasks, GradientPrecision.FLOAT32, factory);
    }

    /**
     * Creates an exchange that may send rounded gradients; close it after the training.
     *
     * @param session in the driver
     * @param shards the number of shards of each step, a power of two
     * @param tasks the number of tasks of each step: a power of two, at most the number of shards
     * @param precision of the gradients; part of what is computed
     * @param factory makes the workers
     * @return a new exchange
     * @throws IllegalArgumentException if a number is no power of two, there are more tasks than shards, or the factory
     *     can't be serialised
     */
    public static SparkGradientExchange of(SparkSession session, int shards, int tasks, GradientPrecision precision,
            WorkerFactory factory) {
        Objects.requireNonNull(precision, "SparkGradientExchange.of: the precision is null");
        Objects.requireNonNull(factory, "SparkGradientExchange.of: the factory is null");
        if (Integer.bitCount(shards) != 1 || shards < 1 || shards > ShardStep.MOST_SHARDS
                || Integer.bitCount(tasks) != 1 || tasks < 1 || tasks > shards) {
            throw new IllegalArgumentException("SparkGradientExchange.of: " + shards + " shards in " + tasks
                    + " tasks, expected powers of two, at most " + ShardStep.MOST_SHARDS
                    + " shards, and no more tasks than shards");
        }
        return new SparkGradientExchange(JavaSparkContext.fromSparkContext(session.sparkContext()), shards, tasks,
                precision, factory);
    }

    @Override
    public int shards() {
        return shards;
    }

    @Override
    public GradientPrecision precision() {
        return precision;
    }

    /** In a thread of its own: an interrupted training finishes its step, and Spark would not. */
    @Override
    public ShardGradient sum(ShardStep step, ShardWorker trainer) {
        float[] weights = trainer.state();
        FutureTask<ShardGradient> job = new FutureTask<>(() -> run(step, weights));
        Thread.ofPlatform().daemon().name("bitlab-exchange").start(job);
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    return job.get();
                } catch (InterruptedException e) {
                    interrupted = true;
                } catch (ExecutionException e) {
                    throw new IllegalStateException("SparkGradientExchange: step " + (step.number() + 1) + " of epoch "
                            + step.epoch() + " failed: " + e.getCause().getMessage(), e.getCause());
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private ShardGradient run(ShardStep step, float... weights) {
        Broadcast<float[]> state = context.broadcast(weights);
        context.setJobDescription("BitLab: epoch " + step.epoch() + ", step " + (step.number() + 1));
        try {
            ShardTask task = new ShardTask(workers, state, step, shards / tasks, samples);
            return ShardGradient.sum(context.parallelize(IntStream.range(0, tasks).boxed().toList(), tasks).map(task)
                    .collect());
        } finally {
            state.destroy();
        }
    }

    /** Drops the workers of all executors. */
    @Override
    public void close() {
        workers.destroy();
    }
}
