package io.bitlab.models.generate;

import java.util.List;

/**
 * The result of a generation.
 *
 * @param text the generated text, without the prompt, and without the stop token or stop string that ended it
 * @param tokens all generated tokens, including a stop token and those of a stop string; an array that belongs to the
 *     receiver
 * @param reason why the generation ended
 * @param stats token counts and durations
 * @param logProbabilities for each of the tokens how likely it was; empty unless {@link
 *     TextGeneratorBuilder#logProbabilities(int)} asks for them. Unmodifiable
 */
public record Generation(String text, int[] tokens, FinishReason reason, GenerationStats stats,
        List<LogProbabilities> logProbabilities) {

    /** Copies the list. */
    public Generation {
        logProbabilities = List.copyOf(logProbabilities);
    }

    /**
     * Creates a result without log-probabilities.
     *
     * @param text the generated text
     * @param tokens all generated tokens; not copied
     * @param reason why the generation ended
     * @param stats token counts and durations
     */
    public Generation(String text, int[] tokens, FinishReason reason, GenerationStats stats) {
        this(text, tokens, reason, stats, List.of());
    }
}
