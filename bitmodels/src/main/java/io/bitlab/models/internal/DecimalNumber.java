package io.bitlab.models.internal;

import java.util.regex.Pattern;

/** Decimal numbers in text, in the one notation that does not depend on a locale: {@code -1.5e3}. */
public final class DecimalNumber {

    /** Possessive, so that a long damaged cell costs no more than its length. */
    private static final Pattern DECIMAL =
            Pattern.compile("[+-]?([0-9]++\\.?[0-9]*+|\\.[0-9]++)([eE][+-]?[0-9]++)?");

    private DecimalNumber() {
    }

    /**
     * Whether a text is a decimal number. Java's own parsers also take hexadecimal numbers, NaN, Infinity, and a type
     * at the end.
     *
     * @param text any text, without white space around it
     * @return true for digits with or without sign, point and exponent
     */
    public static boolean isDecimal(String text) {
        return DECIMAL.matcher(text).matches();
    }
}
