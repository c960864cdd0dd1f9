package io.bitlab.models.generate;

import io.bitlab.core.math.ActivationFunction;
import io.bitlab.core.math.CounterRandom;
import io.bitlab.core.math.FloatMath;

/**
 * Chooses tokens by the logits of a model. In this order:
 *
 * <ol>
 * <li><b>Repetition penalty</b> (Keskar et al., <i>CTRL</i>, 2019): of tokens that are among the last
 * {@code repetitionWindow}, a positive logit is divided by the penalty, a negative one multiplied with it; once,
 * however often the token was there.
 * <li><b>Temperature</b>: logits are divided by it. With 0, the token with the largest logit is taken now, of equal
 * ones the lowest id.
 * <li><b>Top-k</b>: the k tokens with the largest logits stay; of equal ones the lowest ids.
 * <li><b>Softmax</b> makes probabilities of the logits that stayed.
 * <li><b>Top-p</b> (Holtzman et al., <i>The Curious Case of Neural Text Degeneration</i>, 2020): in the order of top-k,
 * as many tokens stay as are needed for a sum of at least p; the one with which the sum gets there is the last to stay.
 * <li><b>Min-p</b> (Nguyen et al., <i>Turning Up the Heat</i>, 2024): tokens stay whose probability is at least
 * {@code minP} times the largest one. So at least one token is left.
 * <li><b>Draw</b>: the probabilities that are left are scaled to a sum of 1 and laid end to end in the order of ids; a
 * number from [0, 1) falls into that of the chosen token.
 * </ol>
 *
 * <p>The number that chooses the token at position n of a text depends on the seed and n alone. So a text that was
 * broken off goes on as it would have.
 *
 * <p><b>Thread safety:</b> for one thread at a time, because memory is used again; what was sampled before doesn't
 * matter.
 */
public final class Sampler {

    private static final long STREAM = CounterRandom.stream("sampling");

    private final SamplingConfig config;
    private final int tokens;
    private final CounterRandom random;
    private final float[] weights; // penalised logits, then what probabilities are proportional to; by id
    private final Ranking ranking; // null if nothing needs it

    /**
     * Makes a sampler.
     *
     * @param config what to do
     * @param vocabularySize how many tokens there are to choose from: ids from 0
     * @throws IllegalArgumentException if there are none
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
        this.ranking = !config.greedy() && (cutsToK() || config.topP() < 1f) ? new Ranking(vocabularySize) : null;
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
     * @param logits at least {@code vocabularySize} values: those of the tokens by id; others, which fill up the tables
     *     of some models, are ignored. Minus infinity rules a token out. Not modified
     * @param text the tokens so far; not modified
     * @param length how many of them there are, from index 0
     * @return the id of the chosen token
     * @throws IllegalArgumentException if a logit is NaN or positive infinity, all are ruled out, there are too few, or
     *     the text has no such length or unknown tokens
     */
    public int next(float[] logits, int[] text, int length) {
        requireSizes(logits, text, length);
        if (config.greedy()) {
            return likeliest(penalises() ? penalised(logits, text, length) : logits);
        }
        weigh(penalised(logits, text, length));
        random.seek(length);
        double mark = random.nextDouble() * total();
        int id = 0;
        double sum = weights[0];
        while (sum <= mark) { // ends: the whole sum, added in the same order, is larger
            sum += weights[++id];
        }
        return id;
    }

    /**
     * The probabilities with which {@link #next} chooses.
     *
     * @param logits as there; not modified
     * @param text as there; not modified
     * @param length as there
     * @return {@code vocabularySize} probabilities by id, a new array; 0 for what was filtered out
     * @throws IllegalArgumentException as there
     */
    public float[] probabilities(float[] logits, int[] text, int length) {
        requireSizes(logits, text, length);
        float[] probabilities = new float[tokens];
        if (config.greedy()) {
            probabilities[next(logits, text, length)] = 1f;
            return probabilities;
        }
        weigh(penalised(logits, text, length));
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

    private int likeliest(float[] logits) {
        int best = 0;
        for (int id = 0; id < tokens; id++) {
            if (logits[id] > logits[best]) {
                best = id;
            } else if (Float.isNaN(logits[id])) {
                throw wrong(logits);
            }
        }
        if (Float.isInfinite(logits[best])) {
            throw wrong(logits);
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
                float logit = logits[id]; // not of weights: a second time changes nothing
                weights[id] = logit > 0f ? logit / config.repetitionPenalty() : logit * config.repetitionPenalty();
            }
        }
        return weights;
    }

    /** Makes weights of penalised logits: the largest is 1, those of filtered tokens are 0. */
    private void weigh(float[] scores) {
        float max = FloatMath.get().max(scores, 0, tokens);
        if (!(Math.abs(max) < Float.POSITIVE_INFINITY)) {
            throw wrong(scores);
        }
        if (cutsToK()) {
            ranking.rankFirst(config.topK(), scores, Float.NEGATIVE_INFINITY);
        } else if (config.topP() < 1f) {
            ranking.rank(scores);
        }
        for (int id = 0; id < tokens; id++) {
            scores[id] = (scores[id] - max) / config.temperature(); // of the difference: nothing overflows
        }
        FloatMath.get().apply(ActivationFunction.EXP, scores, 0, scores, 0, tokens);
        if (config.topP() < 1f) {
            ranking.keep(nucleus(), scores, 0f);
        }
        if (config.minP() > 0f) {
            for (int id = 0; id < tokens; id++) {
                scores[id] = scores[id] < config.minP() ? 0f : scores[id];
            }
        }
    }

    /** How many of the likeliest tokens are needed for the share of top-p. */
    private int nucleus() {
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

    private IllegalArgumentException wrong(float[] scores) {
        for (int id = 0; id < tokens; id++) {
            if (Float.isNaN(scores[id]) || scores[id] == Float.POSITIVE_INFINITY) {
                return new IllegalArgumentException("Sampler: the logit of token " + id + " is " + scores[id]
                        + ", expected a number; the model or its weights are damaged");
            }
        }
        return new IllegalArgumentException("Sampler: all " + tokens
                + " logits are minus infinity, expected at least one token that is not ruled out");
    }
}
