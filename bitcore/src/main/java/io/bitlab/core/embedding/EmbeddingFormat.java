package io.bitlab.core.embedding;

import io.bitlab.core.internal.JsonNames;
import java.util.List;
import java.util.stream.Stream;

/**
 * Storage format of an embedding and an output head, the float matrices of a language model that are not ternary: in
 * memory once they no longer change (see {@link EmbeddingTable}), and in files.
 *
 * <p>Multiplying one row of activations with a large table takes as long as reading the table from memory, so half the
 * bits take half the time.
 *
 * {@snippet class="io.bitlab.core.snippets.EmbeddingSnippets" region="format"}
 */
public enum EmbeddingFormat {
    /** The floats themselves, exact. */
    FLOAT32("float32", 32),
    /** The upper half of each float, rounded to nearest even: exact for published checkpoints in bfloat16. */
    BFLOAT16("bfloat16", 16),
    /**
     * IEEE 754 binary16, for exported GGUF and Hugging Face files only. Layers and BitLab folders refuse it: BFLOAT16
     * takes the same memory.
     */
    FLOAT16("float16", 16),
    /**
     * Integers from -127 to 127 with one scale per row: an error of at most 0.4 % of the row's largest value. Exported
     * GGUF files use their own eight-bit format, Q8_0, with one scale per 32 values.
     */
    INT8("int8", 8),
    /**
     * Sixteen levels spaced for normally distributed values, with one scale per 64 values of a row (NormalFloat,
     * Dettmers et al., <i>QLoRA</i>, 2023): 4.5 bits per value, an error of about 9 % of the values' standard
     * deviation.
     */
    NF4("nf4", 4.5);

    private static final List<EmbeddingFormat> IN_MEMORY =
            Stream.of(values()).filter(format -> format != FLOAT16).toList();

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
     * Memory per value.
     *
     * @return bits, including the scales of NF4 but not the one of an INT8 row
     */
    public double bits() {
        return bits;
    }

    /**
     * The formats that layers and BitLab folders support.
     *
     * @return all but {@link #FLOAT16}; unmodifiable
     */
    public static List<EmbeddingFormat> inMemory() {
        return IN_MEMORY;
    }

    /**
     * Refuses {@link #FLOAT16}, which only exported files can have.
     *
     * @param operation what needs a format that layers support; opens the message
     * @return this format
     * @throws IllegalArgumentException if this is FLOAT16
     */
    public EmbeddingFormat requireInMemory(String operation) {
        if (this == FLOAT16) {
            throw new IllegalArgumentException(operation + ": the embedding format is FLOAT16, which only exported "
                    + "files can have, expected one of " + IN_MEMORY + "; BFLOAT16 takes the same memory");
        }
        return this;
    }

    /**
     * Finds a format by its name in a configuration file.
     *
     * @param value the name
     * @return the format; never {@link #FLOAT16}
     * @throws IllegalArgumentException if no format that layers support has that name
     */
    public static EmbeddingFormat parse(Object value) {
        return JsonNames.parse(IN_MEMORY.toArray(EmbeddingFormat[]::new), EmbeddingFormat::jsonName,
                "embedding format", value);
    }
}
