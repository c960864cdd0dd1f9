package io.bitlab.models.tabular;

import io.bitlab.models.internal.Quote;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * How a CSV file becomes {@link TabularData}: which column is predicted, and what the others are. Immutable; each
 * {@code with} method returns a changed copy.
 *
 * {@snippet class="io.bitlab.models.snippets.TabularSnippets" region="options"}
 *
 * <p>Unless a column is declared by {@link #withNumbers} or {@link #withCategories}, its first value decides: after a
 * number all must be numbers, and after a text all must be texts, which become categories.
 */
public final class CsvOptions {

    /** What is predicted. */
    enum Goal { CLASS, NUMBER, NOTHING }

    private final Goal goal;
    private final String target; // null for Goal.NOTHING
    private char separator = ',';
    private boolean header = true;
    private boolean textAllowed = true;
    private List<String> features = List.of(); // none for all columns
    private List<String> ignored = List.of();
    private List<String> categories = List.of();
    private List<String> numbers = List.of();
    private Set<String> missing = Set.of("");

    private CsvOptions(Goal goal, String target) {
        this.goal = goal;
        this.target = target;
    }

    private CsvOptions copy() {
        CsvOptions copy = new CsvOptions(goal, target);
        copy.separator = separator;
        copy.header = header;
        copy.textAllowed = textAllowed;
        copy.features = features;
        copy.ignored = ignored;
        copy.categories = categories;
        copy.numbers = numbers;
        copy.missing = missing;
        return copy;
    }

    /**
     * A column of class labels is predicted. Labels are texts, and may be numbers.
     *
     * @param column its name in the header
     * @return options for a comma-separated file with a header, of which all other columns are features
     */
    public static CsvOptions label(String column) {
        return new CsvOptions(Goal.CLASS, requireName(column));
    }

    /**
     * A column of numbers is predicted: regression.
     *
     * @param column its name in the header
     * @return options for a comma-separated file with a header, of which all other columns are features
     */
    public static CsvOptions target(String column) {
        return new CsvOptions(Goal.NUMBER, requireName(column));
    }

    /**
     * The file holds features only, as for predictions.
     *
     * @return options for a comma-separated file with a header, of which all columns are features
     */
    public static CsvOptions unlabelled() {
        return new CsvOptions(Goal.NOTHING, null);
    }

    private static String requireName(String column) {
        Objects.requireNonNull(column, "CsvOptions: the name of the column is null");
        if (column.isBlank()) {
            throw new IllegalArgumentException("CsvOptions: the name of the column is " + Quote.value(column)
                    + ", expected one of the header's names");
        }
        return column.strip();
    }

    private static List<String> requireNames(String... columns) {
        Set<String> names = new LinkedHashSet<>(); // tables may be very wide
        for (String column : columns) {
            String name = requireName(column);
            if (!names.add(name)) {
                throw new IllegalArgumentException("CsvOptions: the column " + Quote.value(name) + " is named twice");
            }
        }
        return List.copyOf(names);
    }

    // ---------------------------------------------------------------- choices

    /**
     * Sets what separates the columns.
     *
     * @param value any character but quote and line break; default a comma. {@code ';'} and {@code '\t'} are usual
     * @return the changed copy
     * @throws IllegalArgumentException if it is a quote or a line break, or can be part of a number
     */
    public CsvOptions withSeparator(char value) {
        if (value == '"' || value == '\n' || value == '\r' || value == '.' || value == '+' || value == '-'
                || Character.isLetterOrDigit(value)) {
            throw new IllegalArgumentException("CsvOptions: the separator is " + Quote.character(value)
                    + ", expected a character that is not part of values, such as ',' ';' '\\t' or '|'");
        }
        CsvOptions copy = copy();
        copy.separator = value;
        return copy;
    }

    /**
     * The first line is already data. The columns are named by their numbers: "1", "2" and so on.
     *
     * @return the changed copy
     */
    public CsvOptions withoutHeader() {
        CsvOptions copy = copy();
        copy.header = false;
        return copy;
    }

    /**
     * Sets the columns that are features.
     *
     * @param columns their names, in the order that the model will have; none, the default, for all columns but the
     *     predicted and the ignored ones, in the order of the file
     * @return the changed copy
     * @throws IllegalArgumentException if a name is blank or occurs twice
     */
    public CsvOptions withFeatures(String... columns) {
        CsvOptions copy = copy();
        copy.features = requireNames(columns);
        return copy;
    }

    /**
     * Sets the columns that are left out, such as identifiers.
     *
     * @param columns their names; default none
     * @return the changed copy
     * @throws IllegalArgumentException if a name is blank or occurs twice
     */
    public CsvOptions withIgnored(String... columns) {
        CsvOptions copy = copy();
        copy.ignored = requireNames(columns);
        return copy;
    }

    /**
     * Sets the columns whose values are categories, even if they look like numbers: postcodes, codes of products.
     *
     * @param columns their names; default none
     * @return the changed copy
     * @throws IllegalArgumentException if a name is blank or occurs twice
     */
    public CsvOptions withCategories(String... columns) {
        CsvOptions copy = copy();
        copy.categories = requireNames(columns);
        return copy;
    }

    /**
     * Sets the columns whose values must be numbers, from the first line on.
     *
     * @param columns their names; default none
     * @return the changed copy
     * @throws IllegalArgumentException if a name is blank or occurs twice
     */
    public CsvOptions withNumbers(String... columns) {
        CsvOptions copy = copy();
        copy.numbers = requireNames(columns);
        return copy;
    }

    /**
     * Refuses columns of texts that are not declared by {@link #withCategories}; by default they become categories.
     *
     * @return the changed copy
     */
    public CsvOptions withTextRefused() {
        CsvOptions copy = copy();
        copy.textAllowed = false;
        return copy;
    }

    /**
     * Sets which texts stand for a missing value, besides an empty cell.
     *
     * @param texts such as {@code "NA"} or {@code "?"}, compared exactly; default none
     * @return the changed copy
     */
    public CsvOptions withMissingTexts(String... texts) {
        CsvOptions copy = copy();
        Set<String> all = new TreeSet<>(Set.of(""));
        for (String text : texts) {
            all.add(text.strip());
        }
        copy.missing = Set.copyOf(all);
        return copy;
    }

    // ---------------------------------------------------------------- what was chosen

    /**
     * The column that is predicted.
     *
     * @return its name; empty if there is none
     */
    public Optional<String> targetName() {
        return Optional.ofNullable(target);
    }

    Goal goal() {
        return goal;
    }

    char separator() {
        return separator;
    }

    boolean hasHeader() {
        return header;
    }

    boolean textAllowed() {
        return textAllowed;
    }

    List<String> features() {
        return features;
    }

    List<String> ignored() {
        return ignored;
    }

    List<String> categories() {
        return categories;
    }

    List<String> numbers() {
        return numbers;
    }

    boolean isMissing(String cell) {
        return missing.contains(cell);
    }
}
