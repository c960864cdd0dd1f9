package io.bitlab.models.tabular;

import io.bitlab.models.internal.ClassProbabilities;
import io.bitlab.models.internal.Quote;
import io.bitlab.models.train.Evaluation;
import io.bitlab.models.train.TrainingListener;
import io.bitlab.models.vision.ClassNames;
import io.bitlab.models.vision.Prediction;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * Says to which class a row of a table belongs, by name. Columns, standardisation and class names are saved with the
 * model.
 *
 * {@snippet class="io.bitlab.models.snippets.TabularSnippets" region="classifier"}
 *
 * <p><b>Thread safety:</b> immutable, as long as nobody puts the model back into training; any number of threads may
 * share it.
 */
public final class Classifier {

    private final TabularPredictor predictor;
    private final ClassNames classNames;

    private Classifier(TabularPredictor predictor, ClassNames classNames) {
        this.predictor = predictor;
        this.classNames = classNames;
    }

    // ---------------------------------------------------------------- where classifiers come from

    /**
     * Uses a trained model.
     *
     * @param model a model of classes, in evaluation or deployed; not modified
     * @return its classifier
     * @throws IllegalStateException if it is in training
     * @throws IllegalArgumentException if it predicts a number
     */
    public static Classifier of(BitTabular model) {
        if (!(model.config().target() instanceof TabularTarget.Classes classes)) {
            throw new IllegalArgumentException("Classifier.of: the model predicts the number "
                    + Quote.value(model.config().target().name()) + "; use Regressor.of");
        }
        return new Classifier(new TabularPredictor(model, "Classifier"), classes.classNames());
    }

    /**
     * Loads a saved model.
     *
     * @param folder a folder that {@link #save} or {@link io.bitlab.models.AutoBitModel#save} wrote
     * @return its classifier
     * @throws io.bitlab.models.io.ModelFormatException if it is another kind of model, or a file is damaged
     * @throws IOException if a file is missing or can't be read
     * @throws IllegalArgumentException if it predicts a number
     */
    public static Classifier load(Path folder) throws IOException {
        return of(TabularPredictor.load(folder, "Classifier"));
    }

    /**
     * Trains a classifier on a CSV file with a header, with the defaults of {@link TabularTraining}: all other columns
     * are features, missing values are refused, and a fifth of the rows is held back to keep the best epoch.
     *
     * @param csv the file, comma-separated, in UTF-8
     * @param label the column of the labels
     * @param listeners are told of the progress, such as a {@link io.bitlab.models.train.ProgressReport}
     * @return the classifier, deployed
     * @throws IOException if the file can't be read, or a value is not as expected; the message names line, column and
     *     value
     * @throws IllegalArgumentException if a value is missing, or there are too few rows or classes
     * @throws IllegalStateException if FastCSV is not on the class path
     */
    public static Classifier train(Path csv, String label, TrainingListener... listeners) throws IOException {
        TabularTraining training = TabularTraining.of(TabularData.readCsv(csv, CsvOptions.label(label)));
        for (TrainingListener listener : listeners) {
            training.listener(listener);
        }
        return training.trainClassifier();
    }

    // ---------------------------------------------------------------- prediction

    /**
     * Says to which class a row of numbers belongs.
     *
     * @param values one for each column, in the order of {@link #columns}; NaN for a missing value
     * @return the classes with their probabilities
     * @throws IllegalArgumentException if there are not as many values as columns, a column holds categories, or a
     *     value is missing and the model refuses that
     */
    public Classification predict(double... values) {
        return classifications(predictor.outputs(values)).getFirst();
    }

    /**
     * Says to which class a row belongs.
     *
     * @param values value by the name of its column: a number, also as text, or a category; null, or no such name, for
     *     a missing value
     * @return the classes with their probabilities
     * @throws IllegalArgumentException if there is no such column, a value is no number or an unknown category, or a
     *     value is missing and the model refuses that
     */
    public Classification predict(Map<String, ?> values) {
        return predictAll(List.of(values)).getFirst();
    }

    /**
     * Says to which class each of many rows belongs.
     *
     * @param rows as for {@link #predict(Map)}
     * @return for each row, the same bits that {@link #predict(Map)} returns for it alone
     * @throws IllegalArgumentException as for {@link #predict(Map)}
     */
    public List<Classification> predictAll(List<? extends Map<String, ?>> rows) {
        return classifications(predictor.outputs(rows));
    }

    /**
     * Says to which class each row of a table belongs.
     *
     * @param data rows with at least the {@link #columns} of the model; read a file with {@link #csvOptions}
     * @return for each row, the same bits that {@link #predict(Map)} returns for it alone
     * @throws IllegalArgumentException if a column is missing, or a value can't be encoded; the message names the line
     */
    public List<Classification> predictAll(TabularData data) {
        return classifications(predictor.outputs(data));
    }

    private List<Classification> classifications(float... logits) {
        int classes = classNames.size();
        List<Classification> all = new ArrayList<>(logits.length / classes);
        for (int from = 0; from < logits.length; from += classes) {
            float[] probabilities = ClassProbabilities.softmax("Classifier.predict",
                    Arrays.copyOfRange(logits, from, from + classes));
            all.add(new Classification(Arrays.stream(ClassProbabilities.ranking(probabilities))
                    .mapToObj(i -> new Prediction(classNames.name(i), i, probabilities[i])).toList()));
        }
        return all;
    }

    /**
     * The share of rows whose label is predicted.
     *
     * @param data rows that the model was not trained on, with labels
     * @return from 0 to 1
     * @throws IllegalArgumentException if a column is missing, a value can't be encoded, or the model does not know a
     *     label
     * @throws IllegalStateException if the data has no labels
     */
    public double accuracy(TabularData data) {
        return Evaluation.accuracy(model(), model().samples(data));
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
     * The classes that it tells apart.
     *
     * @return their names
     */
    public ClassNames classNames() {
        return classNames;
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
     * How to read a CSV file of rows with labels for {@link #accuracy}.
     *
     * @return options for a comma-separated file with a header
     */
    public CsvOptions labelledCsvOptions() {
        return predictor.input().withColumns(CsvOptions.label(model().config().target().name()));
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
     * Saves the model with its preprocessing and names.
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
        return "Classifier(" + Quote.names(columns()) + " -> " + model().config().target().name() + ": "
                + Quote.names(classNames.toList()) + ")";
    }
}
