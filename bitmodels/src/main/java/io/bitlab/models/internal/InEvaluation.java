package io.bitlab.models.internal;

import io.bitlab.layers.Layer;

/** The refusal to use a model that is in training, where outputs would depend on the batch and on chance. */
public final class InEvaluation {

    private InEvaluation() {
    }

    /**
     * Requires that a model is not in training.
     *
     * @param operation name of the calling operation, for the message
     * @param model the model
     * @throws IllegalStateException if it is in training
     */
    public static void require(String operation, Layer model) {
        if (model.mode() == Layer.Mode.TRAIN) {
            throw new IllegalStateException(operation + ": the model is in training; call eval() or deploy() first");
        }
    }
}
