package io.bitlab.models.generate;

import java.util.List;

/**
 * How likely the model found a generated token, and which tokens it found most likely at that place.
 *
 * {@snippet class="io.bitlab.models.snippets.GenerateSnippets" region="logProbabilities"}
 *
 * <p>The probabilities are those of the model: the softmax of its logits over the tokens of the tokenizer, before
 * {@linkplain LogitsProcessor processors}, grammar, repetition penalty, temperature and filters. So the chosen token
 * may be none of the most likely ones.
 *
 * @param chosen the generated token
 * @param mostLikely the most likely tokens, in descending order of probability, of equal ones the lowest id first; as
 *     many as {@link TextGeneratorBuilder#logProbabilities(int)} asks for. Unmodifiable
 */
public record LogProbabilities(TokenLogProbability chosen, List<TokenLogProbability> mostLikely) {

    /** Copies the list. */
    public LogProbabilities {
        mostLikely = List.copyOf(mostLikely);
    }
}
