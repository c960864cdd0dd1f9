package io.bitlab.models.tokenizer.regex;

import java.util.List;

/** The syntax tree of a regular expression, as {@link RegexParser} builds it. */
sealed interface RegexSyntax {

    /** Which number of repetitions is tried first: the largest, the smallest, or the largest and no other. */
    enum Greediness {
        GREEDY, LAZY, POSSESSIVE
    }

    /** The {@code max} of a {@link Repetition} without a limit. */
    int UNLIMITED = Integer.MAX_VALUE;

    /** One character of a set. */
    record Single(CharacterSet set) implements RegexSyntax {}

    /** Parts that follow each other; none match the empty text. */
    record Sequence(List<RegexSyntax> parts) implements RegexSyntax {}

    /** Alternatives, tried in order. */
    record Alternation(List<RegexSyntax> alternatives) implements RegexSyntax {}

    /** A body that is matched {@code min} to {@code max} times in a row. */
    record Repetition(RegexSyntax body, int min, int max, Greediness greediness) implements RegexSyntax {}

    /** A group whose first match is final, whatever follows. */
    record Atomic(RegexSyntax body) implements RegexSyntax {}

    /** A condition that the body matches, or does not, ahead of the position or back from it. */
    record Lookaround(RegexSyntax body, boolean back, boolean negative) implements RegexSyntax {}

    /** The empty text at a boundary. */
    record Anchor(Boundary boundary) implements RegexSyntax {}

    /** Whether it may match the empty text. */
    default boolean mayBeEmpty() {
        return switch (this) {
            case Single _ -> false;
            case Sequence sequence -> sequence.parts.stream().allMatch(RegexSyntax::mayBeEmpty);
            case Alternation choice -> choice.alternatives.stream().anyMatch(RegexSyntax::mayBeEmpty);
            case Repetition repeat -> repeat.min == 0 || repeat.body.mayBeEmpty();
            case Atomic atomic -> atomic.body.mayBeEmpty();
            case Lookaround _,Anchor _ -> true;
        };
    }

    /** The length of every match in characters; -1 if it varies or is very large. */
    default int length() {
        return switch (this) {
            case Single _ -> 1;
            case Sequence sequence -> {
                int sum = 0;
                for (RegexSyntax part : sequence.parts) {
                    int length = part.length();
                    if (length < 0) {
                        yield -1;
                    }
                    sum += length;
                }
                yield sum;
            }
            case Alternation choice -> {
                int length = choice.alternatives.getFirst().length();
                yield choice.alternatives.stream().allMatch(a -> a.length() == length) ? length : -1;
            }
            case Repetition repeat -> {
                long length = (long) repeat.min * repeat.body.length();
                yield repeat.min == repeat.max && length >= 0 && length <= Short.MAX_VALUE ? (int) length : -1;
            }
            case Atomic atomic -> atomic.body.length();
            case Lookaround _,Anchor _ -> 0;
        };
    }
}
