package io.bitlab.layers;

import io.bitlab.core.tensor.Tensor;

/**
 * Flattens each sample into one row. Input {@code [n, ...]}, output {@code [n, product of the other axes]}.
 *
 * {@snippet class="io.bitlab.layers.snippets.LayersSnippets" region="flatten"}
 */
public final class Flatten extends Layer {

    /** Creates a layer; it has no parameters. */
    public Flatten() {
    }

    @Override
    public Tensor forward(Tensor x) {
        if (x.rank() == 0) {
            throw new IllegalArgumentException(
                    describeWithPath() + ": input is a scalar (rank 0), expected shape [n, ...]");
        }
        return observed(x.reshape(x.length(0), -1));
    }
}
