package io.bitlab.models.internal;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.StringJoiner;

/** Shows values that come from files in messages: recognisable, and never long. */
public final class Quote {

    /** Enough to recognise a value; a damaged file can hold a string of a hundred million characters. */
    private static final int MAX_CHARACTERS = 100;

    /** Lists of sizes, pairs of tokens. */
    private static final int MAX_ELEMENTS = 8;

    private Quote() {}

    /**
     * Shows any value.
     *
     * @param value a string, number, boolean, list or map, or null
     * @return strings in quotes and at most their first 100 characters; short lists with their elements; of other lists
     *     and of objects only what they are
     */
    public static String value(Object value) {
        return switch (value) {
            case null -> "null";
            case String text -> "'" + shortened(text, "...' (", "'");
            case Number number -> shortened(number.toString(), "... (", "");
            case Boolean flag -> flag.toString();
            case Map<?, ?> _ -> "a JSON object";
            case List<?> list -> list(list);
            default -> "a " + value.getClass().getSimpleName();
        };
    }

    private static String shortened(String text, String cut, String end) {
        return text.length() <= MAX_CHARACTERS
                ? visible(text) + end
                : visible(text.substring(0, MAX_CHARACTERS)) + cut + text.length() + " characters)";
    }

    /**
     * Shows a text from a file on a terminal, which control characters could drive.
     *
     * @param text any text
     * @return the same with control characters and invisible ones, such as a byte-order mark, escaped
     */
    public static String visible(String text) {
        if (text.codePoints().noneMatch(Quote::isInvisible)) {
            return text;
        }
        StringBuilder shown = new StringBuilder();
        text.codePoints().forEach(c -> {
            if (isInvisible(c)) {
                shown.append(String.format(Locale.ROOT, "\\u%04x", c));
            } else {
                shown.appendCodePoint(c);
            }
        });
        return shown.toString();
    }

    private static boolean isInvisible(int codePoint) {
        return Character.isISOControl(codePoint) || Character.getType(codePoint) == Character.FORMAT;
    }

    private static String list(List<?> list) {
        if (list.size() > MAX_ELEMENTS) {
            return "a list of " + list.size() + " elements";
        }
        StringJoiner elements = new StringJoiner(", ", "[", "]");
        for (Object element : list) {
            // not what is in it: lists nest as deeply as the file likes
            elements.add(element instanceof List ? "a list" : value(element));
        }
        return elements.toString();
    }

    /**
     * Shows names.
     *
     * @param names any number of names
     * @return the first 8 in quotes, and how many more there are
     */
    public static String names(List<String> names) {
        int more = names.size() - MAX_ELEMENTS;
        return more <= 0 ? list(names) : list(names.subList(0, MAX_ELEMENTS)) + " and " + more + " more";
    }

    /**
     * Shows a character with its number, since it may be invisible.
     *
     * @param codePoint any code point
     * @return for instance {@code 'a' (U+0061)}; only the number for control characters
     */
    public static String character(int codePoint) {
        String number = "U+%04X".formatted(codePoint);
        return Character.isISOControl(codePoint) ? number : "'" + Character.toString(codePoint) + "' (" + number + ")";
    }
}
