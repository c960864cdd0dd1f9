package io.bitlab.layers;

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
    private final QuantizedWeightCache[] caches; // of each group

    LatentTernary(TernaryLayer layer, Parameter weight, Parameter bias) {
        this.layer = layer;
        this.weight = weight;
        this.bias = bias;
        this.caches = new QuantizedWeightCache[layer.groups()];
        Arrays.setAll(caches, group -> new QuantizedWeightCache(layer.quantConfig()));
    }

    @Override
    public Tensor[] multiply(Tensor... inputs) {
        Tensor latent = weight.tensor();
        Tensor matrix = latent.rank() == 2 ? latent : latent.reshape(layer.outFeatures(), layer.columns());
        Tensor[] outputs = new Tensor[inputs.length];
        Arrays.setAll(outputs, group -> LinearOps.bitLinear(inputs[group], part(matrix, group),
                bias == null ? null : part(bias.tensor(), group), caches[group], layer.quantStrength(),
                layer.describeWithPath()));
        return outputs;
    }

    /** The rows of one group. */
    private Tensor part(Tensor all, int group) {
        int size = all.length(0) / caches.length;
        return caches.length == 1 ? all : all.slice(0, group * size, (group + 1) * size);
    }

    @Override
    public TernaryMatrix matrix() {
        float[] latent = weight.tensor().data();
        TernaryMatrix[] parts = new TernaryMatrix[caches.length];
        int size = latent.length / parts.length;
        for (int i = 0; i < parts.length; i++) {
            float[] part = parts.length == 1 ? latent : Arrays.copyOfRange(latent, i * size, (i + 1) * size);
            parts[i] = TernaryQuantizer.quantize(part, layer.outFeatures() / parts.length, layer.columns(),
                    layer.quantConfig().weightGranularity(), layer.quantConfig().weightScale());
        }
        return PackedTernary.joined(parts);
    }

    @Override
    public TernaryKernel kernel() {
        return KernelRegistry.kernelFor(layer.quantConfig(), layer.outFeatures() / caches.length, layer.columns());
    }

    @Override
    public boolean canShareInputWith(TernaryWeights other) {
        return other instanceof LatentTernary latent && layer.quantConfig().equals(latent.layer.quantConfig())
                && layer.quantStrength() == 1f;
    }

    /** Products of one input with the weights of several layers of one group each, which quantise alike. */
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
        return LinearOps.bitLinear(input, weight.tensor(), bias == null ? null : bias.tensor(), caches[0],
                layer.describeWithPath());
    }
}
