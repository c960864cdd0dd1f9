package io.bitlab.layers;

import io.bitlab.core.math.CounterRandom;
import io.bitlab.core.ops.DropoutOps;
import io.bitlab.core.tensor.Tensor;

/**
 * Dropout (Srivastava et al., 2014): in training, each element becomes 0 with a probability p and the others are
 * divided by {@code 1 - p}; otherwise the identity. The masks follow from seed, path and how many numbers were drawn
 * before.
 */
public final class Dropout extends Layer {

    private final float probability;
    private CounterRandom random;

    /**
     * A dropout layer.
     *
     * @param probability of an element to become 0, from 0 to below 1
     */
    public Dropout(float probability) {
        if (!(probability >= 0f && probability < 1f)) {
            throw new IllegalArgumentException("Dropout: probability " + probability + " is not in [0, 1)");
        }
        this.probability = probability;
    }

    /**
     * How often an element becomes 0 in training.
     *
     * @return p, from 0 to below 1; a layer with 0 draws nothing
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

    /** A step has room for 2^36 numbers. */
    @Override
    protected void onBeginStep(long step) {
        requireRandom();
        random.seek(step << 36);
    }

    @Override
    protected void onInitialize(long seed, String path) {
        random = new CounterRandom(seed, CounterRandom.stream(join(path, "dropout")));
    }

    @Override
    protected String describe() {
        return "Dropout(" + probability + ")";
    }
}
