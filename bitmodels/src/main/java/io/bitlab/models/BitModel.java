package io.bitlab.models;

import io.bitlab.core.tensor.Tensor;
import io.bitlab.layers.Layer;

/**
 * A network that can be rebuilt from its configuration, and so be saved and loaded by {@link AutoBitModel}. Everything
 * it learns must be in parameters, see {@link Layer}.
 */
public abstract class BitModel extends Layer {

    /** Makes a model without layers; a subclass declares them. */
    protected BitModel() {
    }

    /**
     * What this model was built from.
     *
     * @return the configuration
     */
    public abstract BitModelConfig<?> config();

    /**
     * An input of the smallest useful shape.
     *
     * @return for instance one row of zeros
     */
    protected abstract Tensor exampleInput();

    /**
     * Runs the forward on a small input until the JVM has compiled it, see {@link Layer#warmUp(Tensor)}: a server calls
     * this before it takes requests.
     *
     * @return this model
     * @throws IllegalStateException in training: call {@link #eval()} first
     */
    public final BitModel warmUp() {
        warmUp(exampleInput());
        return this;
    }
}
