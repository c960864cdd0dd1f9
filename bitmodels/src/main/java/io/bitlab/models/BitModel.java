package io.bitlab.models;

import io.bitlab.core.tensor.Tensor;
import io.bitlab.layers.Layer;

/**
 * A network that can be rebuilt from its configuration, so that {@link AutoBitModel} can save and load it. Everything
 * it learns must be in parameters, see {@link Layer}.
 *
 * <p><b>Thread safety:</b> as for {@link Layer}: any number of threads may share a model in evaluation.
 */
public abstract class BitModel extends Layer {

    /** Creates a model without layers; the subclass adds them with {@link #child}. */
    protected BitModel() {
    }

    /**
     * The configuration from which this model was built.
     *
     * @return the configuration
     */
    public abstract BitModelConfig<?> config();

    /**
     * A small input for {@link #warmUp()}.
     *
     * @return an input of the smallest useful shape, for instance one row of zeros
     */
    protected abstract Tensor exampleInput();

    /**
     * Runs the model on a small input until the JVM has compiled it, see {@link Layer#warmUp(Tensor)}. A server calls
     * this before it accepts requests.
     *
     * @return this model
     * @throws IllegalStateException in training: call {@link #eval()} first
     */
    public final BitModel warmUp() {
        warmUp(exampleInput());
        return this;
    }
}
