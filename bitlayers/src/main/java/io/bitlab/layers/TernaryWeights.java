package io.bitlab.layers;

import io.bitlab.core.kernel.TernaryKernel;
import io.bitlab.core.quant.TernaryMatrix;
import io.bitlab.core.tensor.Tensor;

/** The weights that a ternary layer computes with: latent ones in training, packed ones in evaluation. */
sealed interface TernaryWeights permits LatentTernary, PackedTernary, LatentConvolution, PackedConvolution {

    /**
     * The output of the layer.
     *
     * @param x its input; not modified
     */
    Tensor multiply(Tensor x);

    /** Codes and scales {@code [out, columns]}; of a convolution with several groups, each row has a scale. */
    TernaryMatrix matrix();

    /** The kernel that multiplies these weights, or would once they are packed. */
    TernaryKernel kernel();

    /** Memory of the packed weights, or what they will need. */
    long packedBytes();

    /** The bias of packed weights, which don't change any more: a copy, or null. Latent weights have none. */
    default float[] packedBias() {
        return null;
    }

    /** Whether both read one input in the same quantised form, so that it needs to be quantised only once. */
    default boolean canShareInputWith(TernaryWeights other) {
        return false;
    }
}
