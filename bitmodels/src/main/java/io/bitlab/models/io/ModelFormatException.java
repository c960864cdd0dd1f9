package io.bitlab.models.io;

import java.io.IOException;

/**
 * Signals a file that violates its format: a length, offset, shape, code or text is wrong. The message names the file,
 * the tensor or field, the value that was found and what was expected. Nothing from the file has been used.
 */
public final class ModelFormatException extends IOException {

    private static final long serialVersionUID = 1L;

    /**
     * Creates an exception with the message {@code source: problem}.
     *
     * @param source what was read, usually the path of a file
     * @param problem what is wrong with it: the tensor or field, the value and what was expected
     */
    public ModelFormatException(String source, String problem) {
        super(source + ": " + problem);
    }

    /**
     * Creates an exception with the message {@code source: problem}.
     *
     * @param source what was read, usually the path of a file
     * @param problem what is wrong with it: the tensor or field, the value and what was expected
     * @param cause the failure that showed it
     */
    public ModelFormatException(String source, String problem, Throwable cause) {
        super(source + ": " + problem, cause);
    }
}
