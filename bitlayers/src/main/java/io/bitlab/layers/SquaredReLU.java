package io.bitlab.layers;

import io.bitlab.core.ops.Pointwise;
import io.bitlab.core.tensor.Tensor;

/** The squared rectifier (So et al., <i>Primer</i>, 2021; used by BitNet b1.58): {@code max(x, 0)²}, elementwise. */
public final class SquaredReLU extends Layer {

    /** Makes an activation; it has no parameters. */
    public SquaredReLU() {
    }

    @Override
    public Tensor forward(Tensor x) {
        return observed(Pointwise.squaredRelu(x));
    }
}
