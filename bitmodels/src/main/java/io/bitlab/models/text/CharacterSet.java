package io.bitlab.models.text;

import java.util.function.IntPredicate;

/** A set of Unicode characters. Membership of ASCII is a bit, so that most text is looked up at once. Immutable. */
final class CharacterSet {

    static final CharacterSet ALL = new CharacterSet(_ -> true, true);

    private final long low; // characters 0 to 63
    private final long high; // 64 to 127
    private final IntPredicate members;
    private final boolean beyondAscii;

    private CharacterSet(IntPredicate members, boolean beyondAscii) {
        long first = 0;
        long second = 0;
        for (int c = 0; c < Long.SIZE; c++) {
            first |= members.test(c) ? 1L << c : 0;
            second |= members.test(c + Long.SIZE) ? 1L << c : 0;
        }
        this.low = first;
        this.high = second;
        this.members = members;
        this.beyondAscii = beyondAscii;
    }

    static CharacterSet of(IntPredicate members) {
        return new CharacterSet(members, true);
    }

    static CharacterSet of(int character) {
        return range(character, character);
    }

    static CharacterSet range(int first, int last) {
        return new CharacterSet(c -> c >= first && c <= last, last > 0x7f);
    }

    /** The characters of these general categories, each a constant of {@link Character}. */
    static CharacterSet categories(int... types) {
        int bits = 0;
        for (int type : types) {
            bits |= 1 << type;
        }
        int mask = bits;
        return of(c -> (mask >> Character.getType(c) & 1) != 0);
    }

    boolean contains(int character) {
        return character < 2 * Long.SIZE
                ? ((character < Long.SIZE ? low : high) >> character & 1) != 0
                : beyondAscii && members.test(character);
    }

    /** Whether some member may lie beyond ASCII. */
    boolean beyondAscii() {
        return beyondAscii;
    }

    CharacterSet or(CharacterSet other) {
        return new CharacterSet(c -> contains(c) || other.contains(c), beyondAscii || other.beyondAscii);
    }

    CharacterSet and(CharacterSet other) {
        return new CharacterSet(c -> contains(c) && other.contains(c), beyondAscii && other.beyondAscii);
    }

    CharacterSet not() {
        return new CharacterSet(c -> !contains(c), true);
    }

    /** With the other case of each letter; all members must be in ASCII. */
    CharacterSet withBothCases() {
        return new CharacterSet(c -> {
            // the long s becomes s, the Kelvin sign k; that Turkish has two letters i makes neither of them ours
            int folded = c == 0x130 || c == 0x131 ? c : Character.toLowerCase(Character.toUpperCase(c));
            return contains(c) || folded < 0x80 && (contains(folded) || contains(Character.toUpperCase(folded)));
        }, true);
    }
}
