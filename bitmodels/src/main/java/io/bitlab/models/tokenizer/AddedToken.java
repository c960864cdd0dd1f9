package io.bitlab.models.tokenizer;

/**
 * A token that is found in a text as it is written, before anything else is done with the text.
 *
 * @param text how it is written; not empty
 * @param special whether it stands for no text, and is found only where text is trusted
 * @param singleWord whether it must not touch letters, digits and the like
 * @param leftStrip whether white space before it belongs to it
 * @param rightStrip whether white space after it belongs to it
 * @param normalized whether it is looked for in normalized text, normalized itself
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

    /** Whether it is found wherever it is written, and nothing but it. */
    boolean isPlain() {
        return !singleWord && !leftStrip && !rightStrip;
    }
}
