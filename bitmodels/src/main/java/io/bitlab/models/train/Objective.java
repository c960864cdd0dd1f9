package io.bitlab.models.train;

import io.bitlab.core.tensor.Tensor;

/**
 * What training makes small: a number from what the model answered and what would have been right.
 *
 * <p>Its slope must be finite too: write {@code x.add(1e-12f).sqrt()} where x can be 0. Each checkpoint records its
 * value for the first samples, so that a training with another objective can't go on from it unnoticed.
 */
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
