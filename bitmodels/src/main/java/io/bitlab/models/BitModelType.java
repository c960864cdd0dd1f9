package io.bitlab.models;

import java.util.Map;

/**
 * A kind of model that {@link AutoBitModel} can load. Implementations register through {@link java.util.ServiceLoader}:
 * name the class in {@code META-INF/services/io.bitlab.models.BitModelType}, or in the module descriptor.
 *
 * <p>They are looked for through the class loader that has this library, and through the context class loader of the
 * calling thread. The library's own kinds need neither, and nothing else can take their names.
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
