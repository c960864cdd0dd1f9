package io.bitlab.models.grammar;

/**
 * Reads one JSON value (RFC 8259). A deterministic automaton reads strings, numbers and literals; a stack of one bit a
 * level says what is open: an object or an array. Both fit into a state, together with what comes next.
 */
final class JsonAutomaton implements ByteAutomaton {

    /** Objects and arrays within each other. */
    static final int MAX_DEPTH = 32;

    /** White space in a row, so that a model can't produce nothing else. */
    static final int MAX_SPACES = 100;

    /** Half of a surrogate pair is no character, so it must be followed by the other half. */
    private static final String ESCAPED = """
            u([0-9a-ce-fA-CE-F][0-9a-fA-F]{3}|[dD][0-7][0-9a-fA-F]{2}\
            |[dD][89abAB][0-9a-fA-F]{2}\\\\u[dD][c-fC-F][0-9a-fA-F]{2})""";

    private static final String STRING = """
            "([^"\\\\\\x00-\\x1f]|\\\\(["\\\\/bfnrt]|%s))*\"""".formatted(ESCAPED);

    /** Digits are limited so that a double holds the number. */
    private static final String SCALAR =
            "-?(0|[1-9][0-9]{0,14})(\\.[0-9]{1,15})?([eE][+-]?[0-9]{1,2})?|true|false|null|" + STRING;

    // what comes next, in the lowest bits of a state
    private static final int OBJECT = 0;
    private static final int VALUE = 1;
    private static final int VALUE_OR_END = 2;
    private static final int KEY = 3;
    private static final int KEY_OR_END = 4;
    private static final int COLON = 5;
    private static final int COMMA_OR_END = 6;
    private static final int IN_SCALAR = 7;
    private static final int IN_KEY = 8;

    private static final int DETAIL_SHIFT = 4; // spaces so far, or the state of a scalar or key
    private static final int DETAIL_MASK = 0xffff;
    private static final int STACK_SHIFT = 20; // a 1, then from outside to inside: 1 for an object, 0 for an array
    private static final long EMPTY = 1;
    private static final long FULL = 1L << MAX_DEPTH;

    private final Dfa scalars;
    private final Dfa keys;
    private final boolean objectOnly;

    private JsonAutomaton(Dfa scalars, Dfa keys, boolean objectOnly) {
        this.scalars = scalars;
        this.keys = keys;
        this.objectOnly = objectOnly;
    }

    /** An automaton for what a vocabulary can spell. */
    static JsonAutomaton of(Spelling spelling, boolean objectOnly) {
        "{}[]:,\"0".chars().filter(c -> !spelling.has(c)).findFirst().ifPresent(c -> {
            throw new IllegalArgumentException("Grammar: the vocabulary has no token for '" + (char) c
                    + "', which JSON needs; use a tokenizer with all ASCII characters");
        });
        return new JsonAutomaton(Dfa.of(spelling.restrict(ExpressionParser.parse(SCALAR))),
                Dfa.of(spelling.restrict(ExpressionParser.parse(STRING))), objectOnly);
    }

    private static long state(int mode, long detail, long stack) {
        return stack << STACK_SHIFT | detail << DETAIL_SHIFT | mode;
    }

    private static int mode(long state) {
        return (int) state & 0xf;
    }

    private static int detail(long state) {
        return (int) (state >> DETAIL_SHIFT) & DETAIL_MASK;
    }

    @Override
    public long start() {
        return state(objectOnly ? OBJECT : VALUE, 0, EMPTY);
    }

    @Override
    public boolean accepts(long state) {
        return state >> STACK_SHIFT == EMPTY
                && (mode(state) == COMMA_OR_END || mode(state) == IN_SCALAR && scalars.accepts(detail(state)));
    }

    @Override
    public long next(long state, int value) {
        long stack = state >> STACK_SHIFT;
        int mode = mode(state);
        if (mode == IN_KEY) {
            long inKey = keys.next(detail(state), value);
            return inKey == DEAD ? DEAD : keys.accepts(inKey) ? state(COLON, 0, stack) : state(IN_KEY, inKey, stack);
        }
        if (mode == IN_SCALAR) {
            long inScalar = scalar(scalars.next(detail(state), value), stack);
            boolean numberEnds = inScalar == DEAD && scalars.accepts(detail(state));
            return numberEnds ? next(state(COMMA_OR_END, 0, stack), value) : inScalar;
        }
        if (value == ' ' || value == '\n' || value == '\t' || value == '\r') {
            boolean over = mode == COMMA_OR_END && stack == EMPTY;
            return over || detail(state) == MAX_SPACES ? DEAD : state(mode, detail(state) + 1, stack);
        }
        boolean inObject = (stack & 1) == 1;
        return switch (mode) {
            case OBJECT -> value == '{' ? value(value, stack) : DEAD;
            case VALUE -> value(value, stack);
            case VALUE_OR_END -> value == ']' ? state(COMMA_OR_END, 0, stack >> 1) : value(value, stack);
            case KEY -> key(value, stack);
            case KEY_OR_END -> value == '}' ? state(COMMA_OR_END, 0, stack >> 1) : key(value, stack);
            case COLON -> value == ':' ? state(VALUE, 0, stack) : DEAD;
            default -> stack == EMPTY ? DEAD
                    : value == ',' ? state(inObject ? KEY : VALUE, 0, stack)
                    : value == (inObject ? '}' : ']') ? state(COMMA_OR_END, 0, stack >> 1) : DEAD;
        };
    }

    private long value(int value, long stack) {
        if (value == '{') {
            return stack >= FULL ? DEAD : state(KEY_OR_END, 0, stack << 1 | 1);
        }
        if (value == '[') {
            return stack >= FULL ? DEAD : state(VALUE_OR_END, 0, stack << 1);
        }
        return scalar(scalars.next(scalars.start(), value), stack);
    }

    private long scalar(long inScalar, long stack) {
        return inScalar == DEAD ? DEAD : scalars.isFinal(inScalar) ? state(COMMA_OR_END, 0, stack)
                : state(IN_SCALAR, inScalar, stack);
    }

    private long key(int value, long stack) {
        return value == '"' ? state(IN_KEY, keys.next(keys.start(), value), stack) : DEAD;
    }
}
