package io.bitlab.layers;

import io.bitlab.core.ops.Pointwise;
import io.bitlab.core.tensor.Tensor;

/**
 * The sigmoid linear unit {@code y = x / (1 + exp(-x))}, also called swish (Elfwing et al., <i>Sigmoid-Weighted Linear
 * Units</i>, 2018), elementwise. Output of the input's shape.
 *
 * {@snippet class="io.bitlab.layers.snippets.LayersSnippets" region="silu"}
 */
public final class SiLU extends Layer {

    /** Creates an activation; it has no parameters. */
    public SiLU() {
    }

    @Override
    public Tensor forward(Tensor x) {
        return observed(Pointwise.silu(x));
    }
}
