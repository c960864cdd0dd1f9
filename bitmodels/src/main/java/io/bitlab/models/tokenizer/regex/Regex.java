package io.bitlab.models.tokenizer.regex;

import io.bitlab.models.internal.Quote;
import io.bitlab.models.tokenizer.regex.RegexNode.Kind;
import io.bitlab.models.tokenizer.regex.RegexSyntax.At;
import io.bitlab.models.tokenizer.regex.RegexSyntax.Atomic;
import io.bitlab.models.tokenizer.regex.RegexSyntax.Choice;
import io.bitlab.models.tokenizer.regex.RegexSyntax.Greed;
import io.bitlab.models.tokenizer.regex.RegexSyntax.Look;
import io.bitlab.models.tokenizer.regex.RegexSyntax.One;
import io.bitlab.models.tokenizer.regex.RegexSyntax.Repeat;
import io.bitlab.models.tokenizer.regex.RegexSyntax.Sequence;
import java.util.List;

/**
 * A regular expression with the meaning that it has for Oniguruma, which Hugging Face's tokenizers use.
 * {@code java.util.regex} means other characters by {@code .}, knows other names and recurses with the length of the
 * text. This one is searched for with a stack of its own. Immutable.
 */
public final class Regex {

    private static final int MAX_NODES = 10_000;

    private final String pattern;
    private final RegexNode start;
    private int nodes;

    /** Refuses what is no pattern, or has a meaning that this class does not know. */
    public Regex(String pattern) {
        this.pattern = pattern;
        this.start = compile(RegexParser.parse(pattern), node(Kind.END, null));
    }

    public String pattern() {
        return pattern;
    }

    RegexNode start() {
        return start;
    }

    /** How many nodes there are; their ids are below. */
    int nodes() {
        return nodes;
    }

    private RegexNode node(Kind kind, RegexNode next) {
        if (nodes == MAX_NODES) {
            throw new IllegalArgumentException("the pattern " + Quote.value(pattern) + " has more than " + MAX_NODES
                    + " steps, its repetitions written out; expected fewer");
        }
        return new RegexNode(kind, nodes++, next);
    }

    private RegexNode compile(RegexSyntax syntax, RegexNode next) {
        return switch (syntax) {
            case One one -> {
                RegexNode node = node(Kind.ONE, next);
                node.set = one.set();
                yield node;
            }
            case Sequence sequence -> {
                RegexNode first = next;
                for (RegexSyntax part : sequence.parts().reversed()) {
                    first = compile(part, first);
                }
                yield first;
            }
            case Choice choice -> fork(choice.alternatives().stream().map(part -> compile(part, next)).toList());
            case Repeat repeat -> repeat(repeat, next);
            case Atomic atomic -> withBody(Kind.ATOMIC, atomic.body(), next);
            case Look look -> {
                RegexNode node = withBody(Kind.LOOK, look.body(), next);
                node.min = look.back() ? look.body().length() : 0;
                node.negative = look.negative();
                yield node;
            }
            case At at -> {
                RegexNode node = node(Kind.PLACE, next);
                node.place = at.place();
                yield node;
            }
        };
    }

    private RegexNode withBody(Kind kind, RegexSyntax body, RegexNode next) {
        RegexNode node = node(kind, next);
        node.body = compile(body, node(Kind.END, null));
        node.lastOfBody = nodes - 1;
        return node;
    }

    private RegexNode fork(List<RegexNode> ways) {
        RegexNode fork = node(Kind.FORK, null);
        fork.ways(ways.toArray(RegexNode[]::new));
        return fork;
    }

    private RegexNode repeat(Repeat repeat, RegexNode next) {
        RegexSyntax body = repeat.body();
        if (body instanceof One one) {
            RegexNode run = node(Kind.RUN, next);
            run.set = one.set();
            run.min = repeat.min();
            run.max = repeat.max();
            run.greed = repeat.greed();
            return run;
        }
        if (repeat.greed() == Greed.POSSESSIVE) {
            return withBody(Kind.ATOMIC, new Repeat(body, repeat.min(), repeat.max(), Greed.GREEDY), next);
        }
        boolean lazy = repeat.greed() == Greed.LAZY;
        RegexNode rest = next;
        if (repeat.max() == RegexSyntax.UNLIMITED) {
            rest = node(Kind.FORK, null);
            fork(rest, compile(body, rest), next, lazy);
        } else {
            for (int i = repeat.min(); i < repeat.max(); i++) {
                RegexNode fork = node(Kind.FORK, null);
                fork(fork, compile(body, rest), next, lazy);
                rest = fork;
            }
        }
        for (int i = 0; i < repeat.min(); i++) {
            rest = compile(body, rest);
        }
        return rest;
    }

    private static void fork(RegexNode fork, RegexNode again, RegexNode out, boolean lazy) {
        fork.ways(lazy ? new RegexNode[] {out, again} : new RegexNode[] {again, out});
    }
}
