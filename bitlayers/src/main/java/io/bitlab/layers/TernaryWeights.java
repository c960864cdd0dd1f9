package io.bitlab.layers;

import io.bitlab.core.kernel.TernaryKernel;
import io.bitlab.core.quant.TernaryMatrix;
import io.bitlab.core.tensor.Tensor;

/**
 * The weights that a ternary layer computes with: latent ones in training, packed ones in evaluation.
 *
 * <p>They are a matrix {@code [out, columns]}. Each group is a share of its rows that multiplies its own input.
 */
sealed interface TernaryWeights permits LatentTernary, PackedTernary {

    /**
     * Multiplies inputs with the weights and adds the bias.
     *
     * @param inputs {@code [..., columns]} for each group; not modified
     * @return {@code [..., out / groups]} for each group
     */
    Tensor[] multiply(Tensor... inputs);

    /** Codes and scales {@code [out, columns]}; with several groups, each row has a scale. */
    TernaryMatrix matrix();

    /** The kernel that multiplies these weights, or would once they are packed. */
    TernaryKernel kernel();

    /** Whether both read one input in the same quantised form, so that it needs to be quantised only once. */
    boolean canShareInputWith(TernaryWeights other);
}
