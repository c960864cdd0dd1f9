package io.bitlab.models.generate;

/**
 * Token counts and durations of a generation.
 *
 * @param promptTokens the prompt tokens that went through the model; those that were still cached from an earlier turn
 *     are not counted
 * @param generatedTokens the generated tokens
 * @param promptSeconds the time to process the prompt, in seconds
 * @param generationSeconds the time for everything after it, including the receiver of the text, in seconds
 * @param proposedTokens the tokens that a {@link Speculation} guessed; 0 without one
 * @param acceptedTokens those of them that were generated
 */
public record GenerationStats(int promptTokens, int generatedTokens, double promptSeconds, double generationSeconds,
        int proposedTokens, int acceptedTokens) {

    /**
     * Creates the figures of a generation without guesses.
     *
     * @param promptTokens the prompt tokens that went through the model
     * @param generatedTokens the generated tokens
     * @param promptSeconds the time to process the prompt, in seconds
     * @param generationSeconds the time for everything after it, in seconds
     */
    public GenerationStats(int promptTokens, int generatedTokens, double promptSeconds, double generationSeconds) {
        this(promptTokens, generatedTokens, promptSeconds, generationSeconds, 0, 0);
    }

    /**
     * Returns the speed of prompt processing.
     *
     * @return prompt tokens per second; 0 if the duration is 0
     */
    public double promptTokensPerSecond() {
        return rate(promptTokens, promptSeconds);
    }

    /**
     * Returns the speed of generation.
     *
     * @return generated tokens per second; 0 if the duration is 0
     */
    public double generatedTokensPerSecond() {
        return rate(generatedTokens, generationSeconds);
    }

    private static double rate(int tokens, double seconds) {
        return seconds > 0 ? tokens / seconds : 0;
    }
}
