package io.bitlab.models.train;

import io.bitlab.core.tensor.Tensor;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.SequencedMap;
import java.util.stream.IntStream;

/**
 * What a model is trained for: its samples, its loss, and its validation. Classifiers and language models have theirs
 * ({@link Trainer#fit(SampleSource, SampleSource)}, {@link Trainer#fit(TokenDataset, TokenDataset)}); implement this
 * interface to train anything else with {@link Trainer#fit(Task)}.
 *
 * {@snippet class="io.bitlab.models.snippets.TaskSnippets" region="task"}
 *
 * <p>Everything must depend on the arguments alone, so that a resumed training has the same samples: draw random
 * numbers from {@link io.bitlab.core.math.CounterRandom}, positioned by epoch and index.
 *
 * <p><b>Thread safety:</b> {@link #batch} is called in another thread while the model trains, so it must not use the
 * model; {@link #probe} may call it in the training thread at the same time. All other methods, and those of a
 * {@link Batch}, are called in the training thread.
 */
public interface Task {

    /**
     * The number of samples in an epoch.
     *
     * @return at least 1, always the same
     */
    int samples();

    /**
     * Collects some samples. Called in another thread, while the model trains on the batch before.
     *
     * @param epoch the epoch, from 1, for augmentation
     * @param indices the samples, from 0 to {@code samples() - 1}, in this order
     * @return the samples with their targets, of whatever type the task needs
     */
    Batch batch(int epoch, int... indices);

    /**
     * The validation, which runs after each epoch.
     *
     * @return computes the score of the model; null, the default, for none
     */
    default Validation validation() {
        return null;
    }

    /**
     * What an epoch processes, for the speed in reports.
     *
     * @return by default the number of samples; for a language model, of tokens
     */
    default int targetsPerEpoch() {
        return samples();
    }

    /**
     * What must be the same when a checkpoint is resumed, such as sizes and checksums of the data. The names and values
     * are stored in the checkpoint, and a difference is reported by name.
     *
     * @return value by name; by default the number of samples
     */
    default SequencedMap<String, String> facts() {
        SequencedMap<String, String> facts = new LinkedHashMap<>();
        facts.put("samples", Integer.toString(samples()));
        return facts;
    }

    /**
     * What the model, in training and in its current state, computes for the first samples. It is stored in the
     * checkpoint and compared when that is resumed, which detects changes in the data and in the code of model and
     * task. Values that differ from call to call are ignored.
     *
     * @param maxSamples the maximum number of samples, at least 1
     * @return value by name; by default the loss of these samples in epoch 1
     */
    default SequencedMap<String, String> probe(int maxSamples) {
        int[] first = IntStream.range(0, Math.min(maxSamples, samples())).toArray();
        SequencedMap<String, String> probe = new LinkedHashMap<>();
        probe.put("the loss of the first samples", Float.toString(batch(1, first).loss().mean().item()));
        return probe;
    }

    /** Samples with their targets. */
    @FunctionalInterface
    interface Batch {

        /**
         * Computes the loss with the model, which is in training.
         *
         * @return the loss, recorded for the backward pass
         */
        Loss loss();

        /** Runs the forward pass alone, for an observer of the layers. By default computes the loss. */
        default void forward() {
            loss();
        }

        /**
         * Whether all inputs of the model are finite, for the message about a loss that is not.
         *
         * @return true by default
         */
        default boolean isFinite() {
            return true;
        }
    }

    /**
     * The loss of a batch, and optionally the number of targets that the model predicted.
     *
     * @param mean a scalar, the mean over the samples: batches of a step are weighted by their numbers of samples
     * @param correct the number of targets that the model predicted, from 0 to {@code targets}
     * @param targets the number of targets; 0 if there is nothing like an accuracy
     */
    record Loss(Tensor mean, int correct, int targets) {

        /**
         * Checks the values.
         *
         * @throws IllegalArgumentException if the mean is not a single value, or the numbers are outside their ranges
         */
        public Loss {
            Objects.requireNonNull(mean, "Task.Loss: the mean is null");
            if (mean.size() != 1) {
                throw new IllegalArgumentException("Task.Loss: the mean has the shape "
                        + Arrays.toString(mean.shape()) + ", expected a scalar; call mean() on it");
            }
            if (correct < 0 || correct > targets) {
                throw new IllegalArgumentException("Task.Loss: " + correct + " of " + targets
                        + " targets are correct, expected 0 to the number of targets");
            }
        }

        /**
         * A loss without an accuracy.
         *
         * @param mean a scalar, the mean over the samples
         * @return the loss
         * @throws IllegalArgumentException if the mean is not a single value
         */
        public static Loss of(Tensor mean) {
            return new Loss(mean, 0, 0);
        }
    }

    /** Measures the model on samples that it isn't trained on. */
    @FunctionalInterface
    interface Validation {

        /**
         * Measures the model, which is in evaluation; nothing may be changed. Run the model inside
         * {@link io.bitlab.core.tensor.Autograd#noGrad}, and in batches.
         *
         * @return the score
         */
        Score score();
    }

    /**
     * The score of a model on validation data: named measures, such as accuracy, mAP or loss, and what decides which of
     * two models is better.
     *
     * @param value higher is better; NaN if unknown. Decides for {@link Trainer.Builder#keepBest} and
     *     {@link EarlyStopping}
     * @param measures what reports show, by name: first the measure that {@code value} stands for, then others; copied
     */
    record Score(double value, SequencedMap<String, Double> measures) {

        /** No score. */
        public static final Score NONE = new Score(Double.NaN, new LinkedHashMap<>());

        static final String ACCURACY = "accuracy";
        static final String LOSS = "loss";

        /** Copies the measures. */
        public Score {
            measures = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(measures));
        }

        /**
         * A score that is the share of correct predictions.
         *
         * @param share from 0 to 1; reports show it in percent
         * @return the score
         */
        public static Score accuracy(double share) {
            return higherIsBetter(ACCURACY, share);
        }

        /**
         * A score of which a higher number is better.
         *
         * @param measure name of the measure, such as {@code mAP}
         * @param number the number
         * @return the score
         */
        public static Score higherIsBetter(String measure, double number) {
            return new Score(number, new LinkedHashMap<>(Map.of(measure, number)));
        }

        /**
         * A score of which a lower number is better, such as a loss or an error; its value is the negative number.
         *
         * @param measure name of the measure, such as {@code mean absolute error}
         * @param number the number
         * @return the score
         */
        public static Score lowerIsBetter(String measure, double number) {
            return new Score(-number, new LinkedHashMap<>(Map.of(measure, number)));
        }

        /** A language model's: the loss decides, by the geometric mean probability of the targets. */
        static Score ofTokens(double accuracy, double loss) {
            return new Score(StrictMath.exp(-loss), new LinkedHashMap<>(Map.of(LOSS, loss))).and(ACCURACY, accuracy);
        }

        /** Whether this is a language model's. */
        boolean isOfTokens() {
            return measures.containsKey(ACCURACY) && equals(ofTokens(number(ACCURACY), number(LOSS)));
        }

        /**
         * Adds a measure that reports show, and that decides nothing.
         *
         * @param measure its name
         * @param number the number
         * @return a score with the further measure
         * @throws IllegalArgumentException if there is one of that name
         */
        public Score and(String measure, double number) {
            SequencedMap<String, Double> more = new LinkedHashMap<>(measures);
            if (more.putIfAbsent(measure, number) != null) {
                throw new IllegalArgumentException("Task.Score: there are two measures named '" + measure + "'");
            }
            return new Score(value, more);
        }

        /**
         * The number of a measure.
         *
         * @param measure its name
         * @return the number; NaN if this score has no such measure
         */
        public double number(String measure) {
            return measures.getOrDefault(measure, Double.NaN);
        }

        /**
         * The name of the measure that decides.
         *
         * @return the first name; empty if there is none
         */
        public String measure() {
            return measures.isEmpty() ? "" : measures.firstEntry().getKey();
        }
    }
}
