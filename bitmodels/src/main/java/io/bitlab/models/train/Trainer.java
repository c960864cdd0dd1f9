package io.bitlab.models.train;

import io.bitlab.core.math.CounterRandom;
import io.bitlab.core.memory.Workspace;
import io.bitlab.core.tensor.Tensor;
import io.bitlab.layers.Layer;
import io.bitlab.layers.loss.CrossEntropy;
import io.bitlab.layers.optim.Optimizer;
import io.bitlab.layers.optim.Schedule;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Trains a classifier with cross-entropy, in shuffled mini-batches.
 *
 * <p>Each epoch's order follows from the seed and the epoch's number, so the same seed gives the same model to the bit.
 * The memory of a step is recycled for the next one. Interrupting the training thread ends {@link #fit} after the step
 * that runs.
 */
public final class Trainer {

    private final Layer model;
    private final Optimizer optimizer;
    private final int epochs;
    private final int batchSize;
    private final long seed;
    private final Schedule schedule;
    private final List<TrainingListener> listeners;
    private final float baseLearningRate;

    private Trainer(Builder builder) {
        this.model = builder.model;
        this.optimizer = builder.optimizer;
        this.epochs = builder.epochs;
        this.batchSize = builder.batchSize;
        this.seed = builder.seed;
        this.schedule = builder.schedule;
        this.listeners = List.copyOf(builder.listeners);
        this.baseLearningRate = builder.optimizer.learningRate();
    }

    /**
     * Starts building a trainer.
     *
     * @param model gives {@code [n, classes]} for {@code [n, features]}
     * @param optimizer changes the model's parameters
     * @return a builder: 10 epochs, batches of 32, seed 0, constant learning rate
     */
    public static Builder builder(Layer model, Optimizer optimizer) {
        return new Builder(model, optimizer);
    }

    /** Collects the settings of a {@link Trainer}. */
    public static final class Builder {
        private final Layer model;
        private final Optimizer optimizer;
        private final List<TrainingListener> listeners = new ArrayList<>();
        private int epochs = 10;
        private int batchSize = 32;
        private long seed;
        private Schedule schedule = Schedule.CONSTANT;

        private Builder(Layer model, Optimizer optimizer) {
            this.model = model;
            this.optimizer = optimizer;
        }

        /**
         * Sets how often all samples are used.
         *
         * @param value at least 1
         * @return this builder
         */
        public Builder epochs(int value) {
            epochs = requirePositive("epochs", value);
            return this;
        }

        /**
         * Sets how many samples make a step.
         *
         * @param value at least 1; an epoch's last batch may be smaller
         * @return this builder
         */
        public Builder batchSize(int value) {
            batchSize = requirePositive("batchSize", value);
            return this;
        }

        private static int requirePositive(String field, int value) {
            if (value < 1) {
                throw new IllegalArgumentException("Trainer: " + field + " is " + value + ", expected at least 1");
            }
            return value;
        }

        /**
         * Sets the seed of the order of samples.
         *
         * @param value any number
         * @return this builder
         */
        public Builder seed(long value) {
            seed = value;
            return this;
        }

        /**
         * Sets how the learning rate changes.
         *
         * @param value factor on the optimiser's learning rate at each step
         * @return this builder
         */
        public Builder schedule(Schedule value) {
            schedule = value;
            return this;
        }

        /**
         * Adds somebody who is told how training goes.
         *
         * @param value the listener
         * @return this builder
         */
        public Builder listener(TrainingListener value) {
            listeners.add(value);
            return this;
        }

        /**
         * Makes the trainer.
         *
         * @return the trainer
         */
        public Trainer build() {
            return new Trainer(this);
        }
    }

    /**
     * Trains. The model is in training mode afterwards.
     *
     * @param train the samples to learn from
     * @param validation samples to measure the accuracy on after each epoch; null for none
     * @return one result an epoch; fewer than planned if the thread was interrupted (its interrupt status stays set)
     * @throws ArithmeticException if a loss is NaN or infinite; the message names the step. The model is left as it was
     *     before that step
     */
    public List<EpochResult> fit(Dataset train, Dataset validation) {
        int steps = Math.ceilDiv(train.size(), batchSize);
        List<EpochResult> results = new ArrayList<>();
        Workspace workspace = new Workspace();
        model.train();
        listeners.forEach(listener -> listener.onStart(epochs, steps));
        try {
            for (int epoch = 1; epoch <= epochs && !Thread.currentThread().isInterrupted(); epoch++) {
                EpochResult result = epoch(epoch, steps, train, validation, workspace);
                results.add(result);
                listeners.forEach(listener -> listener.onEpoch(result));
            }
        } finally {
            optimizer.learningRate(baseLearningRate);
            listeners.forEach(TrainingListener::onEnd);
        }
        return results;
    }

    private EpochResult epoch(int epoch, int steps, Dataset train, Dataset validation, Workspace workspace) {
        long start = System.nanoTime();
        int[] order = IntStream.range(0, train.size()).toArray();
        new CounterRandom(seed, epoch).shuffle(order);
        double lossSum = 0;
        int correct = 0;
        int seen = 0;
        int step = 0;
        do { // at least one, so that there is a loss to report
            int[] indices = Arrays.copyOfRange(order, step * batchSize, Math.min(order.length, (step + 1) * batchSize));
            optimizer.learningRate(
                    baseLearningRate * schedule.factor((epoch - 1L) * steps + step, (long) epochs * steps));
            step++;
            StepResult result = step(epoch, step, train.batch(indices), train.labels(indices), workspace);
            lossSum += result.loss;
            correct += result.correct;
            seen += indices.length;
            for (TrainingListener listener : listeners) {
                listener.onStep(epoch, step, result.loss, correct / (double) seen);
            }
        } while (step < steps && !Thread.currentThread().isInterrupted());
        double validated = validation == null ? Double.NaN : validationAccuracy(validation);
        return new EpochResult(epoch, lossSum / step, correct / (double) seen, validated,
                (System.nanoTime() - start) * 1e-9);
    }

    private record StepResult(double loss, int correct) {
    }

    private StepResult step(int epoch, int step, Tensor batch, int[] labels, Workspace workspace) {
        StepResult result = workspace.call(() -> {
            Tensor logits = model.forward(batch);
            Tensor loss = new CrossEntropy().forward(logits, labels);
            if (!Float.isFinite(loss.item())) {
                throw new ArithmeticException(
                        "Trainer: the loss is " + loss.item() + " in epoch " + epoch + ", step " + step
                                + "; try a smaller learning rate, and look for NaN in the data");
            }
            loss.backward();
            return new StepResult(loss.item(), Evaluation.correct(logits.argmax(), labels));
        });
        optimizer.step();
        optimizer.zeroGrad();
        workspace.reset();
        return result;
    }

    private double validationAccuracy(Dataset validation) {
        model.eval();
        double accuracy = Evaluation.accuracy(model, validation);
        model.train();
        return accuracy;
    }
}
