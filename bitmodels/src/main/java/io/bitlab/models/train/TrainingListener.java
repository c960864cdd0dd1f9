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
     * @param samples how many there are to learn from
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
     * @param accuracy share of the epoch's samples so far that were classified rightly, from 0 to 1
     */
    default void onStep(int epoch, int step, double loss, double accuracy) {
    }

    /**
     * An epoch is done.
     *
     * @param result how it went
     */
    default void onEpoch(EpochResult result) {
    }

    /** Training has ended: finished, interrupted or failed. */
    default void onEnd() {
    }
}
