package io.bitlab.models.tabular;

/**
 * What becomes of missing values among the features. What fills them is computed from the training data and saved with
 * the model, so that it fills missing values of predictions as well.
 *
 * {@snippet class="io.bitlab.models.snippets.TabularSnippets" region="missing"}
 */
public enum MissingValues {
    /** They are an error that names the line, in training and in prediction. */
    REFUSE,
    /** The mean of the column replaces a missing number; a missing category belongs to no category. */
    MEAN,
    /** The median of the column replaces a missing number, which outliers don't move; a category as for the mean. */
    MEDIAN
}
