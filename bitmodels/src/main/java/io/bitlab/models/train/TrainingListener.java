package io.bitlab.models.train;

/**
 * Receives the events of a training, in the training thread. All methods do nothing by default.
 *
 * {@snippet class="io.bitlab.models.snippets.TrainSnippets" region="listener"}
 */
public interface TrainingListener {

    /**
     * Training begins.
     *
     * @param epochs planned number of epochs
     * @param stepsPerEpoch optimiser steps per epoch
     */
    default void onStart(int epochs, int stepsPerEpoch) {
    }

    /**
     * Training begins; calls {@link #onStart(int, int)} unless overridden.
     *
     * @param epochs planned number of epochs
     * @param stepsPerEpoch optimiser steps per epoch
     * @param samples training samples per epoch; for a language model, tokens; see {@link Task#targetsPerEpoch}
     */
    default void onStart(int epochs, int stepsPerEpoch, int samples) {
        onStart(epochs, stepsPerEpoch);
    }

    /**
     * A step is done.
     *
     * @param epoch the epoch, from 1
     * @param step the step of the epoch, from 1
     * @param loss the loss of the step
     * @param accuracy share of the epoch's targets (labels, or next tokens) so far that the model predicted, from 0 to
     *     1; NaN if the task has nothing like that
     */
    default void onStep(int epoch, int step, double loss, double accuracy) {
    }

    /**
     * An epoch is done. The model is in training mode. The listener may switch it to evaluation mode, use it, and
     * switch back with {@code train()}; that does not influence the training. With checkpoints, the epoch is already
     * saved: if this throws, or the process ends here, a resumed training does not call it again for this epoch.
     *
     * @param result losses and accuracies of the epoch
     */
    default void onEpoch(EpochResult result) {
    }

    /** Training has ended: it finished, was interrupted or failed. */
    default void onEnd() {
    }
}
