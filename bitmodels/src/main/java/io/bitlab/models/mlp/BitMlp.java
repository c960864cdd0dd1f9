package io.bitlab.models.mlp;

import io.bitlab.core.tensor.Tensor;
import io.bitlab.layers.BitLinear;
import io.bitlab.layers.Dropout;
import io.bitlab.layers.Initializer;
import io.bitlab.layers.Layer;
import io.bitlab.layers.Linear;
import io.bitlab.layers.RMSNorm;
import io.bitlab.layers.ReLU;
import io.bitlab.models.BitModel;
import java.util.ArrayList;
import java.util.List;

/**
 * A multi-layer perceptron of ternary layers: {@code in -> hidden -> ... -> out}, each hidden layer followed by ReLU
 * and dropout. Input {@code [..., in]}, output logits {@code [..., out]}, without a softmax.
 *
 * {@snippet class="io.bitlab.models.snippets.MlpSnippets" region="model"}
 *
 * <p><b>Thread safety:</b> in evaluation, any number of threads may share a model.
 */
public final class BitMlp extends BitModel {

    private final BitMlpConfig config;
    private final List<Layer> sequence = new ArrayList<>();

    /**
     * Builds the network, in training, not yet initialised.
     *
     * @param config sizes and choices
     */
    public BitMlp(BitMlpConfig config) {
        this.config = config;
        int last = config.nLayers() - 1;
        for (int i = 0; i <= last; i++) {
            int in = i == 0 ? config.inChannels() : config.hiddenDim();
            int out = i == last ? config.outChannels() : config.hiddenDim();
            boolean floatEdge = config.floatEdges() && (i == 0 || i == last);
            if (config.norm() && !floatEdge) {
                add("norm" + i, new RMSNorm(in));
            }
            add("linear" + i, linear(in, out, floatEdge));
            if (i < last) {
                add("relu" + i, new ReLU());
                add("dropout" + i, new Dropout(config.dropout()));
            }
        }
    }

    private void add(String name, Layer layer) {
        sequence.add(child(name, layer));
    }

    private Layer linear(int in, int out, boolean floatEdge) {
        // Kaiming because ReLU follows; for both kinds, so that a float twin starts from the same weights.
        return floatEdge || config.quantConfig() == null
                ? new Linear(in, out, true, Initializer.KAIMING_UNIFORM)
                : BitLinear.builder(in, out).quantConfig(config.quantConfig()).initializer(Initializer.KAIMING_UNIFORM)
                        .build();
    }

    @Override
    public BitMlpConfig config() {
        return config;
    }

    @Override
    public Tensor forward(Tensor x) {
        Tensor y = x;
        for (Layer layer : sequence) {
            y = layer.forward(y);
        }
        return observed(y);
    }

    @Override
    protected Tensor exampleInput() {
        return Tensor.zeros(1, config.inChannels());
    }

    @Override
    protected String describe() {
        return "BitMlp(" + config.inChannels() + " -> " + config.outChannels() + ", " + config.nLayers() + " layers)";
    }
}
