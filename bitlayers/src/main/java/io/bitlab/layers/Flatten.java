package io.bitlab.layers;

import io.bitlab.core.tensor.Tensor;

/** Each sample as one row: {@code [n, ...]} to {@code [n, product of the rest]}. */
public final class Flatten extends Layer {

    /** Makes a layer; it has no parameters. */
    public Flatten() {
    }

    @Override
    public Tensor forward(Tensor x) {
        if (x.rank() == 0) {
            throw new IllegalArgumentException(described() + ": input is a scalar (rank 0), expected shape [n, ...]");
        }
        return observed(x.reshape(x.length(0), -1));
    }
}
