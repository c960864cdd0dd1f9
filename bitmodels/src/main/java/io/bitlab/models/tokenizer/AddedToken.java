package io.bitlab.models.tokenizer;

/**
 * A token that is matched in the text as a whole, before pretokenization and merges; one of the {@code added_tokens} of
 * a {@code tokenizer.json}.
 *
 * @param text its spelling; not empty
 * @param special whether it decodes to no text and is matched only in trusted text
 * @param singleWord whether it must not touch a word character ({@code single_word})
 * @param leftStrip whether it includes the white space before it ({@code lstrip})
 * @param rightStrip whether it includes the white space after it ({@code rstrip})
 * @param normalized whether it is normalised itself, and matched in normalised text
 */
record AddedToken(String text, boolean special, boolean singleWord, boolean leftStrip, boolean rightStrip,
        boolean normalized) {

    AddedToken {
        if (text.isEmpty()) {
            throw new IllegalArgumentException("an added token is empty, expected some text");
        }
    }

    static AddedToken special(String text) {
        return new AddedToken(text, true, false, false, false, false);
    }

    static AddedToken userDefined(String text) {
        return new AddedToken(text, false, false, false, false, false);
    }

    AddedToken asSpecial() {
        return new AddedToken(text, true, singleWord, leftStrip, rightStrip, normalized);
    }

    AddedToken withRightStrip() {
        return new AddedToken(text, special, singleWord, leftStrip, true, normalized);
    }

    /** Whether it is matched wherever it is spelt out, without its surroundings. */
    boolean isPlain() {
        return !singleWord && !leftStrip && !rightStrip;
    }
}
