package io.bitlab.models.generate;

/**
 * How much a generation did in which time.
 *
 * @param promptTokens how many tokens of the prompt went through the model; those it still knew from before don't count
 * @param generatedTokens how many tokens were drawn
 * @param promptSeconds how long the prompt took
 * @param generationSeconds how long everything after it took, the receiver of the text included
 */
public record GenerationStats(
        int promptTokens, int generatedTokens, double promptSeconds, double generationSeconds) {

    /**
     * The speed of reading.
     *
     * @return tokens of the prompt in a second; 0 if there was no time to measure
     */
    public double promptTokensPerSecond() {
        return rate(promptTokens, promptSeconds);
    }

    /**
     * The speed of writing.
     *
     * @return drawn tokens in a second; 0 if there was no time to measure
     */
    public double generatedTokensPerSecond() {
        return rate(generatedTokens, generationSeconds);
    }

    private static double rate(int tokens, double seconds) {
        return seconds > 0 ? tokens / seconds : 0;
    }
}
