package io.bitlab.layers;

import io.bitlab.core.ops.Pointwise;
import io.bitlab.core.tensor.Tensor;

/**
 * The sigmoid-weighted linear unit, also called swish (Elfwing et al., 2018): {@code x / (1 + exp(-x))}, elementwise.
 *
 */
public final class SiLU extends Layer {

    /** Makes an activation; it has no parameters. */
    public SiLU() {
    }

    @Override
    public Tensor forward(Tensor x) {
        return observed(Pointwise.silu(x));
    }
}
