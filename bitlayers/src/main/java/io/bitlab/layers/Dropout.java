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
public final class Dropout extends Layer {

    private final float probability;
    private CounterRandom random;

    /**
     * Creates a dropout layer.
     *
     * @param probability p, the share of elements that become 0; from 0 to below 1
     * @throws IllegalArgumentException if it is outside that range
     */
    public Dropout(float probability) {
        if (!(probability >= 0f && probability < 1f)) {
            throw new IllegalArgumentException("Dropout: probability " + probability + " is not in [0, 1)");
        }
        this.probability = probability;
    }

    /**
     * The probability that an element becomes 0 in training.
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
        return observed(DropoutOps.dropout(x, probability, random));
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
        random = new CounterRandom(seed, CounterRandom.stream(LayerNode.join(path, "dropout")));
    }

    @Override
    protected String describe() {
        return "Dropout(" + probability + ")";
    }
}
