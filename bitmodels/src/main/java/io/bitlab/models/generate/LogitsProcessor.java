package io.bitlab.models.generate;

/**
 * Changes the logits of a model before a token is chosen: rules tokens out, or makes them more or less likely. The
 * field's name for this hook comes from Hugging Face's transformers.
 *
 * {@snippet class="io.bitlab.models.snippets.GenerateSnippets" region="logits"}
 *
 * <p>{@link TextGeneratorBuilder#logits} takes a supplier, and each generation gets its own processor, so a processor
 * may keep state. Generations are deterministic as long as the result depends on nothing but the arguments of its calls
 * so far.
 */
@FunctionalInterface
public interface LogitsProcessor {

    /**
     * Changes the logits of the token that follows a text. Called once for each generated token; from one call to the
     * next the text gets longer by the token that was chosen.
     *
     * @param logits one for each token of the tokenizer, by id. Modified; negative infinity rules a token out, and at
     *     least one token must be left. Valid during the call only: the next one reuses the array
     * @param text an array that begins with the tokens so far, prompt included; not modified
     * @param length the number of tokens so far; in the first call, those of the prompt
     */
    void process(float[] logits, int[] text, int length);
}
