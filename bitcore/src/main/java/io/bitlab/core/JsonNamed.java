package io.bitlab.core;

import java.util.Arrays;
import java.util.stream.Collectors;

/** A constant that has a name of its own in JSON files. */
public interface JsonNamed {
    /** The name in JSON, in lower case with underscores. */
    String jsonName();

    /**
     * Finds the constant that a JSON value names.
     *
     * @param what what is read, for the message
     * @param value the value as it stood in the file; anything but a string is refused
     * @throws IllegalArgumentException if no constant has that name
     */
    static <E extends JsonNamed> E parse(E[] constants, String what, Object value) {
        for (E constant : constants) {
            if (constant.jsonName().equals(value)) {
                return constant;
            }
        }
        String allowed =
                Arrays.stream(constants).map(c -> '"' + c.jsonName() + '"').collect(Collectors.joining(" or "));
        throw new IllegalArgumentException(what + " is " + show(value) + ", expected " + allowed);
    }

    private static String show(Object value) {
        if (value instanceof String s) {
            return '"' + s + '"';
        }
        return value == null ? "null" : value + " (" + value.getClass().getSimpleName() + ")";
    }
}
