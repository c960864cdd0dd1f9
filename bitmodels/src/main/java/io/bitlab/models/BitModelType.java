package io.bitlab.models;

import java.util.Map;

/**
 * A kind of model that {@link AutoBitModel} can load. Register an implementation for {@link java.util.ServiceLoader}:
 * name its class in {@code META-INF/services/io.bitlab.models.BitModelType}, or in the module descriptor.
 *
 * <p>It is found through the class loader of this library and the context class loader of the calling thread. The
 * library's own kinds are always found, and no other class can take their names.
 */
public interface BitModelType {

    /**
     * The name of this kind of model.
     *
     * @return the value of {@code model_type} in its configurations
     */
    String modelType();

    /**
     * Reads a configuration.
     *
     * @param json member by name, without {@code model_type}; not modified
     * @return the configuration
     * @throws IllegalArgumentException if a member is unknown, missing or has a value that is not allowed; see
     *     {@link io.bitlab.models.io.JsonObject} for messages that name it
     */
    BitModelConfig<?> readConfig(Map<String, ?> json);
}
