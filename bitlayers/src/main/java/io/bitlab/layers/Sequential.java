package io.bitlab.layers;

import io.bitlab.core.tensor.Tensor;

/** Layers one after the other; their names are 0, 1, 2... */
public final class Sequential extends Layer {

    /**
     * A chain of layers.
     *
     * @param layers in the order in which the input passes through them
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
