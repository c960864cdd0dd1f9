package io.bitlab.layers;

import io.bitlab.core.ops.Pooling;
import io.bitlab.core.tensor.Tensor;

/**
 * Nearest-neighbour upsampling: each pixel is repeated in both directions. Input {@code [n, channels, height, width]},
 * output {@code [n, channels, height * factor, width * factor]}.
 *
 * {@snippet class="io.bitlab.layers.snippets.LayersSnippets" region="upsample"}
 */
public final class Upsample extends Layer {

    private final int factor;

    /**
     * Creates an upsampling layer.
     *
     * @param factor number of rows and columns that each pixel becomes, at least 1
     * @throws IllegalArgumentException if the factor is less than 1
     */
    public Upsample(int factor) {
        if (factor < 1) {
            throw new IllegalArgumentException("Upsample: factor is " + factor + ", expected at least 1");
        }
        this.factor = factor;
    }

    @Override
    public Tensor forward(Tensor x) {
        return observed(Pooling.upsample(x, factor, describeWithPath()));
    }

    @Override
    protected String describe() {
        return "Upsample(" + factor + ")";
    }
}
