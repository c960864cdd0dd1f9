package io.bitlab.models.grammar;

import java.util.BitSet;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A grammar and a vocabulary: which tokens may follow in which state. Remembers that, because states come again and
 * again. For any number of threads.
 */
final class TokenGrammar {

    /** Limits of what is remembered: 8 MB of bits. */
    private static final int MAX_BITS = 8 << 23;

    private static final int MAX_SETS = 4096;

    private final ByteAutomaton automaton;
    private final TokenTable table;
    private final Map<Long, BitSet> allowed = new ConcurrentHashMap<>(); // nobody modifies the sets

    TokenGrammar(ByteAutomaton automaton, TokenTable table) {
        this.automaton = automaton;
        this.table = table;
    }

    ByteAutomaton automaton() {
        return automaton;
    }

    /** The ids of the tokens that may follow, without stop tokens. */
    BitSet allowed(long state) {
        BitSet known = allowed.get(state);
        if (known != null) {
            return known;
        }
        BitSet computed = table.allowed(automaton, state);
        if (allowed.size() < Math.min(MAX_SETS, MAX_BITS / table.size())) {
            allowed.put(state, computed);
        }
        return computed;
    }
}
