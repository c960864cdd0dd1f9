package io.bitlab.core.quant;

/** The inputs of a ternary multiplication: a row-major matrix, one row a sample or token. */
public sealed interface Activations permits QuantizedActivations, FloatActivations {
    /**
     * How many samples or tokens there are.
     *
     * @return at least 1
     */
    int rows();

    /**
     * How many features each row has.
     *
     * @return at least 1
     */
    int columns();
}
