package io.bitlab.layers;

import io.bitlab.core.kernel.TernaryKernel;
import io.bitlab.core.ops.TernaryConvolution;
import io.bitlab.core.quant.TernaryMatrix;
import io.bitlab.core.tensor.Tensor;

/** The ternary weights of a convolution in evaluation, as {@link PackedTernary} for a linear layer. Immutable. */
final class PackedConvolution implements TernaryWeights {

    private final String label; // describes the layer, for messages
    private final TernaryConvolution packed;
    private final float[] bias; // or null

    PackedConvolution(BitConv2d layer, TernaryMatrix matrix, float[] bias) {
        this.label = layer.describeWithPath();
        this.packed = layer.sizes().pack(matrix, layer.quantConfig());
        this.bias = bias;
    }

    @Override
    public Tensor multiply(Tensor x) {
        return packed.apply(x, bias, "BitConv2d", () -> label);
    }

    @Override
    public TernaryMatrix matrix() {
        return packed.unpack();
    }

    @Override
    public TernaryKernel kernel() {
        return packed.kernel();
    }

    @Override
    public long packedBytes() {
        return packed.bytes();
    }

    @Override
    public float[] packedBias() {
        return bias;
    }

    @Override
    public boolean isPacked() {
        return true;
    }
}
