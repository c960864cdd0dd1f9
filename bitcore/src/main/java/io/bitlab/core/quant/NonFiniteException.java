package io.bitlab.core.quant;

import java.io.Serial;

/** A weight or an input is NaN or infinite, which no integer can represent: bad data, or training that diverged. */
public final class NonFiniteException extends IllegalArgumentException {

    @Serial
    private static final long serialVersionUID = 1;

    /**
     * Creates the exception.
     *
     * @param message which value, where, and what to do
     */
    public NonFiniteException(String message) {
        super(message);
    }
}
