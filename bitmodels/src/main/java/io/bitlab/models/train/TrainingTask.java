package io.bitlab.models.train;

import io.bitlab.core.tensor.Tensor;
import java.util.SequencedMap;

/** What a model is trained for: its samples, its loss, and its validation. */
interface TrainingTask {

    /** The number of samples in an epoch. */
    int samples();

    /** The number of targets of each sample: 1 for a class, one per token for a text. */
    int targetsPerSample();

    /** Some samples of an epoch, which counts from 1. Called in another thread while the model trains. */
    Batch batch(int epoch, int... indices);

    /** Whether there is validation data. */
    boolean validates();

    /** The score of the model, which is in evaluation mode, on the validation data. */
    Score validate();

    /** What must be the same when a checkpoint is resumed, by name. Names and values are part of the file format. */
    SequencedMap<String, String> facts();

    /**
     * What the model, in training mode and in its current state, computes for the first samples, by name. Detects
     * changes in the code of the model. Names and values are part of the file format of checkpoints.
     *
     * @param maxSamples the maximum number of samples
     */
    SequencedMap<String, String> probe(int maxSamples);

    /** Samples with their targets. */
    interface Batch {

        /** The number of targets. */
        int targets();

        /** Computes the loss, recorded for the backward pass. */
        Loss loss();

        /** Runs the forward pass alone, for an observer of the layers. */
        void forward();

        /** Whether all inputs of the model are finite. */
        boolean isFinite();
    }

    /**
     * The loss of a batch.
     *
     * @param mean a scalar, the mean over the targets
     * @param correct the number of targets that the model predicted
     */
    record Loss(Tensor mean, int correct) {
    }

    /**
     * The score of a model on validation data.
     *
     * @param accuracy the share of the targets that it predicted, from 0 to 1; NaN if unknown
     * @param loss the mean loss in nats; NaN if the accuracy is the measure
     */
    record Score(double accuracy, double loss) {

        static final Score NONE = new Score(Double.NaN, Double.NaN);

        /** From 0 to 1, higher is better: the accuracy, or the geometric mean probability of the targets. */
        double value() {
            return Double.isNaN(loss) ? accuracy : StrictMath.exp(-loss);
        }
    }
}
