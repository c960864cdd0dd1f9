package io.bitlab.core;

import io.bitlab.core.internal.JsonNames;

/** The type of the inputs that the weights of a ternary layer multiply. */
public enum ActivationDtype {
    /** Float inputs, unchanged: only the weights are quantised. NaN and infinity propagate. */
    FLOAT32("float32"),
    /** Integers from -127 to 127 times a scale, so that every sum is exact. NaN and infinity are refused. */
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
     * The constant with a name from a configuration file.
     *
     * @param name {@code "float32"} or {@code "int8"}
     * @return the constant of that name
     * @throws IllegalArgumentException if there is none; the message lists the allowed names
     */
    public static ActivationDtype fromJson(String name) {
        return JsonNames.parse(values(), ActivationDtype::jsonName, "ActivationDtype", name);
    }
}
