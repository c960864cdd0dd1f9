package io.bitlab.layers;

import io.bitlab.core.tensor.Tensor;

/**
 * A chain of layers: the output of each is the input of the next. The children's names are 0, 1, 2...
 *
 * {@snippet class="io.bitlab.layers.snippets.LayersSnippets" region="sequential"}
 */
public final class Sequential extends Layer {

    /**
     * Creates a chain.
     *
     * @param layers in the order in which the input passes through them; none for the identity
     */
    public Sequential(Layer... layers) {
        for (int i = 0; i < layers.length; i++) {
            child(Integer.toString(i), layers[i]);
        }
    }

    @Override
    public Tensor forward(Tensor x) {
        Tensor y = x;
        for (Layer layer : children().values()) {
            y = layer.forward(y);
        }
        return observed(y);
    }
}
