package io.bitlab.layers.loss;

import io.bitlab.core.ops.Losses;
import io.bitlab.core.tensor.Tensor;

/**
 * Mean squared error, {@code mean((prediction - target)²)} over all elements, as {@code torch.nn.MSELoss}. Stateless.
 *
 * {@snippet class="io.bitlab.layers.snippets.LossSnippets" region="meanSquaredError"}
 */
public final class MeanSquaredError {

    /** Creates the loss. */
    public MeanSquaredError() {
    }

    /**
     * Computes the loss.
     *
     * @param prediction any tensor
     * @param target the expected values; a tensor of the same shape, without broadcasting
     * @return a scalar
     * @throws IllegalArgumentException if the shapes differ
     */
    public Tensor forward(Tensor prediction, Tensor target) {
        return Losses.meanSquaredError(prediction, target);
    }
}
