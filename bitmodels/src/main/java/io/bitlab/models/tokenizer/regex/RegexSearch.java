package io.bitlab.models.tokenizer.regex;

import io.bitlab.models.tokenizer.regex.RegexNode.Kind;
import io.bitlab.models.tokenizer.regex.RegexSyntax.Greed;
import java.util.Arrays;
import java.util.BitSet;

/**
 * Searches a text for the matches of a {@link Regex} by trying one way after the other. What is left to try lies on a
 * stack in the heap, so that a text may have any length. After many tries they are noted: whether the rest matches
 * depends on the node and the place alone, so that nothing needs a second try. For one thread.
 */
public final class RegexSearch {

    private static final int NONE = -1;

    /** To note a try costs more than most tries do. */
    private static final int TRIES_WITHOUT_NOTES = 10_000;

    private final Regex regex;
    private final char[] text;
    private int start = NONE;
    private int end = NONE;

    // the stack of what is left to try: a FORK, or a RUN that can have another length
    private RegexNode[] waiting = new RegexNode[16];
    private int[] places = new int[16]; // where a FORK stands; the shortest end of a RUN, the present one if it is lazy
    private int[] states = new int[16]; // which way of a FORK is next; the present end of a RUN, or a lazy one's length
    private int size;

    private int resumed; // where the try that was taken from the stack goes on
    private int tries;
    private BitSet[] tried; // places by node; null while nothing is noted

    public RegexSearch(Regex regex, String text) {
        this.regex = regex;
        this.text = text.toCharArray();
    }

    /** Goes to the next match; false if there is none. It may begin where the last one ends unless both are empty. */
    public boolean find() {
        int from = start == end && end != NONE ? after(end) : Math.max(0, end);
        tries = 0;
        tried = null;
        for (int at = from; at <= text.length; at = after(at)) {
            int found = run(regex.start(), at);
            if (found != NONE) {
                start = at;
                end = found;
                return true;
            }
        }
        return false;
    }

    public int start() {
        return start;
    }

    public int end() {
        return end;
    }

    /** Where the match ends that begins with a node and at a place. */
    private int run(RegexNode first, int from) {
        int base = size;
        RegexNode node = first;
        int at = from;
        while (true) {
            int reached = tries > TRIES_WITHOUT_NOTES && !note(node, at) ? NONE : switch (node.kind) {
                case ONE -> at < text.length && node.set.contains(character(at)) ? after(at) : NONE;
                case RUN -> repeat(node, at);
                case FORK -> fork(node, at);
                case ATOMIC -> runBody(node, at);
                case LOOK -> looks(node, at) ? at : NONE;
                case PLACE -> RegexPlaces.is(node.place, text, at) ? at : NONE;
                case END -> at;
            };
            RegexNode next = null;
            if (reached != NONE) {
                if (node.kind == Kind.END) {
                    size = base;
                    return at;
                }
                next = node.kind == Kind.FORK ? ways(node, at)[0] : node.next;
                at = reached;
            }
            while (next == null) {
                if (size == base) {
                    return NONE;
                }
                next = retry();
                at = resumed;
            }
            node = next;
        }
    }

    /** As {@link #run} with the body of a node. What was noted about it holds for the next time only if it failed. */
    private int runBody(RegexNode node, int from) {
        int reached = run(node.body, from);
        if (reached != NONE && tried != null) {
            Arrays.fill(tried, node.id + 1, node.lastOfBody + 1, null);
        }
        return reached;
    }

    private boolean looks(RegexNode node, int at) {
        int from = at;
        for (int i = 0; i < node.min; i++) {
            if (from == 0) {
                return node.negative;
            }
            from = before(from);
        }
        return runBody(node, from) != NONE != node.negative;
    }

    private int repeat(RegexNode run, int at) {
        int reached = at;
        int count = 0;
        while (count < run.min && reached < text.length && run.set.contains(character(reached))) {
            reached = after(reached);
            count++;
        }
        if (count < run.min) {
            return NONE;
        }
        if (run.greed == Greed.LAZY) {
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
        if (reached > shortest && run.greed == Greed.GREEDY) {
            push(run, shortest, reached);
        }
        return reached;
    }

    private int fork(RegexNode fork, int at) {
        int ways = ways(fork, at).length;
        if (ways > 1) {
            push(fork, at, 1);
        }
        return ways == 0 ? NONE : at;
    }

    private RegexNode[] ways(RegexNode fork, int at) {
        return fork.ways(at == text.length ? RegexNode.NOTHING : Math.min(text[at], RegexNode.OTHER));
    }

    private void push(RegexNode node, int place, int state) {
        if (size == waiting.length) {
            waiting = Arrays.copyOf(waiting, 2 * size);
            places = Arrays.copyOf(places, 2 * size);
            states = Arrays.copyOf(states, 2 * size);
        }
        waiting[size] = node;
        places[size] = place;
        states[size++] = state;
    }

    /** The node with which the last try that is left goes on; null if it cannot. */
    private RegexNode retry() {
        int top = size - 1;
        RegexNode node = waiting[top];
        RegexNode next = node.next;
        if (node.kind == Kind.FORK) {
            resumed = places[top];
            RegexNode[] ways = ways(node, resumed);
            next = ways[states[top]++];
            size -= states[top] == ways.length ? 1 : 0;
        } else if (node.greed == Greed.GREEDY) {
            resumed = before(states[top]);
            states[top] = resumed;
            size -= resumed == places[top] ? 1 : 0;
        } else {
            int at = places[top];
            if (at == text.length || !node.set.contains(character(at))) {
                size--;
                return null;
            }
            resumed = after(at);
            places[top] = resumed;
            size -= ++states[top] == node.max ? 1 : 0;
        }
        tries++;
        return next;
    }

    /** Notes what is tried; false if it was before, and failed: nothing comes back to a place it has left. */
    private boolean note(RegexNode node, int at) {
        if (tried == null) {
            tried = new BitSet[regex.nodes()];
        }
        if (tried[node.id] == null) {
            tried[node.id] = new BitSet();
        }
        boolean isNew = !tried[node.id].get(at);
        tried[node.id].set(at);
        return isNew;
    }

    private int character(int at) {
        char c = text[at];
        return Character.isHighSurrogate(c) ? Character.codePointAt(text, at) : c;
    }

    /** The place after the character that begins here; also one after the end. */
    private int after(int at) {
        return at + (at + 1 < text.length && Character.isSurrogatePair(text[at], text[at + 1]) ? 2 : 1);
    }

    private int before(int at) {
        return at - (at > 1 && Character.isSurrogatePair(text[at - 2], text[at - 1]) ? 2 : 1);
    }
}
