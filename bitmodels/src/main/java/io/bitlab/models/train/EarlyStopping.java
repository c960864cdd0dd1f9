package io.bitlab.models.train;

/**
 * When to stop training that no longer improves the model; see {@link Trainer.Builder#earlyStopping}.
 *
 * @param patience number of epochs without improvement after which training stops, at least 1
 * @param minDelta minimum improvement of the best validation accuracy (for a language model, of {@code exp(-loss)}; for
 *     a task of your own, of {@link Task.Score#value}) that counts, at least 0
 */
public record EarlyStopping(int patience, double minDelta) {

    /**
     * Creates a criterion.
     *
     * @throws IllegalArgumentException if a value is out of its range
     */
    public EarlyStopping {
        if (patience < 1 || !(minDelta >= 0)) {
            throw new IllegalArgumentException(
                    "EarlyStopping: patience " + patience + " must be at least 1 and minDelta "
                            + minDelta + " not negative");
        }
    }
}
