package io.bitlab.layers;

import io.bitlab.core.math.CounterRandom;
import io.bitlab.core.ops.DropoutOps;
import io.bitlab.core.tensor.Tensor;

/**
 * Dropout (Srivastava et al., 2014): in training, each element becomes 0 with probability p, and the others are divided
 * by {@code 1 - p}. In evaluation it is the identity. Output of the input's shape.
 *
 * {@snippet class="io.bitlab.layers.snippets.LayersSnippets" region="dropout"}
 *
 * <p>The masks depend on the seed ({@link #initialize}), the layer's path, and how many numbers were drawn since
 * {@link #beginStep}.
 */
public final class Dropout extends RandomDrop {

    /**
     * Creates a dropout layer.
     *
     * @param probability p, the share of elements that become 0; from 0 to below 1
     * @throws IllegalArgumentException if it is outside that range
     */
    public Dropout(float probability) {
        super(probability, "dropout");
    }

    @Override
    Tensor drop(Tensor x, CounterRandom numbers) {
        return DropoutOps.dropout(x, probability(), numbers);
    }
}
