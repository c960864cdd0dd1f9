package io.bitlab.models.grammar;

import io.bitlab.models.grammar.Expression.Chain;
import io.bitlab.models.grammar.Expression.Either;
import io.bitlab.models.grammar.Expression.OneOf;
import io.bitlab.models.grammar.Expression.Repeated;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The nondeterministic automaton of an expression over the bytes of UTF-8, after Thompson, <i>Regular Expression Search
 * Algorithm</i>, 1968. Built from the end to the beginning.
 */
final class Nfa {

    private static final int MAX_STATES = 50_000;

    /** A range of bytes that leads to another state. */
    record Edge(int from, int to, int target) {}

    private final List<List<Edge>> edges = new ArrayList<>();
    private final List<List<Integer>> jumps = new ArrayList<>(); // that read nothing
    private final Map<Edge, Integer> singles = new HashMap<>(); // states with one edge, which characters share
    private final int end = newState();
    private final int start;

    Nfa(Expression expression) {
        this.start = compile(expression, end);
    }

    int start() {
        return start;
    }

    int end() {
        return end;
    }

    List<Edge> edges(int state) {
        return edges.get(state);
    }

    List<Integer> jumps(int state) {
        return jumps.get(state);
    }

    int states() {
        return edges.size();
    }

    private int newState() {
        if (edges.size() == MAX_STATES) {
            throw new IllegalArgumentException("Grammar: the expression has more than " + MAX_STATES
                    + " steps, its repetitions written out; repeat less often");
        }
        edges.add(new ArrayList<>());
        jumps.add(new ArrayList<>());
        return edges.size() - 1;
    }

    private int compile(Expression expression, int next) {
        return switch (expression) {
            case OneOf(BitSet characters) -> oneOf(characters, next);
            case Chain(List<Expression> parts) -> {
                int first = next;
                for (Expression part : parts.reversed()) {
                    first = compile(part, first);
                }
                yield first;
            }
            case Either(List<Expression> alternatives) -> {
                int fork = newState();
                alternatives.forEach(each -> jumps.get(fork).add(compile(each, next)));
                yield fork;
            }
            case Repeated(Expression body, int min, int max) -> {
                int rest = next;
                if (max == Expression.UNLIMITED) {
                    rest = newState();
                    jumps.get(rest).addAll(List.of(compile(body, rest), next));
                }
                for (int i = max == Expression.UNLIMITED ? min : max; i > 0; i--) {
                    int first = compile(body, rest);
                    if (first == rest) {
                        break; // repeating nothing gives nothing, and nested repetitions would never end
                    }
                    if (i > min) {
                        int fork = newState();
                        jumps.get(fork).addAll(List.of(first, next));
                        first = fork;
                    }
                    rest = first;
                }
                yield rest;
            }
        };
    }

    /** A state that reads one character of a set. */
    private int oneOf(BitSet characters, int next) {
        int state = newState();
        for (int from = characters.nextSetBit(0); from >= 0;) {
            int to = characters.nextClearBit(from) - 1;
            Utf8Ranges.forEach(from, to, (first, last) -> {
                int target = next;
                for (int i = first.length - 1; i > 0; i--) {
                    target = single(new Edge(first[i], last[i], target));
                }
                edges.get(state).add(new Edge(first[0], last[0], target));
            });
            from = characters.nextSetBit(to + 1);
        }
        return state;
    }

    private int single(Edge edge) {
        Integer known = singles.get(edge);
        if (known != null) {
            return known;
        }
        int state = newState();
        edges.get(state).add(edge);
        singles.put(edge, state);
        return state;
    }
}
