package io.bitlab.layers;

import io.bitlab.core.Granularity;
import io.bitlab.core.kernel.TernaryKernel;
import io.bitlab.core.ops.ConvolutionWeightCache;
import io.bitlab.core.ops.Convolutions;
import io.bitlab.core.quant.TernaryMatrix;
import io.bitlab.core.tensor.Tensor;

/** The ternary weights of a convolution in training, as {@link LatentTernary} for a linear layer. */
final class LatentConvolution implements TernaryWeights {

    private final BitConv2d layer;
    private final Parameter weight;
    private final Parameter bias; // or null
    private final ConvolutionWeightCache cache;

    LatentConvolution(BitConv2d layer, Parameter weight, Parameter bias) {
        this.layer = layer;
        this.weight = weight;
        this.bias = bias;
        this.cache = new ConvolutionWeightCache(layer.quantConfig());
    }

    @Override
    public Tensor multiply(Tensor x) {
        Convolution sizes = layer.sizes();
        String label = layer.describeWithPath();
        sizes.requireImages(x, label);
        return Convolutions.bitConv2d(x, weight.tensor(), bias == null ? null : bias.tensor(), sizes.window(),
                sizes.groups(), cache, layer.quantStrength(), label);
    }

    @Override
    public TernaryMatrix matrix() {
        return ConvolutionWeightCache.quantize(weight.tensor().data(), layer.outFeatures(), layer.sizes().groups(),
                layer.quantConfig());
    }

    @Override
    public TernaryKernel kernel() {
        return layer.patchKernel();
    }

    @Override
    public long packedBytes() {
        boolean oneScale = layer.quantConfig().weightGranularity() == Granularity.PER_TENSOR
                && layer.sizes().groups() == 1;
        return layer.sizes().pack(LatentTernary.zeros(layer, oneScale), layer.quantConfig()).bytes();
    }
}
