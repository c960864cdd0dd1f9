package io.bitlab.models.generate;

import io.bitlab.models.transformer.BitTransformer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * How a {@link TextGenerator} guesses several next tokens, which the model then checks in one step. A step reads all
 * weights however many tokens pass through them, so right guesses make a text faster.
 *
 * {@snippet class="io.bitlab.models.snippets.GenerateSnippets" region="speculation"}
 *
 * <p><b>Exact.</b> Each token is drawn from the logits of the model, by the same random numbers as without guesses, and
 * a guess counts if it is the token that was drawn. So tokens, text, log-probabilities and the reason of the end are
 * the same to the bit, greedy or sampled, with processors, grammars and stop strings.
 *
 * <p><b>Pace.</b> How many tokens are guessed at a time follows from how many were right and from measured times; where
 * guesses don't pay, they are tried rarely, so that a text without repetitions takes at most about 3 % longer. The
 * number of guesses, in {@link GenerationStats}, therefore differs from run to run.
 *
 * <p><b>Thread safety:</b> immutable.
 */
public final class Speculation {

    private static final int MOST_TOKENS = 16;
    private static final int LIMIT = 64;

    private final String name;
    private final BitTransformer draft; // null for none
    private final Supplier<TokenProposer> proposers;
    private final int mostTokens;
    private final LongSupplier clock; // nanoseconds

    private Speculation(String name, BitTransformer draft, Supplier<TokenProposer> proposers, int mostTokens,
            LongSupplier clock) {
        this.name = name;
        this.draft = draft;
        this.proposers = proposers;
        this.mostTokens = mostTokens;
        this.clock = clock;
    }

    /**
     * Guesses that a text goes on as it did where its last tokens occurred before, in the prompt or in the answer
     * (Saxena, <i>Prompt Lookup Decoding</i>, 2023). This needs no memory and next to no time, and is right in texts
     * that repeat parts of their prompt: summaries, changes of code, answers about a document.
     *
     * @return guesses of up to 16 tokens
     */
    public static Speculation promptLookup() {
        return new Speculation("promptLookup", null, PromptLookup::new, MOST_TOKENS, System::nanoTime);
    }

    /**
     * Guesses the tokens that a smaller model finds most likely (Leviathan et al., <i>Fast Inference from Transformers
     * via Speculative Decoding</i>, 2023). Each generation, and each chat, has its own session of that model. With a
     * shorter context, the model sees the last part of the text.
     *
     * @param model a model with the same tokenizer, in evaluation, at least several times faster; not modified
     * @return guesses of up to 16 tokens
     */
    public static Speculation draft(BitTransformer model) {
        return new Speculation("draft of " + model.parameterCount() + " parameters", model,
                () -> new DraftProposer(model), MOST_TOKENS,
                System::nanoTime);
    }

    /**
     * Guesses more or fewer tokens at a time.
     *
     * @param value the largest number, 1 to 64; default 16. Each takes memory for the logits of the whole vocabulary
     * @return the changed copy
     * @throws IllegalArgumentException if it is out of range
     */
    public Speculation withMostTokens(int value) {
        if (value < 1 || value > LIMIT) {
            throw new IllegalArgumentException("Speculation: mostTokens is " + value + ", expected 1 to " + LIMIT
                    + "; longer guesses are rarely right to their end");
        }
        return new Speculation(name, draft, proposers, value, clock);
    }

    /** The same by another clock: if it stands still, guesses seem to cost nothing and are never given up. */
    Speculation withClock(LongSupplier value) {
        return new Speculation(name, draft, proposers, mostTokens, value);
    }

    LongSupplier clock() {
        return clock;
    }

    int mostTokens() {
        return mostTokens;
    }

    /** Proposes tokens for one text. */
    TokenProposer newProposer() {
        return proposers.get();
    }

    /**
     * Refuses a draft with another vocabulary, which would guess tokens that mean something else.
     *
     * @throws IllegalArgumentException if the numbers of tokens differ
     */
    void requireSameVocabulary(BitTransformer model) {
        if (draft != null && draft.config().vocabSize() != model.config().vocabSize()) {
            throw new IllegalArgumentException("TextGenerator: the draft model has " + draft.config().vocabSize()
                    + " tokens, expected " + model.config().vocabSize() + ", those of the model"
                    + "; use one that was trained with the same tokenizer");
        }
    }

    @Override
    public String toString() {
        return "Speculation(" + name + ", up to " + mostTokens + " tokens)";
    }
}
