package io.bitlab.models.tokenizer.regex;

import io.bitlab.models.tokenizer.regex.RegexSyntax.Greediness;
import java.util.Arrays;

/**
 * A node of the automaton of a {@link Regex}. {@link RegexSearch} has what each node does to a text. Immutable, except
 * that the branches of a {@link Fork} are set later, because they may lead back to it.
 */
abstract sealed class RegexNode {

    /** Stands for any character beyond ASCII, where the next character of a text is looked up. */
    static final int BEYOND_ASCII = 128;

    /** Stands for the end of the text, where the next character of a text is looked up. */
    static final int END_OF_TEXT = 129;

    private static final int NEXT_CHARACTERS = 130;

    /** From 0; below that of each node in its body, if it has one. */
    final int id;

    /** The node to go on with; null for a {@link Fork}, which has several, and for {@link End}. */
    final RegexNode next;

    private RegexNode(int id, RegexNode next) {
        this.id = id;
        this.next = next;
    }

    /** Whether a match of this node and what follows may begin with a character; true where that is not known. */
    boolean mayStartWith(int character) {
        return true;
    }

    private static boolean contains(CharacterSet set, int character) {
        return character == BEYOND_ASCII ? set.beyondAscii() : character != END_OF_TEXT && set.contains(character);
    }

    /** One character of a set. */
    static final class Single extends RegexNode {
        final CharacterSet set;

        Single(int id, CharacterSet set, RegexNode next) {
            super(id, next);
            this.set = set;
        }

        @Override
        boolean mayStartWith(int character) {
            return RegexNode.contains(set, character);
        }
    }

    /** A run of characters of a set. */
    static final class Run extends RegexNode {
        final CharacterSet set;
        final int min;
        final int max;
        final Greediness greediness;

        Run(int id, CharacterSet set, int min, int max, Greediness greediness, RegexNode next) {
            super(id, next);
            this.set = set;
            this.min = min;
            this.max = max;
            this.greediness = greediness;
        }

        @Override
        boolean mayStartWith(int character) {
            return RegexNode.contains(set, character) || min == 0 && next.mayStartWith(character);
        }
    }

    /** Several branches, tried in order. */
    static final class Fork extends RegexNode {
        private RegexNode[][] branches; // those that may match, by the next character of the text

        Fork(int id) {
            super(id, null);
        }

        void setBranches(RegexNode... all) {
            RegexNode[][] byCharacter = new RegexNode[NEXT_CHARACTERS][];
            for (int c = 0; c < NEXT_CHARACTERS; c++) {
                int character = c;
                byCharacter[c] = Arrays.stream(all)
                        .filter(branch -> branch.mayStartWith(character))
                        .toArray(RegexNode[]::new);
            }
            branches = byCharacter;
        }

        RegexNode[] branches(int character) {
            return branches[character];
        }

        @Override
        boolean mayStartWith(int character) {
            return branches == null || branches[character].length > 0;
        }
    }

    /** A group whose first match is final, whatever follows. */
    static final class Atomic extends RegexNode {
        final RegexNode body;
        final int lastOfBody; // the ids of the body's nodes are id + 1 to lastOfBody

        Atomic(int id, RegexNode body, int lastOfBody, RegexNode next) {
            super(id, next);
            this.body = body;
            this.lastOfBody = lastOfBody;
        }
    }

    /** Whether its body matches, or does not, from here or from some characters before. */
    static final class Lookaround extends RegexNode {
        final RegexNode body;
        final int lastOfBody; // the ids of the body's nodes are id + 1 to lastOfBody
        final int charactersBack;
        final boolean negative;

        Lookaround(int id, RegexNode body, int lastOfBody, int charactersBack, boolean negative, RegexNode next) {
            super(id, next);
            this.body = body;
            this.lastOfBody = lastOfBody;
            this.charactersBack = charactersBack;
            this.negative = negative;
        }
    }

    /** The empty text at a boundary. */
    static final class Anchor extends RegexNode {
        final Boundary boundary;

        Anchor(int id, Boundary boundary, RegexNode next) {
            super(id, next);
            this.boundary = boundary;
        }
    }

    /** The end of a match, or of a match of a body. */
    static final class End extends RegexNode {
        End(int id) {
            super(id, null);
        }
    }
}
