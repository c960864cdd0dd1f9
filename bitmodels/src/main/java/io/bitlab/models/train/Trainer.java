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
 * Trains a classifier, or a language model, in shuffled mini-batches.
 *
 * {@snippet :
 * Trainer trainer = Trainer.builder(model, optimizer).epochs(20).batchSize(128).schedule(Schedule.cosine())
 *         .checkpoints(Path.of("run.checkpoint"), 500).listener(new ProgressReport("ternary", System.out)).build();
 * List<EpochResult> history = trainer.fit(train, validation);
 * }
 *
 * <p>Each epoch's order follows from the seed and the epoch's number, so the same seed gives the same model to the bit;
 * so does a training that was stopped and resumed from its checkpoint. The next batch is prepared in another thread
 * while one trains. The memory of a step is recycled for the next one. Interrupting the training thread ends
 * {@link #fit} after the step that runs.
 */
public final class Trainer {

    private final Settings settings;

    private Trainer(Settings settings) {
        this.settings = settings;
    }

    /** What the builder collected. */
    record Settings(Layer model, Optimizer optimizer, List<TrainingListener> listeners, int epochs, int batchSize,
            int accumulate, long seed, Schedule schedule, Schedule weightDecaySchedule, Schedule quantStrengthSchedule,
            float clipNorm, Objective objective, Augmentation augmentation, EarlyStopping earlyStopping,
            boolean keepBest, Path checkpoint, int checkpointEvery, boolean resumeWithChanges, boolean stopOnShutdown) {
    }

    /**
     * Starts building a trainer.
     *
     * @param model a classifier, which gives {@code [n, classes]} for {@code [n, features]}, or a
     *     {@link BitTransformer}
     * @param optimizer changes the model's parameters
     * @return a builder: 10 epochs, batches of 32, seed 0, constant rates, cross-entropy
     */
    public static Builder builder(Layer model, Optimizer optimizer) {
        return new Builder(model, optimizer);
    }

    /**
     * Trains. The model is in training mode afterwards, also if training fails; if it is refused before it begins, the
     * model is as it was.
     *
     * @param train the samples to learn from
     * @param validation samples to measure the accuracy on after each epoch; null for none
     * @return one result an epoch, those before a checkpoint included; fewer than planned if the thread was interrupted
     *     (its interrupt status stays set) or training stopped early
     * @throws IllegalArgumentException if the model can't take the samples of a data set, or does not know one of its
     *     classes; if {@link Builder#keepBest} or {@link Builder#earlyStopping} is set without validation data; or if
     *     all parameters are frozen
     * @throws IllegalStateException if the model was deployed
     * @throws ArithmeticException if a loss is NaN or infinite, or a gradient is, after clipping; the message names the
     *     step, and the first layer whose output is, or the parameter. The model, the optimiser and the checkpoint are
     *     left as they were before that step
     * @throws java.io.UncheckedIOException if a checkpoint can't be read or written, or belongs to another training; an
     *     older one is still there
     */
    public List<EpochResult> fit(Dataset train, Dataset validation) {
        requireReady(train, validation);
        Objective objective = settings.objective == null ? Objectives.crossEntropy() : settings.objective;
        return new TrainingLoop(settings, new ClassificationTask(settings.model, train, validation, objective,
                settings.augmentation, settings.seed)).run();
    }

    /**
     * Trains a language model to predict the next token. A sample is a window of tokens; all positions count alike. The
     * model is in training mode afterwards.
     *
     * <p>{@link Builder#keepBest} and {@link Builder#earlyStopping} go by the validation loss: what they compare is
     * {@code exp(-loss)}, the geometric mean of the probabilities of the right tokens.
     *
     * @param train the text to learn from
     * @param validation a text to measure the loss on after each epoch; null for none
     * @return as {@link #fit(Dataset, Dataset)}
     * @throws IllegalArgumentException if the model is no {@link BitTransformer}, or a text doesn't fit it: a token is
     *     not in its vocabulary, or the context is too long; or if an objective or an augmentation is set; otherwise as
     *     {@link #fit(Dataset, Dataset)}
     * @throws IllegalStateException as {@link #fit(Dataset, Dataset)}
     * @throws ArithmeticException as {@link #fit(Dataset, Dataset)}
     * @throws java.io.UncheckedIOException as {@link #fit(Dataset, Dataset)}
     */
    public List<EpochResult> fit(TokenDataset train, TokenDataset validation) {
        if (!(settings.model instanceof BitTransformer model)) {
            throw new IllegalArgumentException(
                    "Trainer.fit: a TokenDataset trains a BitTransformer, but the model is a "
                            + settings.model.getClass().getSimpleName()
                            + "; give the Trainer a language model, or fit a Dataset");
        }
        if (settings.objective != null || settings.augmentation != null) {
            throw new IllegalArgumentException("Trainer.fit: an objective or an augmentation is set, and those are for "
                    + "classifiers; leave them out for a TokenDataset");
        }
        requireReady(train, validation);
        return new TrainingLoop(settings, new NextTokenTask(model, train, validation, settings.seed)).run();
    }

    private void requireReady(Object train, Object validation) {
        Objects.requireNonNull(train, "Trainer.fit: the training data is null");
        Requirements.requireOwnParameters(settings.model, settings.optimizer);
        Requirements.requireValidation(settings, validation);
        Requirements.requireFolder(settings.checkpoint);
    }

    /** Collects the settings of a {@link Trainer}. */
    public static final class Builder {
        private final Layer model;
        private final Optimizer optimizer;
        private final List<TrainingListener> listeners = new ArrayList<>();
        private int epochs = 10;
        private int batchSize = 32;
        private int accumulate = 1;
        private long seed;
        private Schedule schedule = Schedule.CONSTANT;
        private Schedule weightDecaySchedule = Schedule.CONSTANT;
        private Schedule quantStrengthSchedule;
        private float clipNorm = Float.POSITIVE_INFINITY;
        private Objective objective; // null for the usual one
        private Augmentation augmentation;
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
            schedule =
                    Objects.requireNonNull(value, "Trainer: the schedule is null, Schedule.CONSTANT changes nothing");
            return this;
        }

        /**
         * Sets how many batches make a step: their gradients are added up as if they were one large batch, in the
         * memory of a small one. A batch weighs as much as it has samples.
         *
         * @param value at least 1
         * @return this builder
         */
        public Builder accumulate(int value) {
            accumulate = requirePositive("accumulate", value);
            return this;
        }

        /**
         * Sets how the weight decay changes, for instance {@link Schedule#firstHalf()}.
         *
         * @param value factor on the optimiser's weight decay at each step
         * @return this builder
         */
        public Builder weightDecaySchedule(Schedule value) {
            weightDecaySchedule = Objects.requireNonNull(value,
                    "Trainer: the weight-decay schedule is null, Schedule.CONSTANT changes nothing");
            return this;
        }

        /**
         * Sets how ternary layers go from float to ternary, for instance {@link Schedule#rise(double)}; without it,
         * their strength stays as it is.
         *
         * @param value the quantStrength λ of all ternary layers at each step, from 0 to 1
         * @return this builder
         */
        public Builder quantStrengthSchedule(Schedule value) {
            quantStrengthSchedule = value;
            return this;
        }

        /**
         * Bounds the gradients' norm, see {@link io.bitlab.layers.optim.GradientClipping#byNorm}.
         *
         * @param value the largest norm, positive; 1 is usual for language models
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
         * Sets what a classifier's training makes small.
         *
         * @param value the objective; cross-entropy unless set
         * @return this builder
         */
        public Builder objective(Objective value) {
            objective = value;
            return this;
        }

        /**
         * Sets how a classifier's samples are varied.
         *
         * @param value changes each training sample in each epoch; nothing unless set
         * @return this builder
         */
        public Builder augmentation(Augmentation value) {
            augmentation = value;
            return this;
        }

        /**
         * Ends training when the validation accuracy (for a language model, the validation loss) no longer improves.
         *
         * @param value when
         * @return this builder
         */
        public Builder earlyStopping(EarlyStopping value) {
            earlyStopping = value;
            return this;
        }

        /**
         * Gives the model the parameters of its best epoch in the end: the one with the highest validation
         * accuracy; for a language model, the lowest validation loss.
         *
         * @return this builder
         */
        public Builder keepBest() {
            keepBest = true;
            return this;
        }

        /**
         * Writes checkpoints, and begins with the one that is there: a run that was killed at any moment is started
         * again with the same settings and data, and ends with the same bits as one that was never stopped.
         *
         * <p>A checkpoint of a training with other settings, data or code is refused, see {@link #resumeWithChanges}.
         * To compare code, each checkpoint records what model and objective return for the first samples.
         *
         * @param file the checkpoint; replaced as a whole after each epoch, when training is interrupted and when it
         *     ends
         * @param everySteps also after so many steps; 0 for the ends of epochs only
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
         * Goes on from a checkpoint although settings, data or code have changed since it was written: with a smaller
         * learning rate after a training that diverged, for instance, or for more epochs. The result is then not that
         * of a single run. An epoch that had begun is begun again if it now has another number of steps. Without this,
         * such a checkpoint is refused.
         *
         * @return this builder
         */
        public Builder resumeWithChanges() {
            resumeWithChanges = true;
            return this;
        }

        /**
         * Lets Ctrl-C end training after the step that runs: the JVM's shutdown waits for it and for the last
         * checkpoint. Without this, a checkpoint is as old as it is.
         *
         * @return this builder
         */
        public Builder stopOnShutdown() {
            stopOnShutdown = true;
            return this;
        }

        /**
         * Adds somebody who is told how training goes.
         *
         * @param value the listener
         * @return this builder
         */
        public Builder listener(TrainingListener value) {
            listeners.add(Objects.requireNonNull(value, "Trainer: the listener is null"));
            return this;
        }

        /**
         * Makes the trainer.
         *
         * @return the trainer
         * @throws IllegalArgumentException if the optimiser changes parameters that are not the model's (those of a
         *     part of the model are enough), or a step has more than 2^31 - 1 samples
         * @throws IllegalStateException if the model was deployed
         */
        public Trainer build() {
            Requirements.requireOwnParameters(model, optimizer);
            if ((long) batchSize * accumulate > Integer.MAX_VALUE) {
                throw new IllegalArgumentException("Trainer: batchSize " + batchSize + " times accumulate " + accumulate
                        + " is more than " + Integer.MAX_VALUE + " samples a step; take fewer");
            }
            return new Trainer(new Settings(model, optimizer, List.copyOf(listeners), epochs, batchSize, accumulate,
                    seed, schedule, weightDecaySchedule, quantStrengthSchedule, clipNorm, objective, augmentation,
                    earlyStopping, keepBest, checkpoint, checkpointEvery, resumeWithChanges, stopOnShutdown));
        }
    }
}
