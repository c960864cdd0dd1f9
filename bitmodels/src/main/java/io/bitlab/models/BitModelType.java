package io.bitlab.models;

import java.util.Map;

/**
 * A kind of model that {@link AutoBitModel} can load. Implementations register through {@link java.util.ServiceLoader}:
 * name the class in {@code META-INF/services/io.bitlab.models.BitModelType}, or in the module descriptor.
 *
 * <p>The class loader that has this library and the context class loader of the calling thread are searched. The
 * library's own kinds are always found, and no other class can take their names.
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
