package io.bitlab.layers.loss;

import io.bitlab.core.ops.Losses;
import io.bitlab.core.tensor.Tensor;

/**
 * Mean cross-entropy of yes-or-no questions, one a logit: {@code -mean(t·log σ(x) + (1 - t)·log(1 - σ(x)))}, as
 * {@code torch.nn.BCEWithLogitsLoss}. It takes the logits, not their sigmoid, and is exact for large ones too.
 * Stateless.
 */
public final class BinaryCrossEntropy {

    /** Makes the loss. */
    public BinaryCrossEntropy() {
    }

    /**
     * Computes the loss.
     *
     * @param logits any tensor
     * @param target how likely the answer to each is yes, in [0, 1]: a tensor of the same shape
     * @return a scalar
     * @throws IllegalArgumentException if the shapes differ, or a target is NaN or outside [0, 1]
     */
    public Tensor forward(Tensor logits, Tensor target) {
        return Losses.binaryCrossEntropy(logits, target);
    }
}
