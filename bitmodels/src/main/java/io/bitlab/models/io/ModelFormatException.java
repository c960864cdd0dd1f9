package io.bitlab.models.io;

import java.io.IOException;

/**
 * A file, or a piece of one, that breaks its format: a length, offset, shape, code or text that cannot be right. The
 * message names the file, the tensor or field, the value that was found and what was expected. Nothing of such a file
 * has been used.
 */
public final class ModelFormatException extends IOException {

    private static final long serialVersionUID = 1L;

    /** Enough of a name or value to recognise it; a broken file can hold one of a hundred million characters. */
    private static final int QUOTED_CHARACTERS = 100;

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

    /**
     * The text in quotes for a message, shortened when it is long.
     *
     * @param text a name or value from a file
     * @return at most its first 100 characters, and then how many it has
     */
    public static String quote(String text) {
        return text.length() <= QUOTED_CHARACTERS
                ? "'" + text + "'"
                : "'" + text.substring(0, QUOTED_CHARACTERS) + "...' (" + text.length() + " characters)";
    }
}
