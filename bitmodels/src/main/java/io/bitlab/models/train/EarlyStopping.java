package io.bitlab.models.train;

/**
 * When to end training that no longer helps.
 *
 * @param patience epochs without improvement after which training ends, at least 1
 * @param minDelta what counts as improvement: more than this above the best validation accuracy so far (for a language
 *     model, the best {@code exp(-loss)}); 0 or more
 */
public record EarlyStopping(int patience, double minDelta) {

    /** Checks both. */
    public EarlyStopping {
        if (patience < 1 || !(minDelta >= 0)) {
            throw new IllegalArgumentException(
                    "EarlyStopping: patience " + patience + " must be at least 1 and minDelta "
                            + minDelta + " not negative");
        }
    }
}
