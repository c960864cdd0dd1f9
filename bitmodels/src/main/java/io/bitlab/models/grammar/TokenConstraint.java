package io.bitlab.models.grammar;

import io.bitlab.models.tokenizer.Tokenizer;
import java.util.BitSet;
import java.util.Set;

/**
 * Keeps the tokens of one text to a {@link Grammar}. Only tokens are allowed after which the vocabulary can complete
 * the text.
 *
 * {@snippet class="io.bitlab.models.snippets.GrammarSnippets" region="constraint"}
 *
 * <p><b>Thread safety:</b> for one thread at a time.
 */
public final class TokenConstraint {

    private final TokenGrammar grammar;
    private final Tokenizer tokenizer;
    private final Set<Integer> stopTokens;
    private long state;

    TokenConstraint(TokenGrammar grammar, Tokenizer tokenizer, Set<Integer> stopTokens) {
        this.grammar = grammar;
        this.tokenizer = tokenizer;
        this.stopTokens = stopTokens;
        this.state = grammar.automaton().start();
    }

    /**
     * Rules out the tokens that may not follow.
     *
     * @param logits one for each token of the tokenizer, by id, further ones are ignored; those of tokens that may not
     *     follow become negative infinity
     */
    public void mask(float[] logits) {
        BitSet allowed = grammar.allowed(state);
        boolean complete = isComplete();
        int size = tokenizer.vocabularySize();
        for (int id = allowed.nextClearBit(0); id < size; id = allowed.nextClearBit(id + 1)) {
            if (!complete || !stopTokens.contains(id)) {
                logits[id] = Float.NEGATIVE_INFINITY;
            }
        }
    }

    /**
     * Appends a token to the text.
     *
     * @param token an allowed one; a stop token changes nothing
     * @throws IllegalArgumentException if it is not allowed; the text is left unchanged
     */
    public void accept(int token) {
        boolean stop = stopTokens.contains(token);
        if (stop ? !isComplete() : !grammar.allowed(state).get(token)) {
            throw new IllegalArgumentException("TokenConstraint.accept: token " + token
                    + " may not follow here, expected one that mask leaves");
        }
        if (!stop) {
            state = grammar.automaton().next(state, tokenizer.bytes(token));
        }
    }

    /**
     * Whether the text so far is a complete text of the grammar.
     *
     * @return true if it may end here
     */
    public boolean isComplete() {
        return grammar.automaton().accepts(state);
    }

    /**
     * Whether the text is complete and only a stop token may follow.
     *
     * @return true if it has to end here
     */
    public boolean isFinished() {
        return isComplete() && grammar.allowed(state).isEmpty();
    }
}
