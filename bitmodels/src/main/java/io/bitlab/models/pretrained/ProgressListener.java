package io.bitlab.models.pretrained;

/** Follows the loading or exporting of a model, for instance to show a progress bar. */
@FunctionalInterface
public interface ProgressListener {

    /**
     * Called after each tensor, in the thread that loads or exports.
     *
     * @param tensor the tensor's name in the model
     * @param done number of tensors so far, including this one
     * @param total number of all tensors
     */
    void tensorDone(String tensor, int done, int total);
}
