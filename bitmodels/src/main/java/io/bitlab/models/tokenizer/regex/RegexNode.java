package io.bitlab.models.tokenizer.regex;

import io.bitlab.models.tokenizer.regex.RegexSyntax.Greed;
import io.bitlab.models.tokenizer.regex.RegexSyntax.Place;
import java.util.Arrays;

/** A step of a {@link Regex}. What a step does to a text is in {@link RegexSearch}. Not modified once it is built. */
final class RegexNode {

    enum Kind {
        ONE, RUN, FORK, ATOMIC, LOOK, PLACE, END
    }

    /** What a text can go on with: an ASCII character, another one, or nothing more. */
    static final int OTHER = 128;

    static final int NOTHING = 129;

    private static final int STARTS = 130;

    final Kind kind;
    final int id;
    final RegexNode next;
    CharacterSet set; // ONE, RUN
    int min; // RUN; LOOK: how many characters back it begins
    int max; // RUN
    Greed greed; // RUN
    RegexNode body; // ATOMIC, LOOK
    int lastOfBody; // the largest id of the body's nodes; the others follow that of this one
    boolean negative; // LOOK
    Place place; // PLACE
    private RegexNode[][] ways; // FORK, by what the text goes on with: in their order, those that may match then

    RegexNode(Kind kind, int id, RegexNode next) {
        this.kind = kind;
        this.id = id;
        this.next = next;
    }

    /** Sets what a FORK can go on with: only now, for a way may lead back to it. */
    void ways(RegexNode... all) {
        RegexNode[][] byStart = new RegexNode[STARTS][];
        for (int start = 0; start < STARTS; start++) {
            RegexNode[] some = new RegexNode[all.length];
            int count = 0;
            for (RegexNode way : all) {
                if (way.mayStartWith(start)) {
                    some[count++] = way;
                }
            }
            byStart[start] = Arrays.copyOf(some, count);
        }
        ways = byStart;
    }

    RegexNode[] ways(int start) {
        return ways[start];
    }

    /** False only if there is no match then. */
    private boolean mayStartWith(int start) {
        return switch (kind) {
            case ONE -> inSet(start);
            case RUN -> inSet(start) || min == 0 && next.mayStartWith(start);
            case FORK -> ways == null || ways[start].length > 0;
            default -> true;
        };
    }

    private boolean inSet(int start) {
        return start == OTHER ? set.beyondAscii() : start != NOTHING && set.contains(start);
    }
}
