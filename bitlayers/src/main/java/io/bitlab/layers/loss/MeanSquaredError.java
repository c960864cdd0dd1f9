package io.bitlab.layers.loss;

import io.bitlab.core.ops.Losses;
import io.bitlab.core.tensor.Tensor;

/**
 * Mean squared error, {@code mean((prediction - target)²)} over all elements, as {@code torch.nn.MSELoss}. Stateless.
 *
 */
public final class MeanSquaredError {

    /** Makes the loss. */
    public MeanSquaredError() {
    }

    /**
     * Computes the loss.
     *
     * @param prediction any tensor
     * @param target what it should be: a tensor of the same shape, nothing is broadcast
     * @return a scalar
     * @throws IllegalArgumentException if the shapes differ
     */
    public Tensor forward(Tensor prediction, Tensor target) {
        return Losses.meanSquaredError(prediction, target);
    }
}
