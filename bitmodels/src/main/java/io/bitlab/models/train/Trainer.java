package io.bitlab.models.train;

import io.bitlab.layers.Layer;
import io.bitlab.layers.optim.Optimizer;
import io.bitlab.layers.optim.Schedule;
import io.bitlab.models.transformer.BitTransformer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * Trains a classifier, a language model, or a model with a {@link Task} of its own, in shuffled mini-batches.
 *
 * {@snippet class="io.bitlab.models.snippets.TrainSnippets" region="trainer"}
 *
 * <p>The order of the samples depends only on the seed and the number of the epoch, so the same seed gives the same
 * model to the bit, even if training was interrupted and resumed from a checkpoint. Another thread prepares the next
 * batch during a step. To stop {@link #fit} after the current step, interrupt the training thread.
 *
 * <p><b>Thread safety:</b> a trainer changes its model and optimiser; train a model in one thread at a time.
 */
public final class Trainer {

    final TrainingSettings settings; // for workers

    private Trainer(TrainingSettings settings) {
        this.settings = settings;
    }

    /**
     * Starts building a trainer.
     *
     * @param model a classifier that maps {@code [n, ...]} to {@code [n, classes]}, a {@link BitTransformer}, or the
     *     model of a {@link Task}
     * @param optimizer the optimiser of the model's parameters
     * @return a builder with the defaults: 10 epochs, batches of 32, seed 0, constant learning rate, cross-entropy
     */
    public static Builder builder(Layer model, Optimizer optimizer) {
        return new Builder(model, optimizer);
    }

    /**
     * Trains a classifier. The model is in training mode afterwards, even if training fails; arguments that are refused
     * leave it unchanged.
     *
     * @param train the training samples: a {@link Dataset}, or a source of samples of any shape
     * @param validation the samples on which accuracy is measured after each epoch; null for none
     * @return one result per epoch, including epochs before a resumed checkpoint; fewer than planned if the thread was
     *     interrupted (its interrupt status stays set) or training stopped early
     * @throws IllegalArgumentException if the model doesn't accept the samples, or has no output for one of their
     *     classes; if {@link Builder#keepBest} or {@link Builder#earlyStopping} is set without validation data; or if
     *     all parameters are frozen
     * @throws IllegalStateException if the model is deployed, or the checkpoint belongs to another training
     * @throws DivergedException if a loss, or a gradient after clipping, is NaN or infinite; the message names the
     *     step, and the first layer with such an output or the parameter. Model, optimiser and checkpoint are left as
     *     they were before that step
     * @throws java.io.UncheckedIOException if a checkpoint can't be read or written; an existing one is left unchanged
     */
    public List<EpochResult> fit(SampleSource train, SampleSource validation) {
        TrainingPreconditions.requireReady(settings, train, validation);
        Objective objective = settings.objective() == null ? Objectives.crossEntropy() : settings.objective();
        return new TrainingLoop(settings, new ClassificationTask(settings.model(), train, validation, objective,
                settings.augmentation(), settings.batchAugmentation(), settings.seed())).run();
    }

    /**
     * Trains a language model to predict the next token. A sample is a window of tokens; all positions have the same
     * weight. The model is in training mode afterwards. Fails as {@link #fit(SampleSource, SampleSource)}.
     *
     * <p>{@link Builder#keepBest} and {@link Builder#earlyStopping} compare {@code exp(-loss)} of the validation text,
     * the geometric mean probability of the correct tokens.
     *
     * @param train the training text
     * @param validation the text on which the loss is measured after each epoch; null for none
     * @return as {@link #fit(SampleSource, SampleSource)}
     * @throws IllegalArgumentException also if the model is not a {@link BitTransformer}, or a text doesn't fit it: a
     *     token is not in its vocabulary, or the context is too long; or if an objective or an augmentation is set
     */
    public List<EpochResult> fit(TokenDataset train, TokenDataset validation) {
        BitTransformer model = TrainingPreconditions.requireTransformer(settings);
        TrainingPreconditions.requireNothingForClassifiers(settings, "a TokenDataset");
        TrainingPreconditions.requireReady(settings, train, validation);
        return new TrainingLoop(settings, new NextTokenTask(model, train, validation, settings.seed())).run();
    }

    /**
     * Trains a model for a task of your own: with the same checkpoints, which the task's {@linkplain Task#facts facts}
     * and {@linkplain Task#probe probe} protect, the same prefetching, progress, early stopping and so on. The model is
     * in training mode afterwards. Fails as {@link #fit(SampleSource, SampleSource)}.
     *
     * @param task has the samples, the loss and the validation; computes with this trainer's model
     * @return as {@link #fit(SampleSource, SampleSource)}
     * @throws IllegalArgumentException also if the task has no samples, if an objective or an augmentation is set, or
     *     if one of the task's facts has the name of one of the trainer's
     * @throws IllegalStateException also if the loss doesn't depend on a trained parameter, or a batch is null
     */
    public List<EpochResult> fit(Task task) {
        Objects.requireNonNull(task, "Trainer.fit: the task is null");
        TrainingPreconditions.requireNothingForClassifiers(settings, "a task of your own");
        TrainingPreconditions.requireReady(settings, task, task.validation());
        if (task.samples() < 1) {
            throw new IllegalArgumentException("Trainer.fit: the task has " + task.samples()
                    + " samples, expected at least 1");
        }
        return new TrainingLoop(settings, task).run();
    }

    /** Collects the settings of a {@link Trainer}. For one thread. */
    public static final class Builder {
        private final Layer model;
        private final Optimizer optimizer;
        private final List<TrainingListener> listeners = new ArrayList<>();
        private int epochs = 10;
        private int batchSize = 32;
        private int accumulate = 1;
        private GradientExchange exchange; // null for none
        private long seed;
        private Schedule schedule = Schedule.CONSTANT;
        private Schedule weightDecaySchedule = Schedule.CONSTANT;
        private Schedule quantStrengthSchedule;
        private float clipNorm = Float.POSITIVE_INFINITY;
        private Objective objective; // null for cross-entropy
        private Augmentation augmentation;
        private BatchAugmentation batchAugmentation;
        private WeightAverage average; // null for none
        private EarlyStopping earlyStopping;
        private boolean keepBest;
        private Path checkpoint;
        private int checkpointEvery;
        private boolean resumeWithChanges;
        private boolean stopOnShutdown;

        private Builder(Layer model, Optimizer optimizer) {
            this.model = Objects.requireNonNull(model, "Trainer: the model is null");
            this.optimizer = Objects.requireNonNull(optimizer, "Trainer: the optimiser is null");
        }

        /**
         * Sets the number of epochs.
         *
         * @param value at least 1; default 10
         * @return this builder
         */
        public Builder epochs(int value) {
            epochs = TrainingPreconditions.requirePositive("epochs", value);
            return this;
        }

        /**
         * Sets the number of samples per batch.
         *
         * @param value at least 1; default 32. The last batch of an epoch may be smaller
         * @return this builder
         */
        public Builder batchSize(int value) {
            batchSize = TrainingPreconditions.requirePositive("batchSize", value);
            return this;
        }

        /**
         * Sets the seed of the sample order and the augmentation.
         *
         * @param value any number; default 0
         * @return this builder
         */
        public Builder seed(long value) {
            seed = value;
            return this;
        }

        /**
         * Sets the learning-rate schedule.
         *
         * @param value gives the factor on the optimiser's learning rate at each step; default
         *     {@link Schedule#CONSTANT}
         * @return this builder
         */
        public Builder schedule(Schedule value) {
            schedule =
                    Objects.requireNonNull(value, "Trainer: the schedule is null, Schedule.CONSTANT changes nothing");
            return this;
        }

        /**
         * Sets the number of batches per step (gradient accumulation). Their gradients are added up as for one large
         * batch, in the memory of a small one; each batch is weighted by its number of samples.
         *
         * @param value at least 1; default 1
         * @return this builder
         */
        public Builder accumulate(int value) {
            accumulate = TrainingPreconditions.requirePositive("accumulate", value);
            return this;
        }

        /**
         * Computes the gradients of each step in shards, possibly on other machines.
         *
         * @param value cuts batches and computes the parts; default none. Can't be combined with {@link #accumulate}
         * @return this builder
         */
        public Builder gradientExchange(GradientExchange value) {
            exchange = value;
            return this;
        }

        /**
         * Sets the weight-decay schedule, for example {@link Schedule#firstHalf()}.
         *
         * @param value gives the factor on the optimiser's weight decay at each step; default
         *     {@link Schedule#CONSTANT}
         * @return this builder
         */
        public Builder weightDecaySchedule(Schedule value) {
            weightDecaySchedule = Objects.requireNonNull(value,
                    "Trainer: the weight-decay schedule is null, Schedule.CONSTANT changes nothing");
            return this;
        }

        /**
         * Sets how ternary layers move from float to ternary weights, for example {@link Schedule#rise(double)}.
         *
         * @param value gives the quantStrength λ of all ternary layers at each step, from 0 to 1; they get their
         *     former one back afterwards. By default they keep theirs
         * @return this builder
         */
        public Builder quantStrengthSchedule(Schedule value) {
            quantStrengthSchedule = value;
            return this;
        }

        /**
         * Clips the norm of the gradients, see {@link io.bitlab.layers.optim.GradientClipping#byNorm}.
         *
         * @param value the maximum norm, positive; 1 is usual for language models; by default there is no clipping
         * @return this builder
         */
        public Builder clipNorm(float value) {
            if (!(value > 0f)) {
                throw new IllegalArgumentException("Trainer: clipNorm is " + value + ", expected a positive number");
            }
            clipNorm = value;
            return this;
        }

        /**
         * Sets the loss function of a classifier.
         *
         * @param value the objective; default {@link Objectives#crossEntropy()}
         * @return this builder
         */
        public Builder objective(Objective value) {
            objective = value;
            return this;
        }

        /**
         * Sets the augmentation of a classifier's training samples.
         *
         * @param value changes each training sample in each epoch; default none
         * @return this builder
         */
        public Builder augmentation(Augmentation value) {
            augmentation = value;
            return this;
        }

        /**
         * Sets what mixes the samples of each batch of a classifier: mixup or CutMix.
         *
         * @param value mixes the samples and their labels; default none
         * @return this builder
         */
        public Builder batchAugmentation(BatchAugmentation value) {
            batchAugmentation = value;
            return this;
        }

        /**
         * Averages the parameters, see {@link WeightAverage}; training ends with the averaged ones.
         *
         * @param decay share of the average that a step keeps, from 0 to below 1; 0.999 to 0.9999 is usual
         * @return this builder
         */
        public Builder ema(double decay) {
            return ema(WeightAverage.of(decay));
        }

        /**
         * Averages the parameters. Each result then also has the score of the averaged weights, by which
         * {@link #keepBest} and {@link #earlyStopping} go.
         *
         * @param value what to average; has raw and averaged weights after training; default none
         * @return this builder
         */
        public Builder ema(WeightAverage value) {
            average = value;
            return this;
        }

        /**
         * Stops training when the validation score no longer improves: the accuracy; for a language model, the loss;
         * for a task of your own, {@link Task.Score#value}.
         *
         * @param value the criterion; default none
         * @return this builder
         */
        public Builder earlyStopping(EarlyStopping value) {
            earlyStopping = value;
            return this;
        }

        /**
         * Restores the parameters and buffers of the best epoch when training ends: the one with the highest validation
         * accuracy; for a language model, the lowest validation loss; for a task of your own, the highest
         * {@link Task.Score#value}.
         *
         * @return this builder
         */
        public Builder keepBest() {
            keepBest = true;
            return this;
        }

        /**
         * Writes checkpoints, and resumes from an existing one. A training that was killed at any moment can be run
         * again with the same settings and data; it ends with the same bits as an uninterrupted one.
         *
         * <p>The checkpoint of a training with other settings, data or code is refused, see {@link #resumeWithChanges}.
         * To detect changed code, each checkpoint records the results of model and objective for the first samples.
         *
         * @param file the checkpoint; replaced atomically after each epoch, and when training is interrupted or ends
         * @param everySteps number of steps between further checkpoints; 0 for none within an epoch
         * @return this builder
         */
        public Builder checkpoints(Path file, int everySteps) {
            if (everySteps < 0) {
                throw new IllegalArgumentException("Trainer: a checkpoint every " + everySteps
                        + " steps, expected 0 or more");
            }
            checkpoint = file;
            checkpointEvery = everySteps;
            return this;
        }

        /**
         * Allows resuming from a checkpoint although settings, data or code have changed: for example with a smaller
         * learning rate after training diverged, or for more epochs. The result then differs from that of a single run.
         * A partly finished epoch is restarted if its number of steps has changed. By default, such a checkpoint is
         * refused.
         *
         * @return this builder
         */
        public Builder resumeWithChanges() {
            resumeWithChanges = true;
            return this;
        }

        /**
         * Makes Ctrl-C end training after the current step, as an interrupt does: the shutdown of the JVM waits for it
         * and for a final checkpoint. Without it, only the last periodic checkpoint survives.
         *
         * @return this builder
         */
        public Builder stopOnShutdown() {
            stopOnShutdown = true;
            return this;
        }

        /**
         * Adds a listener.
         *
         * @param value the listener
         * @return this builder
         */
        public Builder listener(TrainingListener value) {
            listeners.add(Objects.requireNonNull(value, "Trainer: the listener is null"));
            return this;
        }

        /**
         * Builds the trainer.
         *
         * @return the trainer
         * @throws IllegalArgumentException if the optimiser has parameters that don't belong to the model (it may have
         *     only some of the model's), a step has more than 2^31 - 1 samples, or settings contradict each other
         * @throws IllegalStateException if the model is deployed
         */
        public Trainer build() {
            return new Trainer(TrainingPreconditions
                    .requireConsistent(new TrainingSettings(model, optimizer, List.copyOf(listeners), epochs, batchSize,
                            accumulate, exchange, seed, schedule, weightDecaySchedule, quantStrengthSchedule, clipNorm,
                            objective,
                            augmentation, batchAugmentation, average, earlyStopping, keepBest, checkpoint,
                            checkpointEvery, resumeWithChanges, stopOnShutdown)));
        }
    }
}
