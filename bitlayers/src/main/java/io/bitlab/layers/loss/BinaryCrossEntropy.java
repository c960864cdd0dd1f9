package io.bitlab.layers.loss;

import io.bitlab.core.ops.Losses;
import io.bitlab.core.tensor.Tensor;

/**
 * Mean binary cross-entropy, each logit a yes-or-no question: {@code -mean(t·log σ(x) + (1 - t)·log(1 - σ(x)))}, as
 * {@code torch.nn.BCEWithLogitsLoss}. It takes logits rather than probabilities, so it stays exact for large ones.
 * Stateless.
 *
 * {@snippet class="io.bitlab.layers.snippets.LossSnippets" region="binaryCrossEntropy"}
 */
public final class BinaryCrossEntropy {

    /** Creates the loss. */
    public BinaryCrossEntropy() {
    }

    /**
     * Computes the loss.
     *
     * @param logits any tensor
     * @param target the probability of yes for each, in [0, 1]; a tensor of the same shape
     * @return a scalar
     * @throws IllegalArgumentException if the shapes differ, or a target is NaN or outside [0, 1]
     */
    public Tensor forward(Tensor logits, Tensor target) {
        return Losses.binaryCrossEntropy(logits, target);
    }
}
