package io.bitlab.models.tokenizer.regex;

import io.bitlab.models.internal.Quote;
import java.util.Optional;

/** Reads the characters and escapes of a pattern, from a position that moves on. */
class RegexReader {

    final String pattern;
    int at;

    RegexReader(String pattern) {
        this.pattern = pattern;
    }

    /** Reads the set that an escape stands for; empty, with nothing read, if it stands for a character. */
    final Optional<CharacterSet> escapedSet(CharacterSet word) {
        CharacterSet set = switch (peek()) {
            case 'd', 'D' -> CharacterProperties.DIGIT;
            case 's', 'S' -> CharacterProperties.SPACE;
            case 'w', 'W' -> word;
            case 'h', 'H' -> CharacterProperties.HEX_DIGIT;
            case 'p', 'P' -> CharacterSet.ALL; // replaced below
            default -> null;
        };
        if (set == null) {
            return Optional.empty();
        }
        int letter = next();
        boolean negative = Character.isUpperCase(letter);
        if (Character.toLowerCase(letter) == 'p') {
            expect("{");
            negative ^= take("^");
            int end = pattern.indexOf('}', at);
            String name = pattern.substring(at, end < 0 ? at : end);
            set = CharacterProperties.named(name)
                    .orElseThrow(() -> wrong("the unknown property '" + name + "'"));
            set = set == CharacterProperties.WORD ? word : set;
            at = end + 1;
        }
        return Optional.of(negative ? set.not() : set);
    }

    final int escapedCharacter() {
        int c = next();
        return switch (c) {
            case 't' -> '\t';
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 'f' -> '\f';
            case 'v' -> 0x0b;
            case 'a' -> 0x07;
            case 'e' -> 0x1b;
            case 'u' -> hex(4);
            case 'x' -> {
                if (take("{")) {
                    int end = pattern.indexOf('}', at);
                    int value = hex(Math.clamp(end - at, 1, 8));
                    expect("}");
                    yield value;
                }
                int value = hex(2);
                if (value > 0x7f) {
                    throw wrong("a byte that is no character");
                }
                yield value;
            }
            default -> {
                if (c < 0x80 && Character.isLetterOrDigit(c)) {
                    throw wrong("\\" + Character.toString(c));
                }
                yield c;
            }
        };
    }

    private int hex(int digits) {
        int end = at + digits;
        if (end > pattern.length() || !pattern.substring(at, end).matches("[0-9A-Fa-f]+")) {
            throw wrong("an escape without " + digits + " hexadecimal digits");
        }
        long value = Long.parseLong(pattern, at, end, 16);
        if (value > Character.MAX_CODE_POINT || value >= Character.MIN_SURROGATE && value <= Character.MAX_SURROGATE) {
            throw wrong("an escape of what is no character");
        }
        at = end;
        return (int) value;
    }

    final int peek() {
        if (at >= pattern.length()) {
            throw wrong("the end where more was expected");
        }
        return pattern.codePointAt(at);
    }

    final int next() {
        int c = peek();
        at += Character.charCount(c);
        return c;
    }

    final boolean ahead(String text) {
        return pattern.startsWith(text, at);
    }

    final boolean take(String text) {
        boolean found = ahead(text);
        at += found ? text.length() : 0;
        return found;
    }

    final void expect(String text) {
        if (!take(text)) {
            throw wrong((at < pattern.length() ? "'" + Character.toString(peek()) + "'" : "the end") + " in place of "
                    + text);
        }
    }

    final IllegalArgumentException wrong(String what) {
        return new IllegalArgumentException("the pattern " + Quote.value(pattern) + " has " + what
                + " before its character " + at + ", which is not supported");
    }
}
