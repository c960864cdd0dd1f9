package io.bitlab.models.generate;

import io.bitlab.core.math.ActivationFunction;
import io.bitlab.core.math.CounterRandom;
import io.bitlab.core.math.FloatMath;

/**
 * Chooses the next token from the logits of a model, as a {@link SamplingConfig} says.
 *
 * {@snippet class="io.bitlab.models.snippets.GenerateSnippets" region="sample"}
 *
 * <p>The steps, in this order:
 *
 * <ol>
 * <li><b>Repetition penalty</b> (Keskar et al., <i>CTRL</i>, 2019): for each token among the last
 * {@code repetitionWindow}, a positive logit is divided by the penalty, a negative one multiplied by it; once, however
 * often the token occurred.
 * <li><b>Temperature</b>: logits are divided by it. With 0, the token with the largest logit is chosen and the
 * remaining steps are skipped; ties go to the lowest id.
 * <li><b>Top-k</b>: the k tokens with the largest logits are kept; ties go to the lowest ids.
 * <li><b>Softmax</b> of the logits that were kept.
 * <li><b>Top-p</b> (Holtzman et al., <i>The Curious Case of Neural Text Degeneration</i>, 2020): in the order of top-k,
 * the fewest tokens whose probabilities sum to at least p are kept.
 * <li><b>Min-p</b> (Nguyen et al., <i>Turning Up the Heat</i>, 2024): tokens whose probability is at least {@code minP}
 * times the largest one are kept. So at least one token is left.
 * <li><b>Draw</b>: the remaining probabilities are normalised and stacked in the order of ids; a random number in [0,
 * 1) falls into the interval of the chosen token.
 * </ol>
 *
 * <p>The random number for position n of a text depends on the seed and n only, so an interrupted generation can be
 * resumed with the same result.
 *
 * <p><b>Thread safety:</b> for one thread at a time, because it reuses its buffers. Calls don't depend on earlier ones.
 */
public final class Sampler {

    private static final long STREAM = CounterRandom.stream("sampling");

    private final SamplingConfig config;
    private final int tokens;
    private final CounterRandom random;
    private final float[] weights; // by id: penalised logits, then unnormalised probabilities
    private final TokenRanking ranking; // null if no filter needs it

    /**
     * Creates a sampler.
     *
     * @param config the steps
     * @param vocabularySize the number of tokens to choose from, at least 1
     * @throws IllegalArgumentException if it is less
     */
    public Sampler(SamplingConfig config, int vocabularySize) {
        if (vocabularySize < 1) {
            throw new IllegalArgumentException(
                    "Sampler: vocabularySize is " + vocabularySize + ", expected at least 1 token");
        }
        this.config = config;
        this.tokens = vocabularySize;
        this.random = new CounterRandom(config.seed(), STREAM);
        this.weights = config.greedy() && !penalises() ? null : new float[vocabularySize];
        this.ranking = !config.greedy() && (cutsToK() || config.topP() < 1f) ? new TokenRanking(vocabularySize) : null;
    }

    private boolean penalises() {
        return config.repetitionPenalty() != 1f;
    }

    private boolean cutsToK() {
        return config.topK() > 0 && config.topK() < tokens;
    }

    /**
     * Chooses the token that follows a text.
     *
     * @param logits the logits by token id, at least {@code vocabularySize}; further ones, the padding of some models,
     *     are ignored. Negative infinity rules a token out. Not modified
     * @param text an array that begins with the tokens so far; not modified
     * @param length the number of tokens so far
     * @return the id of the chosen token
     * @throws IllegalArgumentException if a logit is NaN or positive infinity, all tokens are ruled out, there are too
     *     few logits, {@code text} is shorter than {@code length}, or has a token outside the vocabulary
     */
    public int next(float[] logits, int[] text, int length) {
        requireSizes(logits, text, length);
        if (config.greedy()) {
            return argmax(penalises() ? penalised(logits, text, length) : logits);
        }
        computeWeights(penalised(logits, text, length));
        random.seek(length);
        double point = random.nextDouble() * total();
        int id = 0;
        double sum = weights[0];
        while (sum <= point) { // terminates: the total, added in the same order, is larger
            sum += weights[++id];
        }
        return id;
    }

    /**
     * Returns the probabilities with which {@link #next} chooses.
     *
     * @param logits as for {@link #next}; not modified
     * @param text as for {@link #next}; not modified
     * @param length as for {@link #next}
     * @return {@code vocabularySize} probabilities by id, a new array; 0 for tokens that were filtered out
     * @throws IllegalArgumentException as {@link #next}
     */
    public float[] probabilities(float[] logits, int[] text, int length) {
        requireSizes(logits, text, length);
        float[] probabilities = new float[tokens];
        if (config.greedy()) {
            probabilities[next(logits, text, length)] = 1f;
            return probabilities;
        }
        computeWeights(penalised(logits, text, length));
        double total = total();
        for (int id = 0; id < tokens; id++) {
            probabilities[id] = (float) (weights[id] / total);
        }
        return probabilities;
    }

    private void requireSizes(float[] logits, int[] text, int length) {
        if (logits.length < tokens) {
            throw new IllegalArgumentException(
                    "Sampler: " + logits.length + " logits, expected one for each of " + tokens + " tokens");
        }
        if (length < 0 || length > text.length) {
            throw new IllegalArgumentException("Sampler: length is " + length + ", expected at most " + text.length
                    + ", the tokens of the text");
        }
    }

    private int argmax(float[] logits) {
        int best = 0;
        for (int id = 0; id < tokens; id++) {
            if (logits[id] > logits[best]) {
                best = id;
            } else if (Float.isNaN(logits[id])) {
                throw invalidLogits(logits);
            }
        }
        if (Float.isInfinite(logits[best])) {
            throw invalidLogits(logits);
        }
        return best;
    }

    private float[] penalised(float[] logits, int[] text, int length) {
        System.arraycopy(logits, 0, weights, 0, tokens);
        if (penalises()) {
            for (int i = Math.max(0, length - config.repetitionWindow()); i < length; i++) {
                int id = text[i];
                if (id < 0 || id >= tokens) {
                    throw new IllegalArgumentException("Sampler: token " + id + " at position " + i
                            + " is not one of 0 to " + (tokens - 1));
                }
                float logit = logits[id]; // not the weight, so that a repeated token is penalised once
                weights[id] = logit > 0f ? logit / config.repetitionPenalty() : logit * config.repetitionPenalty();
            }
        }
        return weights;
    }

    /** Turns penalised logits, in place, into weights: the largest is 1, those of filtered tokens are 0. */
    private void computeWeights(float[] scores) {
        float max = FloatMath.get().max(scores, 0, tokens);
        if (!(Math.abs(max) < Float.POSITIVE_INFINITY)) {
            throw invalidLogits(scores);
        }
        if (cutsToK()) {
            ranking.rankFirst(config.topK(), scores, Float.NEGATIVE_INFINITY);
        } else if (config.topP() < 1f) {
            ranking.rank(scores);
        }
        for (int id = 0; id < tokens; id++) {
            scores[id] = (scores[id] - max) / config.temperature(); // the difference is at most 0, so nothing overflows
        }
        FloatMath.get().apply(ActivationFunction.EXP, scores, 0, scores, 0, tokens);
        if (config.topP() < 1f) {
            ranking.keep(nucleusSize(), scores, 0f);
        }
        if (config.minP() > 0f) {
            for (int id = 0; id < tokens; id++) {
                scores[id] = scores[id] < config.minP() ? 0f : scores[id];
            }
        }
    }

    /** The number of most likely tokens that reach the probability mass of top-p. */
    private int nucleusSize() {
        double enough = config.topP() * total();
        double sum = 0;
        int count = 0;
        while (count < ranking.size() && sum < enough) {
            sum += weights[ranking.token(count++)];
        }
        return count;
    }

    private double total() {
        double sum = 0;
        for (int id = 0; id < tokens; id++) {
            sum += weights[id];
        }
        return sum;
    }

    private IllegalArgumentException invalidLogits(float[] scores) {
        for (int id = 0; id < tokens; id++) {
            if (Float.isNaN(scores[id]) || scores[id] == Float.POSITIVE_INFINITY) {
                return new IllegalArgumentException("Sampler: the logit of token " + id + " is " + scores[id]
                        + ", expected a finite number or negative infinity; the model or its weights are damaged");
            }
        }
        return new IllegalArgumentException("Sampler: all " + tokens
                + " logits are negative infinity, expected at least one token that is not ruled out");
    }
}
