package io.bitlab.models.tokenizer.regex;

import java.util.List;

/** The parts of a regular expression, as {@link RegexParser} reads them. */
sealed interface RegexSyntax {

    /** How often {@link Repeat} tries: as often as possible first, as seldom, or as often without giving back. */
    enum Greed {
        GREEDY, LAZY, POSSESSIVE
    }

    /** Conditions on a place between characters. */
    enum Place {
        TEXT_START, TEXT_END, LAST_LINE_END, LINE_START, LINE_END, WORD_EDGE, NO_WORD_EDGE
    }

    /** The most that a {@link Repeat} can ask for: no limit. */
    int UNLIMITED = Integer.MAX_VALUE;

    /** One character of a set. */
    record One(CharacterSet set) implements RegexSyntax {}

    /** One after the other; none for the empty text. */
    record Sequence(List<RegexSyntax> parts) implements RegexSyntax {}

    /** The first that leads to a match. */
    record Choice(List<RegexSyntax> alternatives) implements RegexSyntax {}

    /** The same several times. */
    record Repeat(RegexSyntax body, int min, int max, Greed greed) implements RegexSyntax {}

    /** What matches first counts, whatever follows. */
    record Atomic(RegexSyntax body) implements RegexSyntax {}

    /** Looks ahead, or back by the length of the body, without moving. */
    record Look(RegexSyntax body, boolean back, boolean negative) implements RegexSyntax {}

    /** Matches the empty text at such a place. */
    record At(Place place) implements RegexSyntax {}

    /** Whether the empty text may match. */
    default boolean mayBeEmpty() {
        return switch (this) {
            case One _ -> false;
            case Sequence sequence -> sequence.parts.stream().allMatch(RegexSyntax::mayBeEmpty);
            case Choice choice -> choice.alternatives.stream().anyMatch(RegexSyntax::mayBeEmpty);
            case Repeat repeat -> repeat.min == 0 || repeat.body.mayBeEmpty();
            case Atomic atomic -> atomic.body.mayBeEmpty();
            case Look _,At _ -> true;
        };
    }

    /** The number of characters of every match, or -1 if matches differ or are very long. */
    default int length() {
        return switch (this) {
            case One _ -> 1;
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
            case Choice choice -> {
                int length = choice.alternatives.getFirst().length();
                yield choice.alternatives.stream().allMatch(a -> a.length() == length) ? length : -1;
            }
            case Repeat repeat -> {
                long length = (long) repeat.min * repeat.body.length();
                yield repeat.min == repeat.max && length >= 0 && length <= Short.MAX_VALUE ? (int) length : -1;
            }
            case Atomic atomic -> atomic.body.length();
            case Look _,At _ -> 0;
        };
    }
}
