package io.bitlab.models.tokenizer.regex;

/** A condition on a position between two characters of a text, as Oniguruma defines it for Ruby's syntax. */
enum Boundary {

    /** {@code \A}. */
    TEXT_START,
    /** {@code \z}. */
    TEXT_END,
    /** {@code \Z}: the end of the text, or before a line feed that ends it. */
    LAST_LINE_END,
    /** {@code ^}. */
    LINE_START,
    /** {@code $}. */
    LINE_END,
    /** {@code \b}. */
    WORD_BOUNDARY,
    /** {@code \B}. */
    NOT_WORD_BOUNDARY;

    boolean matches(char[] text, int at) {
        boolean atEnd = at == text.length;
        return switch (this) {
            case TEXT_START -> at == 0;
            case TEXT_END -> atEnd;
            case LAST_LINE_END -> atEnd || at == text.length - 1 && text[at] == '\n';
            case LINE_START -> at == 0 || text[at - 1] == '\n' && !atEnd;
            case LINE_END -> atEnd || text[at] == '\n';
            case WORD_BOUNDARY -> isWordBefore(text, at) != isWordAfter(text, at);
            case NOT_WORD_BOUNDARY -> isWordBefore(text, at) == isWordAfter(text, at);
        };
    }

    private static boolean isWordBefore(char[] text, int at) {
        return at > 0 && CharacterProperties.WORD_ALONE.contains(Character.codePointBefore(text, at));
    }

    private static boolean isWordAfter(char[] text, int at) {
        return at < text.length && CharacterProperties.WORD_ALONE.contains(Character.codePointAt(text, at));
    }
}
