package io.bitlab.models.generate;

import io.bitlab.core.math.ActivationFunction;
import io.bitlab.core.math.FloatMath;
import io.bitlab.models.tokenizer.Tokenizer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Turns logits into the log-probabilities of a token and of the most likely ones. Reusable; for one thread. */
final class LogSoftmax {

    private final Tokenizer tokenizer;
    private final int tokens;
    private final int count;
    private final float[] scratch;
    private final TokenRanking ranking; // null if only the chosen token matters

    /**
     * Creates one for a vocabulary.
     *
     * @param count number of most likely tokens
     */
    LogSoftmax(Tokenizer tokenizer, int count) {
        this.tokenizer = tokenizer;
        this.tokens = tokenizer.vocabularySize();
        this.count = Math.min(count, tokens);
        this.scratch = new float[tokens];
        this.ranking = this.count > 0 ? new TokenRanking(tokens) : null;
    }

    /** The log-probabilities; the logits must be without NaN, and at least one finite. */
    LogProbabilities of(float[] logits, int chosen) {
        float max = FloatMath.get().max(logits, 0, tokens);
        for (int id = 0; id < tokens; id++) {
            scratch[id] = logits[id] - max; // at most 0, so nothing overflows
        }
        FloatMath.get().apply(ActivationFunction.EXP, scratch, 0, scratch, 0, tokens);
        double sum = 0;
        for (int id = 0; id < tokens; id++) {
            sum += scratch[id];
        }
        double logOfSum = StrictMath.log(sum);
        List<TokenLogProbability> mostLikely = new ArrayList<>();
        if (ranking != null) {
            System.arraycopy(logits, 0, scratch, 0, tokens);
            ranking.rankFirst(count, scratch, Float.NEGATIVE_INFINITY);
            for (int rank = 0; rank < count; rank++) {
                mostLikely.add(of(logits, ranking.token(rank), max, logOfSum));
            }
        }
        return new LogProbabilities(of(logits, chosen, max, logOfSum), mostLikely);
    }

    private TokenLogProbability of(float[] logits, int token, double max, double logOfSum) {
        byte[] bytes = tokenizer.bytes(token);
        String text = bytes.length > 0 ? new String(bytes, StandardCharsets.UTF_8)
                : tokenizer.token(token);
        return new TokenLogProbability(token, text, bytes, logits[token] - max - logOfSum);
    }
}
