package io.bitlab.layers;

import io.bitlab.core.math.CounterRandom;
import io.bitlab.core.tensor.Tensor;

/**
 * A layer that sets random parts of its input to 0 in training, and scales the others: what {@link Dropout} and
 * {@link StochasticDepth} have in common. In evaluation it is the identity.
 */
abstract sealed class RandomDrop extends Layer permits Dropout, StochasticDepth {

    private final float probability;
    private final String stream; // the name of its random numbers: part of what a seed means
    private CounterRandom random;

    RandomDrop(float probability, String stream) {
        if (!(probability >= 0f && probability < 1f)) {
            throw new IllegalArgumentException(getClass().getSimpleName() + ": probability " + probability
                    + " is not in [0, 1)");
        }
        this.probability = probability;
        this.stream = stream;
    }

    /** Drops parts of the input. */
    abstract Tensor drop(Tensor x, CounterRandom numbers);

    /**
     * The probability that a part becomes 0 in training: an element, or a sample.
     *
     * @return p, from 0 to below 1; a layer with 0 draws no random numbers
     */
    public final float probability() {
        return probability;
    }

    @Override
    public final Tensor forward(Tensor x) {
        if (mode() != Mode.TRAIN || probability == 0f) {
            return observed(x);
        }
        requireRandom();
        return observed(drop(x, random));
    }

    private void requireRandom() {
        if (random == null) {
            onInitialize(0, path());
        }
    }

    /** Each step has its own range of 2^36 numbers. */
    @Override
    protected final void onBeginStep(long step) {
        requireRandom();
        random.seek(step << 36);
    }

    @Override
    protected final void onInitialize(long seed, String path) {
        random = new CounterRandom(seed, CounterRandom.stream(LayerNode.join(path, stream)));
    }

    @Override
    protected final String describe() {
        return getClass().getSimpleName() + "(" + probability + ")";
    }
}
