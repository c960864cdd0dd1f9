package io.bitlab.models.grammar;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/** The syntax tree of a regular expression. Immutable, its bit sets included, which nobody modifies. */
sealed interface Expression {

    /** The {@code max} of a {@link Repeated} without a limit. */
    int UNLIMITED = Integer.MAX_VALUE;

    /** One character of a set of code points, which is not empty and without surrogates. */
    record OneOf(BitSet characters) implements Expression {}

    /** Parts that follow each other; none match the empty text. */
    record Chain(List<Expression> parts) implements Expression {}

    /** Alternatives, at least one. */
    record Either(List<Expression> alternatives) implements Expression {}

    /** A body that is matched {@code min} to {@code max} times in a row. */
    record Repeated(Expression body, int min, int max) implements Expression {}

    /** The expression that matches one text only. */
    static Expression literal(String text) {
        List<Expression> parts = new ArrayList<>();
        text.codePoints().forEach(c -> {
            BitSet one = new BitSet();
            one.set(c);
            parts.add(new OneOf(one));
        });
        return new Chain(parts);
    }

    /** What is left of this expression if texts may have these characters only; empty if it matches none then. */
    default Optional<Expression> restrictedTo(BitSet characters) {
        return Optional.ofNullable(restricted(this, characters));
    }

    private static Expression restricted(Expression expression, BitSet characters) {
        return switch (expression) {
            case OneOf(BitSet set) -> {
                BitSet left = new BitSet(); // a clone would trim the original
                left.or(set);
                left.and(characters);
                yield left.isEmpty() ? null : new OneOf(left);
            }
            case Chain(List<Expression> parts) -> {
                List<Expression> left = each(parts, characters);
                yield left.size() < parts.size() ? null : new Chain(left);
            }
            case Either(List<Expression> alternatives) -> {
                List<Expression> left = each(alternatives, characters);
                yield left.isEmpty() ? null : new Either(left);
            }
            case Repeated(Expression body, int min, int max) -> {
                Expression left = restricted(body, characters);
                yield left != null ? new Repeated(left, min, max) : min == 0 ? new Chain(List.of()) : null;
            }
        };
    }

    private static List<Expression> each(List<Expression> expressions, BitSet characters) {
        return expressions.stream().map(each -> restricted(each, characters)).filter(Objects::nonNull).toList();
    }
}
