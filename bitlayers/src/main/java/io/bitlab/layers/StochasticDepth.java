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
public final class StochasticDepth extends Layer {

    private final float probability;
    private CounterRandom random;

    /**
     * Creates a layer.
     *
     * @param probability p, the share of samples that become 0; from 0 to below 1
     * @throws IllegalArgumentException if it is outside that range
     */
    public StochasticDepth(float probability) {
        if (!(probability >= 0f && probability < 1f)) {
            throw new IllegalArgumentException("StochasticDepth: probability " + probability + " is not in [0, 1)");
        }
        this.probability = probability;
    }

    /**
     * The probability that a sample becomes 0 in training.
     *
     * @return p, from 0 to below 1; a layer with 0 draws no random numbers
     */
    public float probability() {
        return probability;
    }

    @Override
    public Tensor forward(Tensor x) {
        if (mode() != Mode.TRAIN || probability == 0f) {
            return observed(x);
        }
        requireRandom();
        return observed(DropoutOps.dropSamples(x, probability, random));
    }

    private void requireRandom() {
        if (random == null) {
            onInitialize(0, path());
        }
    }

    /** Each step has its own range of 2^36 numbers. */
    @Override
    protected void onBeginStep(long step) {
        requireRandom();
        random.seek(step << 36);
    }

    @Override
    protected void onInitialize(long seed, String path) {
        random = new CounterRandom(seed, CounterRandom.stream(LayerNode.join(path, "stochasticDepth")));
    }

    @Override
    protected String describe() {
        return "StochasticDepth(" + probability + ")";
    }
}
