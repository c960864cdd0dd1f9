package io.bitlab.models.tabular;

import io.bitlab.models.internal.HeldOut;
import io.bitlab.models.internal.Quote;
import io.bitlab.models.internal.Uninterrupted;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * A table in memory: named columns of numbers and categories, and a column of labels or numbers that is to be
 * predicted, if there is one. Takes 8 bytes for a number and 4 for a category.
 *
 * {@snippet class="io.bitlab.models.snippets.TabularSnippets" region="data"}
 *
 * <p><b>Thread safety:</b> immutable.
 */
public final class TabularData {

    private final String source;
    private final String unit; // what the numbers of rows count: "line" or "row"
    private final int[] places;
    private final List<DataColumn> features;
    private final DataColumn target; // or null

    TabularData(String source, String unit, int[] places, List<DataColumn> features, DataColumn target) {
        this.source = source;
        this.unit = unit;
        this.places = places;
        this.features = List.copyOf(features);
        this.target = target;
    }

    // ---------------------------------------------------------------- where data comes from

    /**
     * Reads a CSV file in UTF-8 (RFC 4180). Cells are stripped of white space. Numbers are decimal, such as
     * {@code -1.5e3}, whatever the locale, and in the range of floats; anything else in a column of numbers is refused.
     * Needs the library FastCSV, an optional dependency that the application must add.
     *
     * @param file the file; empty lines and a byte-order mark are skipped, quoted values may have line breaks
     * @param options which column is predicted, and what the others are
     * @return the data
     * @throws IOException if reading fails, or a value is not as expected; the message names file, line, column and
     *     value
     * @throws IllegalStateException if FastCSV is not on the class path
     */
    public static TabularData readCsv(Path file, CsvOptions options) throws IOException {
        if (Files.isDirectory(file)) {
            throw new IOException(file + ": a folder, expected a CSV file");
        }
        return Uninterrupted.call(() -> {
            try (Reader text = Files.newBufferedReader(file)) {
                return readCsv(String.valueOf(file.getFileName()), text, options);
            }
        });
    }

    /**
     * Reads CSV text, as {@link #readCsv(Path, CsvOptions)} does.
     *
     * @param source what is read, for messages
     * @param text the text; read to its end, not closed
     * @param options which column is predicted, and what the others are
     * @return the data
     * @throws IOException if reading fails, or a value is not as expected
     * @throws IllegalStateException if FastCSV is not on the class path
     */
    public static TabularData readCsv(String source, Reader text, CsvOptions options) throws IOException {
        TabularReader reader = new TabularReader(source, options);
        try {
            CsvRecords.forEach(source, text, options.separator(), reader);
        } catch (NoClassDefFoundError e) {
            throw new IllegalStateException("TabularData.readCsv needs FastCSV: add the dependency de.siegmar:fastcsv; "
                    + "a module also requires de.siegmar.fastcsv", e);
        }
        return reader.data();
    }

    /**
     * Makes a table of numbers.
     *
     * @param names the names of the columns, none blank, none twice
     * @param rows the values of each row, as many as there are names; finite, NaN for a missing value; copied
     * @return data without anything to predict, see {@link #withLabels} and {@link #withTargets}
     * @throws IllegalArgumentException if there are no rows or columns, a row has another length, or a value is
     *     infinite
     */
    public static TabularData of(List<String> names, double[]... rows) {
        requireNames(names);
        if (rows.length == 0) {
            throw new IllegalArgumentException("TabularData: there are no rows");
        }
        List<DataColumn> columns = new ArrayList<>();
        for (int column = 0; column < names.size(); column++) {
            double[] values = new double[rows.length];
            for (int row = 0; row < rows.length; row++) {
                if (rows[row].length != names.size()) {
                    throw new IllegalArgumentException("TabularData: row " + row + " has " + rows[row].length
                            + " values, expected " + names.size() + ", one for each of " + Quote.names(names));
                }
                values[row] = rows[row][column];
                if (Math.abs(values[row]) > Float.MAX_VALUE) { // false for NaN
                    throw new IllegalArgumentException("TabularData: row " + row + ", column "
                            + Quote.value(names.get(column)) + ": " + values[row]
                            + " is beyond the range of floats, 3.4e38");
                }
            }
            columns.add(new DataColumn.Numbers(names.get(column), values));
        }
        return new TabularData("the table", "row", IntStream.range(0, rows.length).toArray(), columns, null);
    }

    private static void requireNames(List<String> names) {
        if (names.isEmpty() || new HashSet<>(names).size() < names.size() || names.stream().anyMatch(String::isBlank)) {
            throw new IllegalArgumentException("TabularData: the columns are named " + Quote.names(names)
                    + ", expected at least one name, none blank, none twice");
        }
    }

    /**
     * This table with class labels.
     *
     * @param name what they say, such as {@code species}
     * @param labels the class of each row
     * @return the table with these labels to predict
     * @throws IllegalArgumentException if there are not as many labels as rows, or one is blank, or the name is a
     *     column's
     */
    public TabularData withLabels(String name, List<String> labels) {
        requireTarget(name, labels.size());
        for (int row = 0; row < labels.size(); row++) {
            if (labels.get(row).isBlank()) {
                throw new IllegalArgumentException("TabularData.withLabels: the label of row " + row + " is blank");
            }
        }
        List<String> texts = DataColumn.sorted(labels.stream().map(String::strip).collect(Collectors.toSet()));
        Map<String, Integer> ranks = new HashMap<>();
        texts.forEach(text -> ranks.put(text, ranks.size()));
        int[] codes = labels.stream().mapToInt(label -> ranks.get(label.strip())).toArray();
        return new TabularData(source, unit, places, features, new DataColumn.Texts(name, codes, texts));
    }

    /**
     * This table with numbers to predict.
     *
     * @param name what they say, such as {@code price}
     * @param targets the number of each row, finite; copied
     * @return the table with these numbers to predict
     * @throws IllegalArgumentException if there are not as many numbers as rows, or one is not finite, or the name is a
     *     column's
     */
    public TabularData withTargets(String name, double... targets) {
        requireTarget(name, targets.length);
        for (int row = 0; row < targets.length; row++) {
            if (!(Math.abs(targets[row]) <= Float.MAX_VALUE)) {
                throw new IllegalArgumentException("TabularData.withTargets: the target of row " + row + " is "
                        + targets[row] + ", expected a number in the range of floats");
            }
        }
        return new TabularData(source, unit, places, features, new DataColumn.Numbers(name, targets.clone()));
    }

    private void requireTarget(String name, int count) {
        if (name.isBlank() || featureNames().contains(name)) {
            throw new IllegalArgumentException("TabularData: what is predicted is named " + Quote.value(name)
                    + ", expected a name that is not blank, and not that of a column");
        }
        if (count != size()) {
            throw new IllegalArgumentException("TabularData: " + count + " values to predict for " + size() + " rows");
        }
    }

    // ---------------------------------------------------------------- parts

    /**
     * A table split into two parts.
     *
     * @param train the training rows
     * @param test the held-out rows
     */
    public record Split(TabularData train, TabularData test) {
    }

    /**
     * Splits the rows at random; with labels, so that each class has the same share in both parts (stratified), and at
     * least one row of each class is in the training part. The same seed gives the same split on every machine.
     *
     * @param testShare share of the rows that go to the test part, between 0 and 1, rounded down (for each class)
     * @param seed seed of the random choice
     * @return both parts, each in the order of this table
     * @throws IllegalArgumentException if the share is not between 0 and 1, or so small that the test part is empty
     */
    public Split split(double testShare, long seed) {
        HeldOut parts = HeldOut.of("TabularData.split", "rows", testShare, seed,
                target instanceof DataColumn.Texts labels ? labels.codes() : new int[size()]);
        return new Split(select(parts.train()), select(parts.test()));
    }

    TabularData select(int... rows) {
        return new TabularData(source, unit, Arrays.stream(rows).map(row -> places[row]).toArray(),
                features.stream().map(column -> column.select(rows)).toList(),
                target == null ? null : target.select(rows));
    }

    // ---------------------------------------------------------------- what is in it

    /**
     * The number of rows.
     *
     * @return at least 1
     */
    public int size() {
        return places.length;
    }

    /**
     * The names of the features.
     *
     * @return in the order of the columns; unmodifiable
     */
    public List<String> featureNames() {
        return features.stream().map(DataColumn::name).toList();
    }

    /**
     * The name of what is predicted.
     *
     * @return empty if this table has nothing to predict
     */
    public Optional<String> targetName() {
        return Optional.ofNullable(target).map(DataColumn::name);
    }

    /**
     * The features of a row, as {@link Classifier#predict(Map)} takes them.
     *
     * @param row the row, from 0
     * @return a new map of value by name: a {@code Double} or a {@code String}, null for a missing one
     * @throws IndexOutOfBoundsException if there is no such row
     */
    public SequencedMap<String, Object> row(int row) {
        SequencedMap<String, Object> values = new LinkedHashMap<>();
        features.forEach(column -> values.put(column.name(), column.value(row)));
        return values;
    }

    /**
     * What is to be predicted of a row.
     *
     * @param row the row, from 0
     * @return the label, or the number as a {@code Double}
     * @throws IndexOutOfBoundsException if there is no such row
     * @throws IllegalStateException if this table has nothing to predict
     */
    public Object target(int row) {
        return requireTarget("target").value(row);
    }

    List<DataColumn> features() {
        return features;
    }

    DataColumn requireTarget(String operation) {
        if (target == null) {
            throw new IllegalStateException("TabularData." + operation + ": this table has no labels and no targets; "
                    + "read it with CsvOptions.label or CsvOptions.target, or add them");
        }
        return target;
    }

    /** Where a row comes from, for messages. */
    String place(int row) {
        return source + ", " + unit + " " + places[row];
    }

    String source() {
        return source;
    }

    @Override
    public String toString() {
        long numbers = features.stream().filter(DataColumn.Numbers.class::isInstance).count();
        return source + ": " + size() + " rows, " + numbers + " columns of numbers and " + (features.size() - numbers)
                + " of categories" + switch (target) {
                    case null -> "";
                    case DataColumn.Texts labels -> ", " + labels.texts().size() + " classes of " + labels.name();
                    case DataColumn.Numbers number -> ", to predict " + number.name();
                };
    }
}
