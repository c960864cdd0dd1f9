package io.bitlab.layers;

import io.bitlab.core.ops.Pointwise;
import io.bitlab.core.tensor.Tensor;

/**
 * The squared rectified linear unit {@code y = max(x, 0)²} (So et al., <i>Primer</i>, 2021; used by BitNet b1.58 2B4T),
 * elementwise. Output of the input's shape.
 *
 * {@snippet class="io.bitlab.layers.snippets.LayersSnippets" region="squaredRelu"}
 */
public final class SquaredReLU extends Layer {

    /** Creates an activation; it has no parameters. */
    public SquaredReLU() {
    }

    @Override
    public Tensor forward(Tensor x) {
        return observed(Pointwise.squaredRelu(x));
    }
}
