package io.bitlab.models.grammar;

import io.bitlab.models.grammar.Expression.Chain;
import io.bitlab.models.grammar.Expression.Either;
import io.bitlab.models.grammar.Expression.OneOf;
import io.bitlab.models.grammar.Expression.Repeated;
import io.bitlab.models.internal.Quote;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/**
 * Parses the regular expressions that {@link Grammar#regex} documents. What is accepted means the same as in
 * {@code java.util.regex}; everything else is refused.
 */
final class ExpressionParser {

    private static final int MAX_REPETITIONS = 1000;

    /** Nested groups; each is a few levels of recursion. */
    private static final int MAX_DEPTH = 100;

    private final String pattern;
    private int at;
    private int depth;

    private ExpressionParser(String pattern) {
        this.pattern = pattern;
    }

    static Expression parse(String pattern) {
        ExpressionParser parser = new ExpressionParser(pattern);
        parser.take('^'); // the whole text has to match anyway
        Expression whole = parser.alternatives();
        if (parser.at < pattern.length()) {
            throw parser.wrong("a ) without its (");
        }
        return whole;
    }

    private Expression alternatives() {
        if (++depth > MAX_DEPTH) {
            throw wrong("more than " + MAX_DEPTH + " groups within each other");
        }
        List<Expression> alternatives = new ArrayList<>();
        do {
            alternatives.add(chain());
        } while (take('|'));
        depth--;
        return alternatives.size() == 1 ? alternatives.getFirst() : new Either(alternatives);
    }

    private Expression chain() {
        List<Expression> parts = new ArrayList<>();
        while (at < pattern.length() && !ahead('|') && !ahead(')')) {
            if (depth == 1 && ahead('$') && at == pattern.length() - 1) {
                at++;
                break;
            }
            parts.add(repeated(part()));
        }
        return parts.size() == 1 ? parts.getFirst() : new Chain(parts);
    }

    private Expression part() {
        int c = next();
        return switch (c) {
            case '(' -> group();
            case '[' -> new OneOf(notEmpty(bracket()));
            case '.' -> new OneOf(CharacterClasses.not(CharacterClasses.LINE_ENDS));
            case '\\' -> new OneOf(escape());
            case '*', '+', '?', '{' -> throw wrong("a quantifier with nothing to repeat");
            case '^', '$' -> throw wrong("an anchor; the whole text has to match anyway");
            default -> new OneOf(single(c));
        };
    }

    private Expression group() {
        if (take('?') && !take(':')) {
            throw wrong("a group that begins with (? and is not (?:");
        }
        Expression group = alternatives();
        if (!take(')')) {
            throw wrong("a ( without its )");
        }
        return group;
    }

    private Expression repeated(Expression part) {
        int min;
        int max;
        if (take('*')) {
            min = 0;
            max = Expression.UNLIMITED;
        } else if (take('+')) {
            min = 1;
            max = Expression.UNLIMITED;
        } else if (take('?')) {
            min = 0;
            max = 1;
        } else if (take('{')) {
            min = number();
            max = !take(',') ? min : ahead('}') ? Expression.UNLIMITED : number();
            if (!take('}') || max < min) {
                throw wrong("a { that is no repetition {n}, {n,} or {n,m}");
            }
        } else {
            return part;
        }
        take('?'); // lazy: the same texts
        if (ahead('*') || ahead('+') || ahead('?') || ahead('{')) {
            throw wrong("a possessive quantifier, or two in a row");
        }
        return new Repeated(part, min, max);
    }

    private int number() {
        int start = at;
        while (at < pattern.length() && pattern.charAt(at) >= '0' && pattern.charAt(at) <= '9') {
            at++;
        }
        if (at == start || at - start > 4 || Integer.parseInt(pattern, start, at, 10) > MAX_REPETITIONS) {
            throw wrong("a { without a number of at most " + MAX_REPETITIONS);
        }
        return Integer.parseInt(pattern, start, at, 10);
    }

    private BitSet bracket() {
        boolean negative = take('^');
        BitSet all = new BitSet();
        do {
            int start = at;
            BitSet item = item();
            if (ahead('-') && !pattern.startsWith("-]", at)) {
                at++;
                BitSet last = item();
                if (item.cardinality() != 1 || last.cardinality() != 1 || last.nextSetBit(0) < item.nextSetBit(0)) {
                    at = start;
                    throw wrong("a range in a class that is not from one character to a later one");
                }
                item.set(item.nextSetBit(0), last.nextSetBit(0) + 1);
            }
            all.or(item);
        } while (!take(']'));
        return negative ? CharacterClasses.not(all) : all;
    }

    private BitSet item() {
        if (ahead('[') || ahead('&')) {
            throw wrong("a [ or & in a class; write it with a backslash");
        }
        int c = next();
        return c == '\\' ? escape() : single(c);
    }

    private BitSet escape() {
        int c = next();
        return switch (c) {
            case 'd' -> CharacterClasses.digits();
            case 'D' -> CharacterClasses.not(CharacterClasses.digits());
            case 'w' -> CharacterClasses.word();
            case 'W' -> CharacterClasses.not(CharacterClasses.word());
            case 's' -> CharacterClasses.spaces();
            case 'S' -> CharacterClasses.not(CharacterClasses.spaces());
            case 'n' -> single('\n');
            case 't' -> single('\t');
            case 'r' -> single('\r');
            case 'f' -> single('\f');
            case 'x' -> single(hex(2));
            case 'u' -> single(hex(4));
            default -> {
                if (c > 0x7f || Character.isLetterOrDigit(c)) {
                    throw wrong("an escape that is not supported");
                }
                yield single(c);
            }
        };
    }

    private int hex(int digits) {
        int value = 0;
        for (int i = 0; i < digits; i++) {
            int digit = Character.digit(next(), 16);
            if (digit < 0) {
                throw wrong("an escape without its " + digits + " hexadecimal digits");
            }
            value = value << 4 | digit;
        }
        return value;
    }

    private BitSet single(int c) {
        if (c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE) {
            throw wrong("half of a surrogate pair");
        }
        BitSet one = new BitSet();
        one.set(c);
        return one;
    }

    private BitSet notEmpty(BitSet set) {
        set.clear(Character.MIN_SURROGATE, Character.MAX_SURROGATE + 1); // UTF-8 has none
        if (set.isEmpty()) {
            throw wrong("a class without any character");
        }
        return set;
    }

    private boolean ahead(char c) {
        return at < pattern.length() && pattern.charAt(at) == c;
    }

    private boolean take(char c) {
        if (ahead(c)) {
            at++;
            return true;
        }
        return false;
    }

    private int next() {
        if (at == pattern.length()) {
            throw wrong("an end in the middle of an expression");
        }
        int c = pattern.codePointAt(at);
        at += Character.charCount(c);
        return c;
    }

    private IllegalArgumentException wrong(String what) {
        return new IllegalArgumentException("Grammar.regex: " + Quote.value(pattern) + " has " + what
                + " before position " + at + "; see the documentation for what is supported");
    }
}
