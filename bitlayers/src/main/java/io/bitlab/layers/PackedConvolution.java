package io.bitlab.layers;

import io.bitlab.core.kernel.TernaryKernel;
import io.bitlab.core.ops.TernaryConvolution;
import io.bitlab.core.quant.TernaryMatrix;
import io.bitlab.core.tensor.Tensor;

/**
 * The ternary weights of a convolution in evaluation, as {@link PackedTernary} for a linear layer. Packed when they are
 * first used: either as they are, or with the batch norm that follows.
 */
final class PackedConvolution implements TernaryWeights {

    private final BitConv2d layer;
    private final String label; // describes the layer, for messages
    private final TernaryMatrix matrix;
    private final float[] bias; // or null
    // Guarded by this for writing.
    private volatile TernaryConvolution packed; // or null
    private volatile Folded folded; // or null

    /** The weights and the bias that include a norm. */
    private record Folded(BatchNorm2d.Affine norm, TernaryConvolution packed, float[] bias) {
    }

    PackedConvolution(BitConv2d layer, TernaryMatrix matrix, float[] bias) {
        this.layer = layer;
        this.label = layer.describeWithPath();
        this.matrix = matrix;
        this.bias = bias;
    }

    private TernaryConvolution pack(TernaryMatrix weights) {
        return layer.sizes().pack(weights, layer.quantConfig());
    }

    private TernaryConvolution packed() {
        TernaryConvolution ready = packed;
        if (ready != null) {
            return ready;
        }
        synchronized (this) {
            if (packed == null) {
                packed = pack(matrix);
            }
            return packed;
        }
    }

    private Folded folded(BatchNorm2d.Affine norm) {
        Folded ready = folded;
        if (ready != null && ready.norm == norm) {
            return ready;
        }
        synchronized (this) {
            if (folded == null || folded.norm != norm) {
                folded = fold(norm);
            }
            return folded;
        }
    }

    /** The norm's scale joins the scales of the rows, its shift the bias. */
    private Folded fold(BatchNorm2d.Affine norm) {
        int out = matrix.outFeatures();
        float[] scales = new float[out];
        float[] shifts = new float[out];
        for (int o = 0; o < out; o++) {
            scales[o] = matrix.scale(o, 0) * norm.scale()[o];
            shifts[o] = (bias == null ? 0f : bias[o] * norm.scale()[o]) + norm.shift()[o];
        }
        return new Folded(norm, pack(TernaryMatrix.of(matrix.trits(), out, matrix.inFeatures(), scales)), shifts);
    }

    @Override
    public Tensor multiply(Tensor x) {
        return packed().apply(x, bias, "BitConv2d", () -> label);
    }

    /** The output of the layer and the norm after it. */
    Tensor multiply(Tensor x, BatchNorm2d.Affine norm) {
        Folded both = folded(norm);
        return both.packed.apply(x, both.bias, "BitConv2d", () -> label);
    }

    @Override
    public TernaryMatrix matrix() {
        return matrix;
    }

    @Override
    public TernaryKernel kernel() {
        return layer.patchKernel();
    }

    @Override
    public long packedBytes() {
        Folded both = folded;
        TernaryConvolution plain = packed;
        if (plain == null && both == null) {
            return pack(matrix).bytes();
        }
        return (plain == null ? 0 : plain.bytes()) + (both == null ? 0 : both.packed.bytes());
    }

    @Override
    public float[] packedBias() {
        return bias;
    }
}
