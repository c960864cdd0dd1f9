package io.bitlab.models.train;

import io.bitlab.core.tensor.Tensor;

/** What training makes small: a number from what the model answered and what would have been right. */
@FunctionalInterface
public interface Objective {

    /**
     * The loss of a batch, its mean over the samples.
     *
     * @param logits what the model answered, {@code [n, classes]}
     * @param batch what it was asked, {@code [n, features]}
     * @param labels the right classes
     * @return a scalar, with its record for the backward
     */
    Tensor loss(Tensor logits, Tensor batch, int[] labels);
}
