package io.bitlab.models.generate;

/**
 * Token counts and durations of a generation.
 *
 * @param promptTokens the prompt tokens that went through the model; those that were still cached from an earlier turn
 *     are not counted
 * @param generatedTokens the generated tokens
 * @param promptSeconds the time to process the prompt, in seconds
 * @param generationSeconds the time for everything after it, including the receiver of the text, in seconds
 */
public record GenerationStats(
        int promptTokens, int generatedTokens, double promptSeconds, double generationSeconds) {

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
