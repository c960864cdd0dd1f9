package io.bitlab.core;

import io.bitlab.core.internal.JsonNames;

/**
 * What the weights of a ternary layer are multiplied with.
 */
public enum ActivationDtype {
    /** The float inputs as they are: only the weights are quantised. NaN and infinity pass through. */
    FLOAT32("float32"),
    /** Whole numbers in -127..127 times a scale, so that every sum is exact. NaN and infinity are refused. */
    INT8("int8");

    private final String jsonName;

    ActivationDtype(String jsonName) {
        this.jsonName = jsonName;
    }

    /**
     * The name in configuration files.
     *
     * @return {@code "float32"} or {@code "int8"}
     */
    public String jsonName() {
        return jsonName;
    }

    /**
     * Reads a name from a configuration file.
     *
     * @param name {@code "float32"} or {@code "int8"}
     * @return the constant of that name
     * @throws IllegalArgumentException if there is none; the message says what is allowed
     */
    public static ActivationDtype fromJson(String name) {
        return JsonNames.parse(values(), ActivationDtype::jsonName, "ActivationDtype", name);
    }
}
