package io.bitlab.models.train;

import io.bitlab.core.tensor.Tensor;

/**
 * The loss function that the training of a classifier minimises. {@link Objectives} has the usual ones.
 *
 * {@snippet class="io.bitlab.models.snippets.TrainSnippets" region="objective"}
 *
 * <p>Its gradient must be finite, too: write {@code x.add(1e-12f).sqrt()} where x can be 0. Each checkpoint records its
 * value for the first samples, so that training is not resumed with another objective by mistake.
 */
@FunctionalInterface
public interface Objective {

    /**
     * Computes the mean loss of a batch.
     *
     * @param logits the output of the model, {@code [n, classes]}
     * @param batch the input of the model, {@code [n, features]}
     * @param labels the n correct classes
     * @return a scalar, recorded for the backward pass
     */
    Tensor loss(Tensor logits, Tensor batch, int[] labels);
}
