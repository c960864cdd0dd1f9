package io.bitlab.layers;

import io.bitlab.core.tensor.Tensor;

/** The rectifier: {@code max(x, 0)}, elementwise. */
public final class ReLU extends Layer {

    /** Makes a rectifier; it has no parameters. */
    public ReLU() {
    }

    @Override
    public Tensor forward(Tensor x) {
        return observed(x.relu());
    }
}
