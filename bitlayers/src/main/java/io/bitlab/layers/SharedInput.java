package io.bitlab.layers;

import io.bitlab.core.tensor.Tensor;
import java.util.Arrays;

/** The forward of several layers that read the same input, which is quantised once if all are ternary and alike. */
final class SharedInput {

    private SharedInput() {
    }

    static Tensor[] forwardAll(Tensor x, Layer... layers) {
        TernaryWeights[] weights = new TernaryWeights[layers.length];
        for (int i = 0; i < layers.length; i++) {
            // what a field of a converted network holds
            Layer current = layers[i] instanceof FloatLayer converted ? converted.current() : layers[i];
            if (!(current instanceof BitLinear layer)) {
                return forwardEach(x, layers);
            }
            weights[i] = layer.weights();
            if (!weights[i].canShareInputWith(weights[0])) {
                return forwardEach(x, layers);
            }
        }
        Tensor[] outputs = weights[0] instanceof PackedTernary
                ? PackedTernary.multiplyAll(x, Arrays.copyOf(weights, weights.length, PackedTernary[].class))
                : LatentTernary.multiplyAll(x, Arrays.copyOf(weights, weights.length, LatentTernary[].class));
        for (int i = 0; i < layers.length; i++) {
            if (layers[i] instanceof FloatLayer converted) {
                converted.current().observed(outputs[i]);
            }
            layers[i].observed(outputs[i]);
        }
        return outputs;
    }

    private static Tensor[] forwardEach(Tensor x, Layer... layers) {
        return Arrays.stream(layers).map(layer -> layer.forward(x)).toArray(Tensor[]::new);
    }
}
