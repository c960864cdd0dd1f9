package io.bitlab.models.train;

/** Is told how training goes, in the training thread. Every method does nothing unless overridden. */
public interface TrainingListener {

    /**
     * Training begins.
     *
     * @param epochs how many are planned
     * @param stepsPerEpoch optimiser steps in each
     */
    default void onStart(int epochs, int stepsPerEpoch) {
    }

    /**
     * Training begins; calls {@link #onStart(int, int)} unless overridden.
     *
     * @param epochs how many are planned
     * @param stepsPerEpoch optimiser steps in each
     * @param samples how many there are to learn from in each epoch; for a language model, how many tokens
     */
    default void onStart(int epochs, int stepsPerEpoch, int samples) {
        onStart(epochs, stepsPerEpoch);
    }

    /**
     * A step is done.
     *
     * @param epoch which epoch, from 1
     * @param step which step in it, from 1
     * @param loss loss of the batch
     * @param accuracy share of the epoch's targets (labels, or next tokens) so far that the model found, from 0 to 1
     */
    default void onStep(int epoch, int step, double loss, double accuracy) {
    }

    /**
     * An epoch is done. The model is in training mode; one may call its {@code eval()}, look at what it can do, and
     * call {@code train()} again: that does not change how training goes on. A language model can write a sample here:
     *
     * {@snippet :
     * public void onEpoch(EpochResult result) {
     *     if (result.epoch() % 5 == 0) {
     *         model.eval();
     *         float[] logits = model.newSession().append(prompt); // and so on, token by token
     *         model.train();
     *     }
     * }
     * }
     *
     * @param result how it went
     */
    default void onEpoch(EpochResult result) {
    }

    /** Training has ended: finished, interrupted or failed. */
    default void onEnd() {
    }
}
