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
     * @param batch the input of the model, such as {@code [n, features]} or {@code [n, channels, height, width]}
     * @param labels the n correct classes
     * @return a scalar, recorded for the backward pass
     */
    Tensor loss(Tensor logits, Tensor batch, int[] labels);

    /**
     * Computes the mean loss of a batch in which each sample has two labels, see {@link BatchAugmentation}: by default
     * {@code share·loss(labels) + (1 - share)·loss(others)}, which is exact for every loss that is linear in the
     * labels, such as cross-entropy.
     *
     * @param logits the output of the model, {@code [n, classes]}
     * @param batch the mixed input of the model
     * @param labels the first class of each sample
     * @param others the second class of each sample
     * @param share share of the first class, from 0 to 1
     * @return a scalar, recorded for the backward pass
     */
    default Tensor loss(Tensor logits, Tensor batch, int[] labels, int[] others, float share) {
        return loss(logits, batch, labels).mul(share).add(loss(logits, batch, others).mul(1f - share));
    }
}
