package io.bitlab.models.generate;

/**
 * How the next token is chosen among those that a model thinks possible, see {@link Sampler} for what is done in which
 * order.
 *
 * @param temperature what logits are divided by: below 1 favours the likely tokens, above 1 the others; 0 takes the
 *     likeliest
 * @param topK how many of the likeliest tokens stay; 0 for all
 * @param topP the share of probability that the likeliest tokens must have together to stay; 1 for all
 * @param minP how likely a token must be to stay, as a part of the likeliest one's probability; 0 for all
 * @param repetitionPenalty how much less likely tokens become that were there recently; 1 for no change
 * @param repetitionWindow how many of the last tokens count as recent
 * @param seed which of all possible texts
 */
public record SamplingConfig(
        float temperature,
        int topK,
        float topP,
        float minP,
        float repetitionPenalty,
        int repetitionWindow,
        long seed) {

    /** Always the likeliest token. */
    public static final SamplingConfig GREEDY = new SamplingConfig(0f, 0, 1f, 0f, 1f, 64, 0);

    /**
     * For prose: temperature 0.8, for the tail of a small model's distribution is worse than that of a large one; top-k
     * 40 and top-p 0.95, which cut off what makes a text derail; no penalty, which harms code and names; seed 0.
     */
    public static final SamplingConfig TEXT = new SamplingConfig(0.8f, 40, 0.95f, 0f, 1f, 64, 0);

    /** Checks the values. */
    public SamplingConfig {
        require(temperature >= 0f && temperature < Float.POSITIVE_INFINITY, "temperature", temperature,
                "a number of at least 0; 0 takes the likeliest token");
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
     * Whether the likeliest token is always taken, so that neither seed nor filters matter.
     *
     * @return true for temperature 0
     */
    public boolean greedy() {
        return temperature == 0f;
    }

    /**
     * The same with another temperature.
     *
     * @param value at least 0
     * @return a new configuration
     */
    public SamplingConfig withTemperature(float value) {
        return new SamplingConfig(value, topK, topP, minP, repetitionPenalty, repetitionWindow, seed);
    }

    /**
     * The same with another number of likeliest tokens.
     *
     * @param value at least 1, or 0 for all
     * @return a new configuration
     */
    public SamplingConfig withTopK(int value) {
        return new SamplingConfig(temperature, value, topP, minP, repetitionPenalty, repetitionWindow, seed);
    }

    /**
     * The same with another share of probability.
     *
     * @param value in (0, 1]
     * @return a new configuration
     */
    public SamplingConfig withTopP(float value) {
        return new SamplingConfig(temperature, topK, value, minP, repetitionPenalty, repetitionWindow, seed);
    }

    /**
     * The same with another least probability.
     *
     * @param value in [0, 1]
     * @return a new configuration
     */
    public SamplingConfig withMinP(float value) {
        return new SamplingConfig(temperature, topK, topP, value, repetitionPenalty, repetitionWindow, seed);
    }

    /**
     * The same with another penalty for repetitions.
     *
     * @param penalty above 0; 1 for none, values like 1.1 are common
     * @param window how many of the last tokens count, at least 1
     * @return a new configuration
     */
    public SamplingConfig withRepetitionPenalty(float penalty, int window) {
        return new SamplingConfig(temperature, topK, topP, minP, penalty, window, seed);
    }

    /**
     * The same with another seed.
     *
     * @param value any
     * @return a new configuration
     */
    public SamplingConfig withSeed(long value) {
        return new SamplingConfig(temperature, topK, topP, minP, repetitionPenalty, repetitionWindow, value);
    }
}
