package io.bitlab.models.tokenizer.regex;

import io.bitlab.models.internal.Quote;
import io.bitlab.models.tokenizer.regex.RegexSyntax.Alternation;
import io.bitlab.models.tokenizer.regex.RegexSyntax.Anchor;
import io.bitlab.models.tokenizer.regex.RegexSyntax.Atomic;
import io.bitlab.models.tokenizer.regex.RegexSyntax.Greediness;
import io.bitlab.models.tokenizer.regex.RegexSyntax.Lookaround;
import io.bitlab.models.tokenizer.regex.RegexSyntax.Repetition;
import io.bitlab.models.tokenizer.regex.RegexSyntax.Sequence;
import io.bitlab.models.tokenizer.regex.RegexSyntax.Single;
import java.util.List;

/**
 * A compiled regular expression with the syntax and meaning of Oniguruma, which Hugging Face's tokenizers use. In
 * {@code java.util.regex}, {@code .} matches other characters, properties have other names, and the recursion is as
 * deep as the text is long. {@link RegexSearch} keeps its own stack instead. Immutable.
 */
public final class Regex {

    private static final int MAX_NODES = 10_000;

    private final String pattern;
    private final RegexNode start;
    private int nodes;

    /**
     * Compiles a pattern.
     *
     * @param pattern a regular expression in the syntax of Oniguruma
     * @throws IllegalArgumentException if it is malformed or has an element that is not supported
     */
    public Regex(String pattern) {
        this.pattern = pattern;
        RegexSyntax syntax = RegexParser.parse(pattern);
        this.start = compile(syntax, new RegexNode.End(nextId()));
    }

    /**
     * The pattern as it was given.
     *
     * @return the text of the expression
     */
    public String pattern() {
        return pattern;
    }

    RegexNode start() {
        return start;
    }

    /** The number of nodes; ids are smaller. */
    int nodes() {
        return nodes;
    }

    private int nextId() {
        if (nodes == MAX_NODES) {
            throw new IllegalArgumentException("the pattern " + Quote.value(pattern) + " has more than " + MAX_NODES
                    + " steps, its repetitions written out; expected fewer");
        }
        return nodes++;
    }

    private RegexNode compile(RegexSyntax syntax, RegexNode next) {
        return switch (syntax) {
            case Single single -> new RegexNode.Single(nextId(), single.set(), next);
            case Sequence sequence -> {
                RegexNode first = next;
                for (RegexSyntax part : sequence.parts().reversed()) {
                    first = compile(part, first);
                }
                yield first;
            }
            case Alternation alternation -> {
                List<RegexNode> branches =
                        alternation.alternatives().stream().map(part -> compile(part, next)).toList();
                RegexNode.Fork fork = new RegexNode.Fork(nextId());
                fork.setBranches(branches.toArray(RegexNode[]::new));
                yield fork;
            }
            case Repetition repetition -> compileRepetition(repetition, next);
            case Atomic atomic -> compileAtomic(atomic.body(), next);
            case Lookaround look -> {
                int id = nextId();
                RegexNode body = compileBody(look.body());
                yield new RegexNode.Lookaround(id, body, nodes - 1, look.back() ? look.body().length() : 0,
                        look.negative(), next);
            }
            case Anchor anchor -> new RegexNode.Anchor(nextId(), anchor.boundary(), next);
        };
    }

    private RegexNode compileBody(RegexSyntax body) {
        return compile(body, new RegexNode.End(nextId()));
    }

    private RegexNode compileAtomic(RegexSyntax syntax, RegexNode next) {
        int id = nextId();
        RegexNode body = compileBody(syntax);
        return new RegexNode.Atomic(id, body, nodes - 1, next);
    }

    private RegexNode compileRepetition(Repetition repetition, RegexNode next) {
        RegexSyntax body = repetition.body();
        int min = repetition.min();
        int max = repetition.max();
        if (body instanceof Single single) {
            return new RegexNode.Run(nextId(), single.set(), min, max, repetition.greediness(), next);
        }
        if (repetition.greediness() == Greediness.POSSESSIVE) {
            return compileAtomic(new Repetition(body, min, max, Greediness.GREEDY), next);
        }
        boolean lazy = repetition.greediness() == Greediness.LAZY;
        RegexNode rest = next;
        if (max == RegexSyntax.UNLIMITED) {
            RegexNode.Fork loop = new RegexNode.Fork(nextId());
            setBranches(loop, compile(body, loop), next, lazy);
            rest = loop;
        } else {
            for (int i = min; i < max; i++) {
                RegexNode.Fork fork = new RegexNode.Fork(nextId());
                setBranches(fork, compile(body, rest), next, lazy);
                rest = fork;
            }
        }
        for (int i = 0; i < min; i++) {
            rest = compile(body, rest);
        }
        return rest;
    }

    private static void setBranches(RegexNode.Fork fork, RegexNode again, RegexNode out, boolean lazy) {
        fork.setBranches(lazy ? new RegexNode[] {out, again} : new RegexNode[] {again, out});
    }
}
