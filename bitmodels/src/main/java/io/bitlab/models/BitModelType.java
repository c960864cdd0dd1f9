package io.bitlab.models;

import java.util.Map;

/**
 * A kind of model that {@link AutoBitModel} can load. Implementations register through {@link java.util.ServiceLoader}:
 * name the class in {@code META-INF/services/io.bitlab.models.BitModelType}, or in the module descriptor.
 */
public interface BitModelType {

    /**
     * The name of this kind.
     *
     * @return the value of {@code model_type} in its configurations
     */
    String modelType();

    /**
     * Reads a configuration.
     *
     * @param json member by name, without {@code model_type}; not modified
     * @return the configuration
     * @throws IllegalArgumentException if a member is unknown, missing or has a value that is not allowed
     */
    BitModelConfig<?> readConfig(Map<String, ?> json);
}
