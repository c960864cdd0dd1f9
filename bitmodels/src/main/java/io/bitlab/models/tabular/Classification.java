package io.bitlab.models.tabular;

import io.bitlab.models.internal.Quote;
import io.bitlab.models.vision.Prediction;
import java.util.List;
import java.util.Locale;

/**
 * The classes that a row may belong to, with their probabilities.
 *
 * {@snippet class="io.bitlab.models.snippets.TabularSnippets" region="classification"}
 *
 * @param ranking all classes, the most probable first; equally probable ones by index
 */
public record Classification(List<Prediction> ranking) {

    /** Copies the list. */
    public Classification {
        ranking = List.copyOf(ranking);
    }

    /**
     * The name of the most probable class.
     *
     * @return the label
     */
    public String label() {
        return ranking.getFirst().name();
    }

    /**
     * The probability of the most probable class.
     *
     * @return from 0 to 1
     */
    public float probability() {
        return ranking.getFirst().probability();
    }

    /**
     * The probability of a class.
     *
     * @param label its name
     * @return from 0 to 1; those of all classes add up to 1
     * @throws IllegalArgumentException if there is no such class
     */
    public float probability(String label) {
        return ranking.stream().filter(prediction -> prediction.name().equals(label)).findFirst()
                .orElseThrow(() -> new IllegalArgumentException("Classification: there is no class "
                        + Quote.value(label) + " among "
                        + Quote.names(ranking.stream().map(Prediction::name).toList())))
                .probability();
    }

    /**
     * The most probable classes.
     *
     * @param k how many, 1 to all
     * @return the most probable first
     * @throws IllegalArgumentException if k is out of range
     */
    public List<Prediction> top(int k) {
        if (k < 1 || k > ranking.size()) {
            throw new IllegalArgumentException("Classification.top: the top " + k + " classes, expected 1 to "
                    + ranking.size() + ": the model knows no more");
        }
        return ranking.subList(0, k);
    }

    /** {@return the label and its probability, such as {@code apple (97.3 %)}} */
    @Override
    public String toString() {
        return String.format(Locale.ROOT, "%s (%.1f %%)", label(), 100 * probability());
    }
}
