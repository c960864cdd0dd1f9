package io.bitlab.models.train;

import io.bitlab.core.tensor.Tensor;
import java.util.SequencedMap;

/** What a model is trained for: samples, and what its answers to them are worth. */
interface Task {

    /** How many samples make an epoch. */
    int samples();

    /** How many answers of the model each sample asks for: 1 for a class, one a token for a text. */
    int targetsPerSample();

    /** Some samples of an epoch, from 1; called in another thread while the model trains. */
    Batch batch(int epoch, int... indices);

    /** Whether there is validation data. */
    boolean validates();

    /** How good the model, which is in evaluation, is on the validation data. */
    Score validate();

    /** What must be the same when training goes on from a checkpoint, by name. */
    SequencedMap<String, String> facts();

    /**
     * What the model answers, in training and in its present state, to the first samples, by name. Everything in the
     * model counts.
     *
     * @param most how many samples at most
     */
    SequencedMap<String, String> answers(int most);

    /** Samples with their targets. */
    interface Batch {

        /** How many targets there are. */
        int targets();

        /** The loss of the model's answers, recorded, and how many were right. */
        Loss loss();

        /** Has the model answer, to see what its layers put out. */
        void forward();

        /** Whether all numbers that go into the model are finite. */
        boolean isFinite();
    }

    /**
     * The loss of a batch.
     *
     * @param mean a scalar, the mean over the targets
     * @param correct how many targets the model found
     */
    record Loss(Tensor mean, int correct) {
    }

    /**
     * How good a model is.
     *
     * @param accuracy share of the targets that it finds, from 0 to 1; NaN if unknown
     * @param loss the mean loss in nats; NaN where the accuracy says it all
     */
    record Score(double accuracy, double loss) {

        static final Score NONE = new Score(Double.NaN, Double.NaN);

        /** From 0 to 1, the higher the better: the accuracy, or else the (geometric) mean probability of a target. */
        double value() {
            return Double.isNaN(loss) ? accuracy : StrictMath.exp(-loss);
        }
    }
}
