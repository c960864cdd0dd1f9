package io.bitlab.core.internal;

import java.util.Arrays;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Reads enum constants by the names that they have in JSON files. */
public final class JsonNames {

    private JsonNames() {
    }

    /**
     * Finds the constant that a JSON value names.
     *
     * @param <E> type of the constants
     * @param constants all constants
     * @param jsonName the name of a constant in JSON
     * @param what what is read; opens the message
     * @param value the value as read from the file; anything but a string is refused
     * @return the constant of that name
     * @throws IllegalArgumentException if no constant has that name; the message lists the names
     */
    public static <E> E parse(E[] constants, Function<E, String> jsonName, String what, Object value) {
        for (E constant : constants) {
            if (jsonName.apply(constant).equals(value)) {
                return constant;
            }
        }
        String allowed = Arrays.stream(constants)
                .map(constant -> '"' + jsonName.apply(constant) + '"')
                .collect(Collectors.joining(" or "));
        throw new IllegalArgumentException(what + " is " + show(value) + ", expected " + allowed);
    }

    private static String show(Object value) {
        if (value instanceof String s) {
            return '"' + s + '"';
        }
        return value == null ? "null" : value + " (" + value.getClass().getSimpleName() + ")";
    }
}
