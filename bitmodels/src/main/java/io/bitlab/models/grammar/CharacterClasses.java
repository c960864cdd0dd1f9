package io.bitlab.models.grammar;

import java.util.BitSet;

/** Sets of code points, with the meaning that {@code java.util.regex} gives them. Each call returns a new set. */
final class CharacterClasses {

    /** What {@code .} does not match. */
    static final String LINE_ENDS = "\n\r\u0085\u2028\u2029";

    private CharacterClasses() {}

    static BitSet digits() {
        BitSet set = new BitSet();
        set.set('0', '9' + 1);
        return set;
    }

    static BitSet word() {
        BitSet set = digits();
        set.set('a', 'z' + 1);
        set.set('A', 'Z' + 1);
        set.set('_');
        return set;
    }

    static BitSet spaces() {
        BitSet set = new BitSet();
        " \t\n\u000b\f\r".chars().forEach(set::set);
        return set;
    }

    /** All characters but these. */
    static BitSet not(String characters) {
        BitSet set = new BitSet();
        characters.chars().forEach(set::set);
        return not(set);
    }

    /** All characters but these; UTF-8 has no surrogates. */
    static BitSet not(BitSet set) {
        BitSet others = (BitSet) set.clone();
        others.flip(0, Character.MAX_CODE_POINT + 1);
        others.clear(Character.MIN_SURROGATE, Character.MAX_SURROGATE + 1);
        return others;
    }
}
