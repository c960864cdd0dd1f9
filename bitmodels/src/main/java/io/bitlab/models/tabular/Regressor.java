package io.bitlab.models.tabular;

import io.bitlab.models.internal.Quote;
import io.bitlab.models.train.RegressionErrors;
import io.bitlab.models.train.TrainingListener;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Predicts a number for a row of a table, in the unit of the training data. Columns and standardisation are saved with
 * the model.
 *
 * {@snippet class="io.bitlab.models.snippets.TabularSnippets" region="regressor"}
 *
 * <p><b>Thread safety:</b> immutable, as long as nobody puts the model back into training; any number of threads may
 * share it.
 */
public final class Regressor {

    private final TabularPredictor predictor;
    private final TabularTarget.Quantity target;

    private Regressor(TabularPredictor predictor, TabularTarget.Quantity target) {
        this.predictor = predictor;
        this.target = target;
    }

    /**
     * Uses a trained model.
     *
     * @param model a model of a number, in evaluation or deployed; not modified
     * @return its regressor
     * @throws IllegalStateException if it is in training
     * @throws IllegalArgumentException if it predicts classes
     */
    public static Regressor of(BitTabular model) {
        if (!(model.config().target() instanceof TabularTarget.Quantity quantity)) {
            throw new IllegalArgumentException("Regressor.of: the model predicts the classes of "
                    + Quote.value(model.config().target().name()) + "; use Classifier.of");
        }
        return new Regressor(new TabularPredictor(model, "Regressor"), quantity);
    }

    /**
     * Loads a saved model.
     *
     * @param folder a folder that {@link #save} or {@link io.bitlab.models.AutoBitModel#save} wrote
     * @return its regressor
     * @throws io.bitlab.models.io.ModelFormatException if it is another kind of model, or a file is damaged
     * @throws IOException if a file is missing or can't be read
     * @throws IllegalArgumentException if it predicts classes
     */
    public static Regressor load(Path folder) throws IOException {
        return of(TabularPredictor.load(folder, "Regressor"));
    }

    /**
     * Trains a regressor on a CSV file with a header, with the defaults of {@link TabularTraining}: all other columns
     * are features, missing values are refused, and a fifth of the rows is held back to keep the best epoch.
     *
     * @param csv the file, comma-separated, in UTF-8
     * @param target the column of the numbers to predict
     * @param listeners are told of the progress, such as a {@link io.bitlab.models.train.ProgressReport}
     * @return the regressor, deployed
     * @throws IOException if the file can't be read, or a value is not as expected; the message names line, column and
     *     value
     * @throws IllegalArgumentException if a value is missing, or there are too few rows
     * @throws IllegalStateException if FastCSV is not on the class path
     */
    public static Regressor train(Path csv, String target, TrainingListener... listeners) throws IOException {
        TabularTraining training = TabularTraining.of(TabularData.readCsv(csv, CsvOptions.target(target)));
        for (TrainingListener listener : listeners) {
            training.listener(listener);
        }
        return training.trainRegressor();
    }

    // ---------------------------------------------------------------- prediction

    /**
     * Predicts the number of a row of numbers.
     *
     * @param values one for each column, in the order of {@link #columns}; NaN for a missing value
     * @return the prediction, in the unit of the training data
     * @throws IllegalArgumentException if there are not as many values as columns, a column holds categories, or a
     *     value is missing and the model refuses that
     */
    public double predict(double... values) {
        return numbers(predictor.outputs(values))[0];
    }

    /**
     * Predicts the number of a row.
     *
     * @param values value by the name of its column: a number, also as text, or a category; null, or no such name, for
     *     a missing value
     * @return the prediction, in the unit of the training data
     * @throws IllegalArgumentException if there is no such column, a value is no number or an unknown category, or a
     *     value is missing and the model refuses that
     */
    public double predict(Map<String, ?> values) {
        return predictAll(List.of(values))[0];
    }

    /**
     * Predicts the number of each of many rows.
     *
     * @param rows as for {@link #predict(Map)}
     * @return for each row, the same bits that {@link #predict(Map)} returns for it alone
     * @throws IllegalArgumentException as for {@link #predict(Map)}
     */
    public double[] predictAll(List<? extends Map<String, ?>> rows) {
        return numbers(predictor.outputs(rows));
    }

    /**
     * Predicts the number of each row of a table.
     *
     * @param data rows with at least the {@link #columns} of the model; read a file with {@link #csvOptions}
     * @return for each row, the same bits that {@link #predict(Map)} returns for it alone
     * @throws IllegalArgumentException if a column is missing, or a value can't be encoded; the message names the line
     */
    public double[] predictAll(TabularData data) {
        return numbers(predictor.outputs(data));
    }

    private double[] numbers(float... outputs) {
        for (float output : outputs) {
            if (!Float.isFinite(output)) {
                throw new IllegalStateException("Regressor.predict: the output " + output
                        + " is not finite; check the weights and the training");
            }
        }
        return IntStream.range(0, outputs.length).mapToDouble(i -> target.mean() + target.deviation() * outputs[i])
                .toArray();
    }

    /**
     * How far the predictions are from the truth.
     *
     * @param data rows that the model was not trained on, with targets
     * @return the errors, in the unit of the targets
     * @throws IllegalArgumentException if a column is missing, or a value can't be encoded
     * @throws IllegalStateException if the data has no targets
     */
    public RegressionErrors errors(TabularData data) {
        return RegressionErrors.of(predictAll(data), model().regressionSamples(data).targets());
    }

    // ---------------------------------------------------------------- what it is made of

    /**
     * The columns of a row.
     *
     * @return their names, in the order of {@link #predict(double...)}; unmodifiable
     */
    public List<String> columns() {
        return predictor.input().names();
    }

    /**
     * How to read a CSV file of rows for {@link #predictAll(TabularData)}. It may have further columns.
     *
     * @return options for a comma-separated file with a header
     */
    public CsvOptions csvOptions() {
        return predictor.input().csvOptions();
    }

    /**
     * How to read a CSV file of rows with targets for {@link #errors}.
     *
     * @return options for a comma-separated file with a header
     */
    public CsvOptions labelledCsvOptions() {
        return predictor.input().withColumns(CsvOptions.target(target.name()));
    }

    /**
     * The model that predicts.
     *
     * @return the model, not a copy
     */
    public BitTabular model() {
        return predictor.model();
    }

    /**
     * Saves the model with its preprocessing.
     *
     * @param folder the folder to write; created if it doesn't exist. A model in it is replaced as a whole or, if
     *     anything fails, not at all
     * @throws IOException if the folder can't be written
     */
    public void save(Path folder) throws IOException {
        predictor.save(folder);
    }

    @Override
    public String toString() {
        return "Regressor(" + Quote.names(columns()) + " -> " + target.name() + ")";
    }
}
