package io.bitlab.core.embedding;

import io.bitlab.core.internal.JsonNames;

/**
 * How a float matrix that is not ternary, such as the embedding and the output head of a language model, is kept in
 * memory once it no longer changes.
 *
 * <p>Multiplying one row of activations with a large table costs the time to read it, so half the bits are half the
 * time.
 */
public enum EmbeddingFormat {
    /** The floats themselves: nothing is lost. */
    FLOAT32("float32", 32),
    /** The upper half of each float, rounded to nearest even: exact for published checkpoints in bfloat16. */
    BFLOAT16("bfloat16", 16),
    /** Whole numbers from -127 to 127 and one scale a row: an error of at most 0.4 % of the row's largest value. */
    INT8("int8", 8),
    /**
     * Sixteen levels spaced for normally distributed values, and one scale for every 64 of a row (NormalFloat, Dettmers
     * et al., <i>QLoRA</i>, 2023): 4.5 bits a value, an error of about 9 % of the values' standard deviation.
     */
    NF4("nf4", 4.5);

    private final String jsonName;
    private final double bits;

    EmbeddingFormat(String jsonName, double bits) {
        this.jsonName = jsonName;
        this.bits = bits;
    }

    /**
     * The name in configuration files.
     *
     * @return such as {@code "int8"}
     */
    public String jsonName() {
        return jsonName;
    }

    /**
     * Memory of one value.
     *
     * @return bits, without the scale of a row
     */
    public double bits() {
        return bits;
    }

    /**
     * Finds a format by its name in a configuration file.
     *
     * @param value the name
     * @return the format
     * @throws IllegalArgumentException if there is none of that name
     */
    public static EmbeddingFormat parse(Object value) {
        return JsonNames.parse(values(), EmbeddingFormat::jsonName, "table format", value);
    }
}
