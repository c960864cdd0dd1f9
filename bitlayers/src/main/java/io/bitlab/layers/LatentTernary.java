package io.bitlab.layers;

import io.bitlab.core.Granularity;
import io.bitlab.core.kernel.KernelRegistry;
import io.bitlab.core.kernel.TernaryKernel;
import io.bitlab.core.ops.LinearOps;
import io.bitlab.core.ops.QuantizedInput;
import io.bitlab.core.ops.QuantizedWeightCache;
import io.bitlab.core.quant.TernaryMatrix;
import io.bitlab.core.quant.TernaryQuantizer;
import io.bitlab.core.tensor.Shape;
import io.bitlab.core.tensor.Tensor;
import java.util.Arrays;

/**
 * Ternary weights in training: quantised from the float latent weights in each forward, or taken from a cache while
 * those don't change. Gradients pass straight through to the latent weights.
 */
final class LatentTernary implements TernaryWeights {

    private final TernaryLayer layer;
    private final Parameter weight;
    private final Parameter bias; // or null
    private final QuantizedWeightCache cache;

    LatentTernary(TernaryLayer layer, Parameter weight, Parameter bias) {
        this.layer = layer;
        this.weight = weight;
        this.bias = bias;
        this.cache = new QuantizedWeightCache(layer.quantConfig());
    }

    @Override
    public Tensor multiply(Tensor x) {
        return LinearOps.bitLinear(x, weight.tensor(), bias == null ? null : bias.tensor(), cache,
                layer.quantStrength(), layer.describeWithPath());
    }

    @Override
    public TernaryMatrix matrix() {
        return TernaryQuantizer.quantize(weight.tensor().data(), layer.outFeatures(), layer.columns(),
                layer.quantConfig().weightGranularity(), layer.quantConfig().weightScale());
    }

    @Override
    public TernaryKernel kernel() {
        return KernelRegistry.kernelFor(layer.quantConfig(), layer.outFeatures(), layer.columns());
    }

    @Override
    public long packedBytes() {
        return kernel().pack(zeros(layer, layer.quantConfig().weightGranularity() == Granularity.PER_TENSOR)).bytes();
    }

    /** A matrix that takes as much memory as the weights, which may be NaN after a training that diverged. */
    static TernaryMatrix zeros(TernaryLayer layer, boolean oneScale) {
        float[] scales = new float[oneScale ? 1 : layer.outFeatures()];
        Arrays.fill(scales, 1f);
        byte[] trits = new byte[Shape.size("TernaryLayer.memory", layer.outFeatures(), layer.columns())];
        return TernaryMatrix.of(trits, layer.outFeatures(), layer.columns(), scales);
    }

    @Override
    public boolean canShareInputWith(TernaryWeights other) {
        return other instanceof LatentTernary latent && layer.quantConfig().equals(latent.layer.quantConfig())
                && layer.quantStrength() == 1f;
    }

    /** Products of one input with the weights of several layers, which quantise alike. */
    static Tensor[] multiplyAll(Tensor x, LatentTernary... layers) {
        TernaryLayer first = layers[0].layer;
        int rows = Shape.requireFeatures(x, first.columns(), first.describeWithPath());
        QuantizedInput input =
                new QuantizedInput(x, rows, first.columns(), first.quantConfig(), first.describeWithPath());
        Tensor[] outputs = new Tensor[layers.length];
        Arrays.setAll(outputs, i -> layers[i].multiply(input));
        return outputs;
    }

    private Tensor multiply(QuantizedInput input) {
        return LinearOps.bitLinear(input, weight.tensor(), bias == null ? null : bias.tensor(), cache,
                layer.describeWithPath());
    }
}
