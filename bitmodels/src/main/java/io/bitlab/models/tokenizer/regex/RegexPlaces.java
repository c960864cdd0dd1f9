package io.bitlab.models.tokenizer.regex;

import io.bitlab.models.tokenizer.regex.RegexSyntax.Place;

/** Conditions on places in a text, as Oniguruma has them for Ruby's syntax. */
final class RegexPlaces {

    private RegexPlaces() {}

    static boolean is(Place place, char[] text, int at) {
        boolean atEnd = at == text.length;
        return switch (place) {
            case TEXT_START -> at == 0;
            case TEXT_END -> atEnd;
            case LAST_LINE_END -> atEnd || at == text.length - 1 && text[at] == '\n';
            case LINE_START -> at == 0 || text[at - 1] == '\n' && !atEnd;
            case LINE_END -> atEnd || text[at] == '\n';
            case WORD_EDGE -> isWord(text, at, false) != isWord(text, at, true);
            case NO_WORD_EDGE -> isWord(text, at, false) == isWord(text, at, true);
        };
    }

    private static boolean isWord(char[] text, int at, boolean before) {
        if (at == (before ? 0 : text.length)) {
            return false;
        }
        int character = before ? Character.codePointBefore(text, at) : Character.codePointAt(text, at);
        return CharacterProperties.WORD_ALONE.contains(character);
    }
}
