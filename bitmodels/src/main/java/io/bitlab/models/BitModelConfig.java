package io.bitlab.models;

import java.util.Map;

/**
 * What a model is built from: a record of numbers and choices that can be written as JSON. Immutable.
 *
 * @param <M> the kind of model that it describes
 */
public interface BitModelConfig<M extends BitModel> {

    /**
     * The kind of model, as in the JSON member {@code model_type}.
     *
     * @return the name under which its {@link BitModelType} is registered
     */
    String modelType();

    /**
     * The configuration as JSON.
     *
     * @return member by name, without {@code model_type}; {@link BitModelType#readConfig} reads it back
     */
    Map<String, Object> toMap();

    /**
     * Builds a model of this configuration.
     *
     * @return a new model in training, not yet initialised
     */
    M newModel();
}
