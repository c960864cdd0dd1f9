package io.bitlab.core.quant;

/** The input of a ternary multiplication: a row-major matrix {@code [rows, columns]}, one row a sample or token. */
public sealed interface Activations permits QuantizedActivations, QuantizedPatches, FloatActivations {
    /**
     * The number of samples or tokens.
     *
     * @return at least 1
     */
    int rows();

    /**
     * The number of features of each row.
     *
     * @return at least 1
     */
    int columns();
}
