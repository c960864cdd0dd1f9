package io.bitlab.models.internal;

import io.bitlab.core.math.Elementary;
import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;

/** What the logits of a classifier mean. */
public final class ClassProbabilities {

    private static final int MOST_SHOWN = 8;

    private ClassProbabilities() {
    }

    /**
     * The softmax: {@code exp(logit) / sum(exp(logits))}.
     *
     * @param operation who asks, for the message
     * @param logits a number for each class; not modified
     * @return the probability of each class, from 0 to 1
     * @throws IllegalStateException if a logit is NaN or infinite
     */
    public static float[] softmax(String operation, float... logits) {
        float largest = Float.NEGATIVE_INFINITY;
        for (float logit : logits) {
            if (!Float.isFinite(logit)) {
                throw new IllegalStateException(operation + ": the logits "
                        + Arrays.toString(Arrays.copyOf(logits, Math.min(MOST_SHOWN, logits.length)))
                        + " are not all finite; check the weights and the training");
            }
            largest = Math.max(largest, logit);
        }
        float[] shares = new float[logits.length];
        double sum = 0;
        for (int i = 0; i < logits.length; i++) {
            shares[i] = Elementary.exp(logits[i] - largest);
            sum += shares[i];
        }
        for (int i = 0; i < shares.length; i++) {
            shares[i] = (float) (shares[i] / sum);
        }
        return shares;
    }

    /**
     * The classes by their probability.
     *
     * @param probabilities of each class
     * @return the classes, the most probable first; equally probable ones by index
     */
    public static int[] ranking(float... probabilities) {
        return IntStream.range(0, probabilities.length).boxed()
                .sorted(Comparator.comparingDouble((Integer i) -> probabilities[i]).reversed()
                        .thenComparingInt(i -> i))
                .mapToInt(i -> i).toArray();
    }
}
