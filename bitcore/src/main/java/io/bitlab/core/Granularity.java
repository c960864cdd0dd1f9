package io.bitlab.core;

import io.bitlab.core.internal.JsonNames;

/** Which values share one scale. */
public enum Granularity {
    /**
     * One scale for the whole tensor. For activations, the result of a sample then depends on the other samples of its
     * batch, because the largest value of all of them determines the scale.
     */
    PER_TENSOR("per_tensor"),
    /** One scale per row: an output channel of a weight, a sample or token of the activations. */
    PER_CHANNEL("per_channel"),
    /**
     * Activations only: one scale per sample, such as an image or a sequence of tokens, whatever its size. A
     * convolution then rounds each pixel once, and a sample does not depend on the rest of its batch.
     */
    PER_SAMPLE("per_sample");

    private final String jsonName;

    Granularity(String jsonName) {
        this.jsonName = jsonName;
    }

    /**
     * The name in configuration files.
     *
     * @return {@code "per_tensor"}, {@code "per_channel"} or {@code "per_sample"}
     */
    public String jsonName() {
        return jsonName;
    }

    /**
     * The constant with a name from a configuration file.
     *
     * @param name {@code "per_tensor"}, {@code "per_channel"} or {@code "per_sample"}
     * @return the constant of that name
     * @throws IllegalArgumentException if there is none; the message lists the allowed names
     */
    public static Granularity fromJson(String name) {
        return JsonNames.parse(values(), Granularity::jsonName, "Granularity", name);
    }
}
