package io.bitlab.models.generate;

/**
 * How the next token is chosen from the logits of a model. {@link Sampler} documents the steps and their order.
 *
 * {@snippet class="io.bitlab.models.snippets.GenerateSnippets" region="config"}
 *
 * <p><b>Thread safety:</b> immutable.
 *
 * @param temperature divisor of the logits, at least 0: below 1 favours likely tokens, above 1 unlikely ones; 0 always
 *     takes the most likely token
 * @param topK number of most likely tokens to keep; 0 keeps all
 * @param topP probability mass of the most likely tokens to keep, in (0, 1]; 1 keeps all
 * @param minP minimum probability of a token, relative to the most likely one, in [0, 1]; 0 keeps all
 * @param repetitionPenalty penalty for tokens that occurred recently, above 0; 1 for none
 * @param repetitionWindow number of last tokens that count as recent, at least 1
 * @param seed seed of the random numbers
 */
public record SamplingConfig(
        float temperature,
        int topK,
        float topP,
        float minP,
        float repetitionPenalty,
        int repetitionWindow,
        long seed) {

    /** Always the most likely token. */
    public static final SamplingConfig GREEDY = new SamplingConfig(0f, 0, 1f, 0f, 1f, 64, 0);

    /**
     * For prose: temperature 0.8, because the tail of a small model's distribution is worse than a large one's; top-k
     * 40 and top-p 0.95, which cut off the tokens that make a text derail; no repetition penalty, because it harms code
     * and names; seed 0.
     */
    public static final SamplingConfig TEXT = new SamplingConfig(0.8f, 40, 0.95f, 0f, 1f, 64, 0);

    /**
     * Creates a configuration.
     *
     * @throws IllegalArgumentException if a value is out of its range; the message names it
     */
    public SamplingConfig {
        require(temperature >= 0f && temperature < Float.POSITIVE_INFINITY, "temperature", temperature,
                "a number of at least 0; 0 takes the most likely token");
        require(topK >= 0, "topK", topK, "at least 1 token, or 0 for all of them");
        require(topP > 0f && topP <= 1f, "topP", topP, "a share in (0, 1]; 1 keeps all tokens");
        require(minP >= 0f && minP <= 1f, "minP", minP, "a share in [0, 1]; 0 keeps all tokens");
        require(repetitionPenalty > 0f && repetitionPenalty < Float.POSITIVE_INFINITY, "repetitionPenalty",
                repetitionPenalty, "a positive number; 1 changes nothing");
        require(repetitionWindow >= 1, "repetitionWindow", repetitionWindow,
                "at least 1 token; a repetitionPenalty of 1 turns it off");
    }

    private static void require(boolean right, String field, Object value, String expected) {
        if (!right) {
            throw new IllegalArgumentException("SamplingConfig: " + field + " is " + value + ", expected " + expected);
        }
    }

    /**
     * Whether the most likely token is always taken, so that neither the seed nor the filters matter.
     *
     * @return true for temperature 0
     */
    public boolean greedy() {
        return temperature == 0f;
    }

    /**
     * Returns a copy with another temperature.
     *
     * @param value at least 0
     * @return the changed copy
     */
    public SamplingConfig withTemperature(float value) {
        return new SamplingConfig(value, topK, topP, minP, repetitionPenalty, repetitionWindow, seed);
    }

    /**
     * Returns a copy with another top-k.
     *
     * @param value at least 1, or 0 for all
     * @return the changed copy
     */
    public SamplingConfig withTopK(int value) {
        return new SamplingConfig(temperature, value, topP, minP, repetitionPenalty, repetitionWindow, seed);
    }

    /**
     * Returns a copy with another top-p.
     *
     * @param value in (0, 1]
     * @return the changed copy
     */
    public SamplingConfig withTopP(float value) {
        return new SamplingConfig(temperature, topK, value, minP, repetitionPenalty, repetitionWindow, seed);
    }

    /**
     * Returns a copy with another min-p.
     *
     * @param value in [0, 1]
     * @return the changed copy
     */
    public SamplingConfig withMinP(float value) {
        return new SamplingConfig(temperature, topK, topP, value, repetitionPenalty, repetitionWindow, seed);
    }

    /**
     * Returns a copy with another repetition penalty.
     *
     * @param penalty above 0; 1 for none, 1.1 is common
     * @param window number of last tokens that count as recent, at least 1
     * @return the changed copy
     */
    public SamplingConfig withRepetitionPenalty(float penalty, int window) {
        return new SamplingConfig(temperature, topK, topP, minP, penalty, window, seed);
    }

    /**
     * Returns a copy with another seed.
     *
     * @param value any seed
     * @return the changed copy
     */
    public SamplingConfig withSeed(long value) {
        return new SamplingConfig(temperature, topK, topP, minP, repetitionPenalty, repetitionWindow, value);
    }
}
