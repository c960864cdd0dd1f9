package io.bitlab.models.grammar;

import io.bitlab.models.internal.Quote;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * What a generated text has to look like: one of a few strings, a regular expression, or JSON. Given to
 * {@link io.bitlab.models.generate.TextGeneratorBuilder#grammar}, a model can't write anything else.
 *
 * {@snippet class="io.bitlab.models.snippets.GrammarSnippets" region="grammar"}
 *
 * <p>A grammar describes the whole text, and says nothing about its sense: the prompt should ask for what the grammar
 * enforces.
 *
 * <p>Grammars are equal if they were made from equal arguments.
 *
 * <p><b>Thread safety:</b> immutable.
 */
public final class Grammar {

    private enum Kind {
        CHOICE, REGEX, JSON, JSON_OBJECT
    }

    private final Kind kind;
    private final List<String> source;
    private final Expression expression; // null for JSON

    private Grammar(Kind kind, List<String> source, Expression expression) {
        this.kind = kind;
        this.source = source;
        this.expression = expression;
    }

    /**
     * One of some strings.
     *
     * @param choices at least one; none of them empty
     * @return the grammar
     * @throws IllegalArgumentException if there is none, one is empty or has an unpaired surrogate, or together they
     *     are too long
     */
    public static Grammar choice(List<String> choices) {
        List<Expression> alternatives = new ArrayList<>();
        for (String choice : choices) {
            if (choice.isEmpty() || !StandardCharsets.UTF_8.newEncoder().canEncode(choice)) {
                throw new IllegalArgumentException("Grammar.choice: " + Quote.names(choices)
                        + ", expected strings that are not empty and have no unpaired surrogates");
            }
            alternatives.add(Expression.literal(choice));
        }
        if (alternatives.isEmpty()) {
            throw new IllegalArgumentException("Grammar.choice: there are no choices, expected at least one");
        }
        return checked(new Grammar(Kind.CHOICE, List.copyOf(choices), new Expression.Either(alternatives)));
    }

    /**
     * A regular expression, which the whole text has to match. What it has in common with {@code java.util.regex} means
     * the same there:
     *
     * <ul>
     * <li>characters, with a backslash before those that have a meaning; <code>\n \t \r \f \x41 &#92;u0041</code>
     * <li>{@code .} for any character except the ends of lines, classes such as {@code [a-z_]} and {@code [^"]}, and
     * {@code \d \w \s \D \W \S}, in ASCII
     * <li>groups {@code (...)} and {@code (?:...)}, alternatives {@code a|b}
     * <li>{@code * + ? {n} {n,} {n,m}}, with repetitions up to 1000; lazy ones describe the same texts
     * <li>{@code ^} at the beginning and {@code $} at the end, which change nothing.
     * </ul>
     *
     * <p>Look-around, back references, options, boundaries, possessive quantifiers and intersections of classes are
     * refused. The expression becomes a deterministic automaton of at most 10,000 states.
     *
     * @param pattern the expression
     * @return the grammar
     * @throws IllegalArgumentException if it is malformed, has something that is not supported, or needs too many
     *     states
     */
    public static Grammar regex(String pattern) {
        return checked(new Grammar(Kind.REGEX, List.of(pattern), ExpressionParser.parse(pattern)));
    }

    /** Refuses now what would be too large for any vocabulary. */
    private static Grammar checked(Grammar grammar) {
        Dfa.of(grammar.expression);
        return grammar;
    }

    /**
     * Any JSON value (RFC 8259), in UTF-8. To keep a model from running on, objects and arrays nest up to 32 levels,
     * white space has up to 100 characters in a row and none after the value, and numbers have up to 15 digits before
     * and after the point and 2 in the exponent. Keys of an object may repeat, as the standard permits.
     *
     * @return the grammar
     */
    public static Grammar json() {
        return new Grammar(Kind.JSON, List.of(), null);
    }

    /**
     * A JSON object, with the limits of {@link #json}.
     *
     * @return the grammar
     */
    public static Grammar jsonObject() {
        return new Grammar(Kind.JSON_OBJECT, List.of(), null);
    }

    /**
     * Whether a text is one of this grammar.
     *
     * @param text any text
     * @return true if the grammar allows it, and it is complete
     */
    public boolean matches(String text) {
        ByteAutomaton automaton = automaton(Spelling.ALL);
        long end = automaton.next(automaton.start(), text.getBytes(StandardCharsets.UTF_8));
        return end != ByteAutomaton.DEAD && automaton.accepts(end);
    }

    ByteAutomaton automaton(Spelling spelling) {
        return switch (kind) {
            case CHOICE, REGEX -> Dfa.of(spelling.restrict(expression));
            case JSON -> JsonAutomaton.of(spelling, false);
            case JSON_OBJECT -> JsonAutomaton.of(spelling, true);
        };
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Grammar grammar && kind == grammar.kind && source.equals(grammar.source);
    }

    @Override
    public int hashCode() {
        return 31 * kind.hashCode() + source.hashCode();
    }

    @Override
    public String toString() {
        return "Grammar(" + kind + (source.isEmpty() ? "" : ", " + Quote.names(source)) + ")";
    }
}
