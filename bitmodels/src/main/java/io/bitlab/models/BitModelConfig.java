package io.bitlab.models;

import java.util.Map;

/**
 * The sizes and choices from which a model is built, usually a record. Immutable, and readable and writable as JSON.
 *
 * @param <M> the kind of model that it describes
 */
public interface BitModelConfig<M extends BitModel> {

    /**
     * The kind of model.
     *
     * @return the value of {@code model_type} in JSON, by which {@link BitModelType} is found
     */
    String modelType();

    /**
     * This configuration as JSON, which {@link BitModelType#readConfig} reads back.
     *
     * @return a new map of member by name, without {@code model_type}, in a fixed order
     */
    Map<String, Object> toMap();

    /**
     * Builds a model of this configuration.
     *
     * @return a new model in training, not yet initialised
     */
    M newModel();
}
