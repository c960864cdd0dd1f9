package io.bitlab.models.tokenizer.regex;

import java.util.BitSet;
import java.util.List;
import java.util.function.IntPredicate;

/** A set of Unicode characters. ASCII is a bit set, so that lookups in most text are fast. Immutable. */
public final class CharacterSet {

    static final CharacterSet ALL = new CharacterSet(_ -> true, true);

    private final long low; // characters 0 to 63
    private final long high; // 64 to 127
    private final IntPredicate members;
    private final boolean beyondAscii;
    private final int first; // of a range; larger than last if this is no range
    private final int last;

    private CharacterSet(IntPredicate members, boolean beyondAscii) {
        this(members, beyondAscii, 1, 0);
    }

    private CharacterSet(IntPredicate members, boolean beyondAscii, int firstMember, int lastMember) {
        long below64 = 0;
        long below128 = 0;
        for (int c = 0; c < Long.SIZE; c++) {
            below64 |= members.test(c) ? 1L << c : 0;
            below128 |= members.test(c + Long.SIZE) ? 1L << c : 0;
        }
        this.low = below64;
        this.high = below128;
        this.members = members;
        this.beyondAscii = beyondAscii;
        this.first = firstMember;
        this.last = lastMember;
    }

    static CharacterSet of(IntPredicate members) {
        return new CharacterSet(members, true);
    }

    static CharacterSet of(int character) {
        return range(character, character);
    }

    static CharacterSet range(int first, int last) {
        return new CharacterSet(c -> c >= first && c <= last, last > 0x7f, first, last);
    }

    /** The union of sets. Lookups take the same time and stack for any number of ranges. */
    static CharacterSet anyOf(List<CharacterSet> sets) {
        if (sets.size() == 1) {
            return sets.getFirst();
        }
        BitSet inRanges = new BitSet();
        sets.stream().filter(set -> set.first <= set.last).forEach(set -> inRanges.set(set.first, set.last + 1));
        CharacterSet[] others = sets.stream().filter(set -> set.first > set.last).toArray(CharacterSet[]::new);
        return new CharacterSet(c -> inRanges.get(c) || isInAny(others, c),
                sets.stream().anyMatch(CharacterSet::beyondAscii));
    }

    private static boolean isInAny(CharacterSet[] sets, int character) {
        for (CharacterSet set : sets) {
            if (set.contains(character)) {
                return true;
            }
        }
        return false;
    }

    /** The intersection of sets. */
    static CharacterSet allOf(List<CharacterSet> sets) {
        List<CharacterSet> all = List.copyOf(sets);
        return all.size() == 1 ? all.getFirst()
                : new CharacterSet(c -> all.stream().allMatch(set -> set.contains(c)),
                        all.stream().allMatch(CharacterSet::beyondAscii));
    }

    /** The characters of general categories, which are constants of {@link Character}. */
    static CharacterSet categories(int... types) {
        int bits = 0;
        for (int type : types) {
            bits |= 1 << type;
        }
        int mask = bits;
        return of(c -> (mask >> Character.getType(c) & 1) != 0);
    }

    /**
     * Whether a character belongs to the set.
     *
     * @param character a code point
     * @return true if it does
     */
    public boolean contains(int character) {
        return character < 2 * Long.SIZE
                ? ((character < Long.SIZE ? low : high) >> character & 1) != 0
                : beyondAscii && members.test(character);
    }

    /** Whether characters beyond ASCII may be members. */
    boolean beyondAscii() {
        return beyondAscii;
    }

    CharacterSet or(CharacterSet other) {
        return new CharacterSet(c -> contains(c) || other.contains(c), beyondAscii || other.beyondAscii);
    }

    CharacterSet not() {
        return new CharacterSet(c -> !contains(c), true);
    }

    /** This set and the other case of each letter. All members must be ASCII. */
    CharacterSet withBothCases() {
        return new CharacterSet(c -> {
            // the long s folds to s, the Kelvin sign to k; the dotted and dotless i of Turkish don't fold to i
            int folded = c == 0x130 || c == 0x131 ? c : Character.toLowerCase(Character.toUpperCase(c));
            return contains(c) || folded < 0x80 && (contains(folded) || contains(Character.toUpperCase(folded)));
        }, true);
    }
}
