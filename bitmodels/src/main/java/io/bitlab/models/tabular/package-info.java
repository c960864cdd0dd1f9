/**
 * Tables: CSV files with a header, and models that predict a column from the others.
 *
 * <p>{@link io.bitlab.models.tabular.Classifier} and {@link io.bitlab.models.tabular.Regressor} train on a file and
 * predict by the names of its columns:
 *
 * {@snippet class="io.bitlab.models.snippets.TabularSnippets" region="classifier"}
 *
 * <p>Behind them, {@link io.bitlab.models.tabular.TabularData} holds a table,
 * {@link io.bitlab.models.tabular.TabularInput} makes inputs of its rows, and
 * {@link io.bitlab.models.tabular.BitTabular} is the model, whose configuration has the columns with their
 * standardisation and what is predicted.
 */
package io.bitlab.models.tabular;
