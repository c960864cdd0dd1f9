package io.bitlab.models.grammar;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** The deterministic automaton of an expression, by the subset construction. Immutable. */
final class Dfa implements ByteAutomaton {

    static final int MAX_STATES = 10_000;

    private static final int BYTES = 256;

    /** Edges looked at; the most that a pattern of a few hundred characters should take is a second. */
    private static final long MAX_WORK = 20_000_000;

    private final short[] targets; // by state and byte; -1 for dead
    private final BitSet accepting;

    private Dfa(List<short[]> rows, BitSet accepting) {
        this.targets = new short[rows.size() * BYTES];
        for (int state = 0; state < rows.size(); state++) {
            System.arraycopy(rows.get(state), 0, targets, state * BYTES, BYTES);
        }
        this.accepting = accepting;
    }

    /** Compiles an expression. */
    static Dfa of(Expression expression) {
        return new Construction(new Nfa(expression)).run();
    }

    @Override
    public long start() {
        return 0;
    }

    @Override
    public long next(long state, int value) {
        return targets[(int) state * BYTES + value];
    }

    @Override
    public boolean accepts(long state) {
        return accepting.get((int) state);
    }

    /** Whether a complete text ends here in any case. */
    boolean isFinal(long state) {
        return accepts(state) && IntStream.range(0, BYTES).allMatch(value -> next(state, value) == DEAD);
    }

    /** Each state stands for the set of states that the nondeterministic automaton may be in. */
    private static final class Construction {
        private final Nfa nfa;
        private final Map<BitSet, Short> numbers = new HashMap<>();
        private final Deque<BitSet> open = new ArrayDeque<>();
        private final List<short[]> rows = new ArrayList<>();
        private final BitSet accepting = new BitSet();
        private long work;

        Construction(Nfa nfa) {
            this.nfa = nfa;
        }

        Dfa run() {
            BitSet first = new BitSet();
            enter(nfa.start(), first);
            number(first);
            while (!open.isEmpty()) {
                rows.add(row(open.remove())); // in the order of their numbers
            }
            return new Dfa(rows, accepting);
        }

        private short number(BitSet states) {
            Short known = numbers.get(states);
            if (known != null) {
                return known;
            }
            if (numbers.size() == MAX_STATES) {
                throw tooComplex("more than " + MAX_STATES + " states");
            }
            short number = (short) numbers.size();
            numbers.put(states, number);
            open.add(states);
            accepting.set(number, states.get(nfa.end()));
            return number;
        }

        private void spend(long steps) {
            work += steps;
            if (work > MAX_WORK) {
                throw tooComplex("too much work");
            }
        }

        private static IllegalArgumentException tooComplex(String what) {
            return new IllegalArgumentException("Grammar: the expression needs " + what
                    + "; make it simpler, or its repetitions shorter");
        }

        /** Adds a state and all that it jumps to. */
        private void enter(int state, BitSet states) {
            Deque<Integer> todo = new ArrayDeque<>(List.of(state));
            while (!todo.isEmpty()) {
                int each = todo.pop();
                if (!states.get(each)) {
                    spend(1);
                    states.set(each);
                    todo.addAll(nfa.jumps(each));
                }
            }
        }

        private short[] row(BitSet states) {
            List<Nfa.Edge> edges = new ArrayList<>();
            BitSet cuts = new BitSet(); // between them all bytes lead to the same states
            states.stream().forEach(state -> edges.addAll(nfa.edges(state)));
            edges.forEach(edge -> {
                cuts.set(edge.from());
                cuts.set(edge.to() + 1);
            });
            short[] row = new short[BYTES];
            Arrays.fill(row, (short) DEAD);
            spend((long) edges.size() * cuts.cardinality());
            for (int from = cuts.nextSetBit(0); from >= 0 && from < BYTES; from = cuts.nextSetBit(from + 1)) {
                int value = from;
                BitSet targets = new BitSet();
                edges.stream().filter(edge -> edge.from() <= value && value <= edge.to())
                        .forEach(edge -> enter(edge.target(), targets));
                if (!targets.isEmpty()) {
                    Arrays.fill(row, from, cuts.nextSetBit(from + 1), number(targets));
                }
            }
            return row;
        }
    }
}
