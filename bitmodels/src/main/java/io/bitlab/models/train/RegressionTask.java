package io.bitlab.models.train;

import io.bitlab.core.memory.Workspace;
import io.bitlab.core.tensor.Autograd;
import io.bitlab.core.tensor.Tensor;
import io.bitlab.layers.Layer;
import io.bitlab.layers.loss.MeanSquaredError;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Objects;
import java.util.SequencedMap;
import java.util.stream.IntStream;

/**
 * Prediction of a number for each sample, for {@link Trainer#fit(Task)}. The model learns
 * {@code (target - mean) / deviation}, so that its answers are about 1 in size whatever the unit; the errors of the
 * validation, {@code RMSE}, {@code MAE} and {@code R2}, are in the unit of the targets.
 *
 * {@snippet class="io.bitlab.models.snippets.RegressionSnippets" region="task"}
 *
 * <p><b>Thread safety:</b> as for {@link Task}.
 */
public final class RegressionTask implements Task {

    /** Samples that are computed at a time. */
    private static final int BATCH = 256;

    private final Layer model;
    private final RegressionDataset train;
    private final RegressionDataset validation; // or null
    private final double mean;
    private final double deviation;
    private final float huber;

    private RegressionTask(Builder builder) {
        model = builder.model;
        train = builder.train;
        validation = builder.validation;
        mean = builder.mean;
        deviation = builder.deviation;
        huber = builder.huber;
        if (validation != null && validation.featureCount() != train.featureCount()) {
            throw new IllegalArgumentException("RegressionTask: the validation data has " + validation.featureCount()
                    + " features a sample, the training data " + train.featureCount() + "; expected as many");
        }
    }

    /**
     * Starts building a task.
     *
     * @param model maps {@code [n, features]} to {@code [n, 1]}
     * @param train the training samples
     * @return a builder with the defaults that its methods give
     */
    public static Builder builder(Layer model, RegressionDataset train) {
        return new Builder(model, train);
    }

    /** Collects the settings of a {@link RegressionTask}. For one thread. */
    public static final class Builder {
        private final Layer model;
        private final RegressionDataset train;
        private RegressionDataset validation;
        private double mean;
        private double deviation = 1;
        private float huber = Float.POSITIVE_INFINITY;

        private Builder(Layer model, RegressionDataset train) {
            this.model = Objects.requireNonNull(model, "RegressionTask: the model is null");
            this.train = Objects.requireNonNull(train, "RegressionTask: the training data is null");
        }

        /**
         * Sets the samples of the validation.
         *
         * @param value samples with as many features; default null, for no validation
         * @return this builder
         */
        public Builder validation(RegressionDataset value) {
            validation = value;
            return this;
        }

        /**
         * Sets what the model's answers mean: a target is {@code mean + deviation·answer}.
         *
         * @param targetMean usually the mean of the training targets; default 0
         * @param targetDeviation usually their deviation, positive; default 1
         * @return this builder
         * @throws IllegalArgumentException if a number is not finite, or the deviation not positive
         */
        public Builder scale(double targetMean, double targetDeviation) {
            if (!Double.isFinite(targetMean) || !(targetDeviation > 0 && targetDeviation < Double.POSITIVE_INFINITY)) {
                throw new IllegalArgumentException("RegressionTask: mean " + targetMean + " and deviation "
                        + targetDeviation + " of the targets, expected finite numbers and a positive deviation");
            }
            mean = targetMean;
            deviation = targetDeviation;
            return this;
        }

        /**
         * Replaces the mean squared error by Huber's loss (<i>Robust Estimation of a Location Parameter</i>, 1964),
         * which grows only linearly beyond a threshold, so that a few wrong targets don't dominate:
         * {@code x²/2} up to delta, {@code delta·(|x| - delta/2)} beyond.
         *
         * @param delta the threshold, positive, in deviations of the targets; 1 is usual
         * @return this builder
         * @throws IllegalArgumentException if it is not positive
         */
        public Builder huber(float delta) {
            if (!(delta > 0f)) {
                throw new IllegalArgumentException("RegressionTask: the threshold of Huber's loss is " + delta
                        + ", expected a positive number");
            }
            huber = delta;
            return this;
        }

        /**
         * Makes the task.
         *
         * @return the task
         * @throws IllegalArgumentException if the validation data has another number of features
         */
        public RegressionTask build() {
            return new RegressionTask(this);
        }
    }

    @Override
    public int samples() {
        return train.size();
    }

    @Override
    public Batch batch(int epoch, int... indices) {
        Tensor samples = train.batch(indices);
        float[] scaled = new float[indices.length];
        for (int i = 0; i < scaled.length; i++) {
            scaled[i] = (float) ((train.target(indices[i]) - mean) / deviation);
        }
        return new Samples(samples, Tensor.of(scaled, scaled.length, 1));
    }

    /** Samples with their targets, scaled. */
    private final class Samples implements Batch {
        private final Tensor samples;
        private final Tensor targets;

        Samples(Tensor samples, Tensor targets) {
            this.samples = samples;
            this.targets = targets;
        }

        @Override
        public Loss loss() {
            Tensor answers = answers(model, samples);
            return Loss.of(huber == Float.POSITIVE_INFINITY ? new MeanSquaredError().forward(answers, targets)
                    : huberLoss(answers.sub(targets), huber));
        }

        @Override
        public void forward() {
            model.forward(samples);
        }
    }

    /** With m = min(|x|, delta) it is {@code m²/2 + delta·(|x| - m)}. */
    private static Tensor huberLoss(Tensor error, float delta) {
        Tensor size = error.relu().add(error.mul(-1f).relu());
        Tensor beyond = size.add(-delta).relu();
        Tensor within = size.sub(beyond);
        return within.mul(within).mul(0.5f).add(beyond.mul(delta)).mean();
    }

    private static Tensor answers(Layer model, Tensor samples) {
        Tensor answers = model.forward(samples);
        if (!Arrays.equals(answers.shape(), new int[] {samples.length(0), 1})) {
            throw new IllegalArgumentException("RegressionTask: the model answers to the shape "
                    + Arrays.toString(samples.shape()) + " with the shape " + Arrays.toString(answers.shape())
                    + ", expected [" + samples.length(0) + ", 1]: one number for each sample");
        }
        return answers;
    }

    /**
     * What the model predicts, in the unit of the targets. It may be in any mode; nothing is recorded for a backward
     * pass, and no parameter changes.
     *
     * @param data samples with the features of the training
     * @return a number for each sample
     */
    public double[] predictions(RegressionDataset data) {
        double[] predictions = new double[data.size()];
        Workspace workspace = new Workspace();
        for (int from = 0; from < predictions.length; from += BATCH) {
            Tensor batch = data.batch(IntStream.range(from, Math.min(predictions.length, from + BATCH)).toArray());
            float[] answers = workspace.call(() -> Autograd.noGrad(() -> answers(model, batch)).toArray());
            workspace.reset();
            for (int i = 0; i < answers.length; i++) {
                predictions[from + i] = mean + deviation * answers[i];
            }
        }
        return predictions;
    }

    @Override
    public Validation validation() {
        return validation == null ? null : () -> {
            RegressionErrors errors = RegressionErrors.of(predictions(validation), validation.targets());
            return Score.lowerIsBetter("RMSE", errors.rootMeanSquare()).and("MAE", errors.meanAbsolute())
                    .and("R2", errors.r2());
        };
    }

    @Override
    public SequencedMap<String, String> facts() {
        SequencedMap<String, String> facts = new LinkedHashMap<>();
        facts.put("samples", Integer.toString(train.size()));
        facts.put("features", Integer.toString(train.featureCount()));
        facts.put("training data", train.checksum());
        facts.put("validation data", validation == null ? "none" : validation.checksum());
        facts.put("scale of the targets", mean + " and " + deviation);
        facts.put("loss", huber == Float.POSITIVE_INFINITY ? "mean squared error" : "Huber's with " + huber);
        return facts;
    }
}
