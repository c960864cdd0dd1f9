package io.bitlab.models.tabular;

import io.bitlab.models.internal.Quote;
import io.bitlab.models.io.JsonObject;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;

/**
 * What a row of a table must become before a model sees it: which columns there are, how their numbers are
 * standardised, which categories they know, and what fills missing values. It is part of the model's configuration, so
 * that a saved model is used with the preprocessing that it was trained with.
 *
 * {@snippet class="io.bitlab.models.snippets.TabularSnippets" region="input"}
 *
 * <p>Immutable.
 *
 * @param columns at least one, no name twice; copied
 */
public record TabularInput(List<FeatureColumn> columns) {

    private static final int MOST_VALUES = Integer.MAX_VALUE - 8; // of an array

    /**
     * Checks the columns.
     *
     * @throws IllegalArgumentException if there are none, or two have the same name
     */
    public TabularInput {
        columns = List.copyOf(columns);
        List<String> names = columns.stream().map(FeatureColumn::name).toList();
        if (names.isEmpty() || new HashSet<>(names).size() < names.size()) {
            throw new IllegalArgumentException("TabularInput: the columns are named " + Quote.names(names)
                    + ", expected at least one, none twice");
        }
    }

    /**
     * Computes what the model must know of each column: mean and deviation of numbers, and the categories.
     *
     * @param train the training data; without the rows that the model is tested on
     * @param missing what becomes of missing values
     * @return the input of a model for this data
     * @throws IllegalArgumentException if a value is missing and that is refused, or a column has no values at all
     */
    public static TabularInput of(TabularData train, MissingValues missing) {
        List<FeatureColumn> columns = new ArrayList<>();
        for (DataColumn column : train.features()) {
            for (int row = 0; row < train.size(); row++) {
                if (missing == MissingValues.REFUSE && column.value(row) == null) {
                    throw new IllegalArgumentException(train.place(row) + ", column " + Quote.value(column.name())
                            + ": the value is missing; correct the data, leave the column out, or fill missing values "
                            + "with missingValues(MissingValues.MEAN)");
                }
            }
            columns.add(switch (column) {
                case DataColumn.Numbers numbers -> FeatureColumn.Numeric.of(numbers.name(), numbers.values(), missing);
                case DataColumn.Texts texts -> new FeatureColumn.Categorical(texts.name(), texts.texts(),
                        missing != MissingValues.REFUSE);
            });
        }
        return new TabularInput(columns);
    }

    /**
     * The number of inputs of the model.
     *
     * @return one for each column of numbers, and one for each category
     */
    public int width() {
        return columns.stream().mapToInt(FeatureColumn::width).sum();
    }

    /**
     * The names of the columns.
     *
     * @return in their order; unmodifiable
     */
    public List<String> names() {
        return columns.stream().map(FeatureColumn::name).toList();
    }

    /**
     * How to read a CSV file of rows that a model with this input predicts. The file may have further columns.
     *
     * @return options for a comma-separated file with a header and nothing to predict
     */
    public CsvOptions csvOptions() {
        return withColumns(CsvOptions.unlabelled());
    }

    /** The options with these columns as features, of the kinds that they are. */
    CsvOptions withColumns(CsvOptions options) {
        return options.withFeatures(names().toArray(String[]::new))
                .withNumbers(columns.stream().filter(FeatureColumn.Numeric.class::isInstance)
                        .map(FeatureColumn::name).toArray(String[]::new))
                .withCategories(columns.stream().filter(FeatureColumn.Categorical.class::isInstance)
                        .map(FeatureColumn::name).toArray(String[]::new));
    }

    /**
     * Encodes rows. Columns are found by their names, and further ones are ignored.
     *
     * @param data rows with at least these columns
     * @return {@code [rows, width]}, row-major, finite
     * @throws IllegalArgumentException if a column is missing, or a value can't be encoded; the message names the line
     */
    public float[] encode(TabularData data) {
        return encode(data, 0, data.size());
    }

    /** As above, some rows. */
    float[] encode(TabularData data, int from, int to) {
        int width = width();
        if ((long) (to - from) * width > MOST_VALUES) {
            throw new IllegalArgumentException(
                    "TabularInput: " + (to - from) + " rows of " + width + " inputs don't fit"
                            + " into an array; most inputs come from " + Quote.value(widest().name()) + ", with "
                            + widest().width() + "; encode fewer rows at a time, or leave this column out");
        }
        float[] rows = new float[(to - from) * width];
        Map<String, DataColumn> given = new HashMap<>();
        data.features().forEach(column -> given.put(column.name(), column));
        int at = 0;
        for (FeatureColumn column : columns) {
            DataColumn values = given.get(column.name());
            if (values == null) {
                throw new IllegalArgumentException(data.source() + ": there is no column " + Quote.value(column.name())
                        + " among " + Quote.names(data.featureNames()) + ", which the model needs");
            }
            for (int row = from; row < to; row++) {
                try {
                    column.encode(values.value(row), rows, (row - from) * width + at);
                } catch (IllegalArgumentException e) {
                    throw new IllegalArgumentException(data.place(row) + ", column " + Quote.value(column.name()) + ": "
                            + e.getMessage(), e);
                }
            }
            at += column.width();
        }
        return rows;
    }

    private FeatureColumn widest() {
        return columns.stream().max(Comparator.comparingInt(FeatureColumn::width)).orElseThrow();
    }

    /**
     * Encodes a row.
     *
     * @param operation who asks, for messages
     * @param values value by name: a {@code Number} or a text; a missing value is null or not there
     * @param rows takes {@link #width} inputs; zeros before
     * @param from the first of them
     * @throws IllegalArgumentException if there is an unknown column, or a value can't be encoded
     */
    void encode(String operation, Map<String, ?> values, float[] rows, int from) {
        if (columns.stream().filter(column -> values.containsKey(column.name())).count() < values.size()) {
            List<String> names = names();
            String unknown = values.keySet().stream().filter(name -> !names.contains(name)).findFirst().orElseThrow();
            String similar = names.stream().filter(known -> known.equalsIgnoreCase(unknown)).findFirst()
                    .map(known -> "; do you mean " + Quote.value(known) + "?").orElse("");
            throw new IllegalArgumentException(operation + ": the model has no column " + Quote.value(unknown)
                    + " among " + Quote.names(names) + similar);
        }
        int at = from;
        for (FeatureColumn column : columns) {
            try {
                column.encode(values.get(column.name()), rows, at);
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException(operation + ": column " + Quote.value(column.name()) + ": "
                        + e.getMessage(), e);
            }
            at += column.width();
        }
    }

    List<Map<String, Object>> toList() {
        return columns.stream().map(FeatureColumn::toMap).toList();
    }

    static TabularInput fromList(List<JsonObject> columns) {
        return new TabularInput(columns.stream().map(FeatureColumn::fromJson).toList());
    }
}
