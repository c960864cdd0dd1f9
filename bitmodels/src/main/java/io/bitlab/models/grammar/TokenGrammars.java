package io.bitlab.models.grammar;

import io.bitlab.models.tokenizer.Tokenizer;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * What grammars mean for the tokens of a vocabulary. Preparing a grammar takes a while, so the last ones are kept.
 *
 * {@snippet class="io.bitlab.models.snippets.GrammarSnippets" region="constraint"}
 *
 * <p>A {@link io.bitlab.models.generate.TextGenerator} has one of its own; others need one only for their own decoding
 * loops.
 *
 * <p><b>Thread safety:</b> any number of threads may share one.
 */
public final class TokenGrammars {

    private static final int MAX_GRAMMARS = 16;

    private final Tokenizer tokenizer;
    private final Set<Integer> stopTokens;
    private final Map<Grammar, TokenGrammar> grammars = new LinkedHashMap<>(MAX_GRAMMARS, 0.75f, true);
    private TokenTable table; // null before the first grammar

    /**
     * Prepares nothing yet.
     *
     * @param tokenizer the tokenizer of the model
     * @param stopTokens the ids that end a text; a grammar allows them only after a complete text, whatever they decode
     *     to. Copied
     */
    public TokenGrammars(Tokenizer tokenizer, Set<Integer> stopTokens) {
        this.tokenizer = tokenizer;
        this.stopTokens = Set.copyOf(stopTokens);
    }

    /**
     * Starts a text.
     *
     * @param grammar what the text has to obey
     * @return a constraint for one text
     * @throws IllegalArgumentException if the vocabulary can't spell any text of the grammar
     */
    public TokenConstraint constraint(Grammar grammar) {
        return new TokenConstraint(prepared(grammar), tokenizer, stopTokens);
    }

    private synchronized TokenGrammar prepared(Grammar grammar) {
        if (table == null) {
            table = new TokenTable(tokenizer, stopTokens);
        }
        TokenGrammar known = grammars.get(grammar);
        if (known == null) {
            known = new TokenGrammar(grammar.automaton(table.spelling()), table);
            grammars.put(grammar, known);
            if (grammars.size() > MAX_GRAMMARS) {
                grammars.remove(grammars.keySet().iterator().next()); // the one that was not used for longest
            }
        }
        return known;
    }
}
