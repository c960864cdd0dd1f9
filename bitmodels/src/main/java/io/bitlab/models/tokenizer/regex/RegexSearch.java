package io.bitlab.models.tokenizer.regex;

import io.bitlab.models.tokenizer.regex.RegexNode.Anchor;
import io.bitlab.models.tokenizer.regex.RegexNode.Atomic;
import io.bitlab.models.tokenizer.regex.RegexNode.End;
import io.bitlab.models.tokenizer.regex.RegexNode.Fork;
import io.bitlab.models.tokenizer.regex.RegexNode.Lookaround;
import io.bitlab.models.tokenizer.regex.RegexNode.Run;
import io.bitlab.models.tokenizer.regex.RegexNode.Single;
import io.bitlab.models.tokenizer.regex.RegexSyntax.Greediness;
import java.util.Arrays;
import java.util.BitSet;

/**
 * Searches a text for the matches of a {@link Regex} by backtracking. The alternatives left to try are kept in a stack
 * on the heap, so a text may have any length. After many backtracks, attempts are memoised: whether the rest matches
 * depends only on the node and the position, so no attempt has to be repeated. For one thread.
 */
public final class RegexSearch {

    private static final int NONE = -1;

    /** Memoising an attempt costs more than most attempts. */
    private static final int BACKTRACKS_BEFORE_MEMO = 10_000;

    private final Regex regex;
    private final char[] text;
    private int start = NONE;
    private int end = NONE;

    // the stack: forks with untried branches, and runs that may have another length
    private RegexNode[] pending = new RegexNode[16];
    private int[] positions = new int[16]; // of a Fork; the shortest end of a greedy Run; the current end of a lazy one
    private int[] states = new int[16]; // next branch of a Fork; end of a greedy Run; length of a lazy Run
    private int size;

    private int resumed; // the position from which the backtracked attempt goes on
    private int backtracks;
    private BitSet[] attempted; // positions by node id; null until attempts are memoised

    /**
     * Starts before the first match.
     *
     * @param regex the pattern
     * @param text the text to search
     */
    public RegexSearch(Regex regex, String text) {
        this.regex = regex;
        this.text = text.toCharArray();
    }

    /**
     * Finds the next match, which may begin where the last one ended unless both are empty.
     *
     * @return false if there is none
     */
    public boolean find() {
        int from = start == end && end != NONE ? after(end) : Math.max(0, end);
        backtracks = 0;
        attempted = null;
        for (int at = from; at <= text.length; at = after(at)) {
            int found = match(regex.start(), at);
            if (found != NONE) {
                start = at;
                end = found;
                return true;
            }
        }
        return false;
    }

    /**
     * Where the match that {@link #find} found last begins.
     *
     * @return an index in the text; -1 before the first match
     */
    public int start() {
        return start;
    }

    /**
     * Where the match that {@link #find} found last ends.
     *
     * @return the index after its last character; -1 before the first match
     */
    public int end() {
        return end;
    }

    /** Matches from a node on; returns the end of the match, or {@link #NONE}. */
    private int match(RegexNode first, int from) {
        int base = size;
        RegexNode node = first;
        int at = from;
        while (true) {
            int reached = backtracks > BACKTRACKS_BEFORE_MEMO && !memoise(node, at) ? NONE : switch (node) {
                case Single single -> at < text.length && single.set.contains(character(at)) ? after(at) : NONE;
                case Run run -> repeat(run, at);
                case Fork fork -> fork(fork, at);
                case Atomic atomic -> matchBody(atomic.body, atomic.id, atomic.lastOfBody, at);
                case Lookaround look -> matches(look, at) ? at : NONE;
                case Anchor anchor -> anchor.boundary.matches(text, at) ? at : NONE;
                case End _ -> at;
            };
            RegexNode next = null;
            if (reached != NONE) {
                if (node instanceof End) {
                    size = base;
                    return at;
                }
                next = node instanceof Fork fork ? branches(fork, at)[0] : node.next;
                at = reached;
            }
            while (next == null) {
                if (size == base) {
                    return NONE;
                }
                next = backtrack();
                at = resumed;
            }
            node = next;
        }
    }

    /**
     * As {@link #match} for the body of a node. A match clears the memo of its nodes, because not all attempts failed.
     */
    private int matchBody(RegexNode body, int id, int lastOfBody, int from) {
        int reached = match(body, from);
        if (reached != NONE && attempted != null) {
            Arrays.fill(attempted, id + 1, lastOfBody + 1, null);
        }
        return reached;
    }

    private boolean matches(Lookaround look, int at) {
        int from = at;
        for (int i = 0; i < look.charactersBack; i++) {
            if (from == 0) {
                return look.negative;
            }
            from = before(from);
        }
        return matchBody(look.body, look.id, look.lastOfBody, from) != NONE != look.negative;
    }

    private int repeat(Run run, int at) {
        int reached = at;
        int count = 0;
        while (count < run.min && reached < text.length && run.set.contains(character(reached))) {
            reached = after(reached);
            count++;
        }
        if (count < run.min) {
            return NONE;
        }
        if (run.greediness == Greediness.LAZY) {
            if (count < run.max) {
                push(run, reached, count);
            }
            return reached;
        }
        int shortest = reached;
        while (count < run.max && reached < text.length && run.set.contains(character(reached))) {
            reached = after(reached);
            count++;
        }
        if (reached > shortest && run.greediness == Greediness.GREEDY) {
            push(run, shortest, reached);
        }
        return reached;
    }

    private int fork(Fork fork, int at) {
        int branches = branches(fork, at).length;
        if (branches > 1) {
            push(fork, at, 1);
        }
        return branches == 0 ? NONE : at;
    }

    private RegexNode[] branches(Fork fork, int at) {
        return fork.branches(at == text.length ? RegexNode.END_OF_TEXT : Math.min(text[at], RegexNode.BEYOND_ASCII));
    }

    private void push(RegexNode node, int position, int state) {
        if (size == pending.length) {
            pending = Arrays.copyOf(pending, 2 * size);
            positions = Arrays.copyOf(positions, 2 * size);
            states = Arrays.copyOf(states, 2 * size);
        }
        pending[size] = node;
        positions[size] = position;
        states[size++] = state;
    }

    /** Resumes the attempt on top of the stack; returns the node to go on with, or null if it fails. */
    private RegexNode backtrack() {
        int top = size - 1;
        RegexNode next = switch (pending[top]) {
            case Fork fork -> nextBranch(fork, top);
            case Run run when run.greediness == Greediness.GREEDY -> shorter(run, top);
            case Run run -> longer(run, top);
            default -> throw new AssertionError(pending[top]);
        };
        backtracks += next == null ? 0 : 1;
        return next;
    }

    private RegexNode nextBranch(Fork fork, int top) {
        resumed = positions[top];
        RegexNode[] branches = branches(fork, resumed);
        RegexNode next = branches[states[top]++];
        size -= states[top] == branches.length ? 1 : 0;
        return next;
    }

    private RegexNode shorter(Run run, int top) {
        resumed = before(states[top]);
        states[top] = resumed;
        size -= resumed == positions[top] ? 1 : 0;
        return run.next;
    }

    private RegexNode longer(Run run, int top) {
        int at = positions[top];
        if (at == text.length || !run.set.contains(character(at))) {
            size--;
            return null;
        }
        resumed = after(at);
        positions[top] = resumed;
        size -= ++states[top] == run.max ? 1 : 0;
        return run.next;
    }

    /** Notes an attempt; false if it was made before, in which case it failed. */
    private boolean memoise(RegexNode node, int at) {
        if (attempted == null) {
            attempted = new BitSet[regex.nodes()];
        }
        if (attempted[node.id] == null) {
            attempted[node.id] = new BitSet();
        }
        boolean isNew = !attempted[node.id].get(at);
        attempted[node.id].set(at);
        return isNew;
    }

    private int character(int at) {
        char c = text[at];
        return Character.isHighSurrogate(c) ? Character.codePointAt(text, at) : c;
    }

    /** The position after the character that begins here; one beyond the end of the text at its end. */
    private int after(int at) {
        return at + (at + 1 < text.length && Character.isSurrogatePair(text[at], text[at + 1]) ? 2 : 1);
    }

    private int before(int at) {
        return at - (at > 1 && Character.isSurrogatePair(text[at - 2], text[at - 1]) ? 2 : 1);
    }
}
