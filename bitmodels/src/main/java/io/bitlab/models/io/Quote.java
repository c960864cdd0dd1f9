package io.bitlab.models.io;

import java.util.List;
import java.util.Map;

/** Text in messages. */
public final class Quote {

    private static final int CHARACTERS = 60;

    private Quote() {}

    /** Any value, a string in quotes; shortened, for a broken file can hold very long ones. */
    public static String value(Object value) {
        String text = switch (value) {
            case null -> "null";
            case String string -> string;
            case Number number -> number.toString();
            case Boolean flag -> flag.toString();
            case Map<?, ?> _ -> "a JSON object";
            case List<?> _ -> "a list";
            default -> "a " + value.getClass().getSimpleName();
        };
        String shown = text.length() <= CHARACTERS
                ? text
                : text.substring(0, CHARACTERS) + "... (" + text.length() + " characters)";
        return value instanceof String ? "'" + shown + "'" : shown;
    }

    /** A character and its number, for it may be invisible. */
    public static String character(int codePoint) {
        String number = "U+%04X".formatted(codePoint);
        return Character.isISOControl(codePoint) ? number : "'" + Character.toString(codePoint) + "' (" + number + ")";
    }
}
