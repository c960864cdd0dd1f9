package io.bitlab.layers;

import io.bitlab.core.ops.Pooling;
import io.bitlab.core.tensor.Tensor;

/**
 * Nearest-neighbour enlargement: {@code [n, channels, height, width]} to
 * {@code [n, channels, height * factor, width * factor]}.
 */
public final class Upsample extends Layer {

    private final int factor;

    /**
     * An enlargement.
     *
     * @param factor how many rows and columns each pixel becomes, at least 1
     */
    public Upsample(int factor) {
        if (factor < 1) {
            throw new IllegalArgumentException("Upsample: factor is " + factor + ", expected at least 1");
        }
        this.factor = factor;
    }

    @Override
    public Tensor forward(Tensor x) {
        return observed(Pooling.upsample(x, factor, described()));
    }

    @Override
    protected String describe() {
        return "Upsample(" + factor + ")";
    }
}
