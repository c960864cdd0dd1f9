package io.bitlab.models;

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
}
