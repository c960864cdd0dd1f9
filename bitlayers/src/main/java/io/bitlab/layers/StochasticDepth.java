package io.bitlab.layers;

import io.bitlab.core.math.CounterRandom;
import io.bitlab.core.ops.DropoutOps;
import io.bitlab.core.tensor.Tensor;

/**
 * Stochastic depth (Huang et al., <i>Deep Networks with Stochastic Depth</i>, 2016), also called drop path: in
 * training, each sample becomes 0 with probability p, and the others are divided by {@code 1 - p}. In evaluation it is
 * the identity. The last layer of a {@link Residual}'s body, it leaves out the body for random samples. Output of the
 * input's shape, {@code [samples, ...]}.
 *
 * {@snippet class="io.bitlab.layers.snippets.VisionSnippets" region="stochasticDepth"}
 *
 * <p>Which samples depends on the seed ({@link #initialize}), the layer's path, and how many numbers were drawn since
 * {@link #beginStep}.
 */
public final class StochasticDepth extends RandomDrop {

    /**
     * Creates a layer.
     *
     * @param probability p, the share of samples that become 0; from 0 to below 1
     * @throws IllegalArgumentException if it is outside that range
     */
    public StochasticDepth(float probability) {
        super(probability, "stochasticDepth");
    }

    @Override
    Tensor drop(Tensor x, CounterRandom numbers) {
        return DropoutOps.dropSamples(x, probability(), numbers);
    }
}
