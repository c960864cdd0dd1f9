package io.bitlab.layers;

import io.bitlab.core.tensor.Tensor;

/**
 * The rectified linear unit {@code y = max(x, 0)}, elementwise. Output of the input's shape.
 *
 * {@snippet class="io.bitlab.layers.snippets.LayersSnippets" region="relu"}
 */
public final class ReLU extends Layer {

    /** Creates an activation; it has no parameters. */
    public ReLU() {
    }

    @Override
    public Tensor forward(Tensor x) {
        return observed(x.relu());
    }
}
