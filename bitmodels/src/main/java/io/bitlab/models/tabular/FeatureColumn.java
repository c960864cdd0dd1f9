package io.bitlab.models.tabular;

import io.bitlab.models.internal.DecimalNumber;
import io.bitlab.models.internal.Quote;
import io.bitlab.models.io.JsonObject;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A column of a table, and how a model sees its values. Immutable. */
public sealed interface FeatureColumn {

    /**
     * The name of the column.
     *
     * @return a name, not blank
     */
    String name();

    /**
     * The number of inputs of the model that this column becomes.
     *
     * @return at least 1
     */
    int width();

    /**
     * Writes a value as the model sees it.
     *
     * @param value a {@code Number}, a text, or null for a missing one
     * @param row takes the inputs; zeros before
     * @param at the first of them
     * @throws IllegalArgumentException if the value can't be encoded; the message says why, without the column
     */
    void encode(Object value, float[] row, int at);

    /**
     * This column as JSON.
     *
     * @return a new map of member by name, in a fixed order
     */
    Map<String, Object> toMap();

    /**
     * Reads what {@link #toMap} returns.
     *
     * @param json all members are required
     * @return the column
     * @throws IllegalArgumentException if a member is unknown, missing or has a value that is not allowed
     */
    static FeatureColumn fromJson(JsonObject json) {
        FeatureColumn column = json.has("categories")
                ? new Categorical(json.string("name"), json.strings("categories"), json.isTrue("optional"))
                : new Numeric(json.string("name"), JsonDouble.finite(json, "mean"),
                        JsonDouble.finite(json, "deviation"), JsonDouble.finiteOrNull(json, "fill"));
        json.requireNothingElse();
        return column;
    }

    private static String requireName(String name) {
        if (name == null || name.isBlank()) {
            throw new IllegalArgumentException("FeatureColumn: the name is " + Quote.value(name)
                    + ", expected one that is not blank");
        }
        return name;
    }

    /**
     * A column of numbers. The model sees {@code (value - mean) / deviation}, and 0 if the deviation is 0: a column
     * that is constant in training says nothing.
     *
     * @param name its name
     * @param mean mean in the training data
     * @param deviation standard deviation in the training data, of the population; 0 for a constant
     * @param fill what a missing value becomes; NaN if it is refused
     */
    record Numeric(String name, double mean, double deviation, double fill) implements FeatureColumn {

        /**
         * Checks the values.
         *
         * @throws IllegalArgumentException if the name is blank, a number is not finite, or the deviation negative
         */
        public Numeric {
            requireName(name);
            if (!Double.isFinite(mean) || !(deviation >= 0 && deviation < Double.POSITIVE_INFINITY)
                    || Double.isInfinite(fill)) {
                throw new IllegalArgumentException("FeatureColumn: column " + Quote.value(name) + " has the mean "
                        + mean + ", the deviation " + deviation + " and the fill " + fill
                        + ", expected finite numbers, and no negative deviation");
            }
        }

        /**
         * Computes mean, deviation and fill of numbers, in double and in their order.
         *
         * @param name name of the column
         * @param values the numbers; NaN for a missing one
         * @param missing what becomes of missing values
         * @return the column
         * @throws IllegalArgumentException if there is no number that is not missing
         */
        public static Numeric of(String name, double[] values, MissingValues missing) {
            double[] known = Arrays.stream(values).filter(value -> !Double.isNaN(value)).toArray();
            if (known.length == 0) {
                throw new IllegalArgumentException("FeatureColumn: column " + Quote.value(name)
                        + " has no values, all are missing; leave it out");
            }
            double sum = 0;
            boolean constant = true;
            for (double value : known) {
                sum += value;
                constant &= value == known[0];
            }
            double mean = constant ? known[0] : sum / known.length;
            double squares = 0;
            for (double value : known) {
                squares += (value - mean) * (value - mean);
            }
            double fill = switch (missing) {
                case REFUSE -> Double.NaN;
                case MEAN -> mean;
                case MEDIAN -> median(known);
            };
            return new Numeric(name, mean, constant ? 0 : Math.sqrt(squares / known.length), fill);
        }

        private static double median(double... values) {
            double[] sorted = values.clone();
            Arrays.sort(sorted);
            int middle = sorted.length / 2;
            return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
        }

        @Override
        public int width() {
            return 1;
        }

        @Override
        public void encode(Object value, float[] row, int at) {
            double number = number(value);
            if (Double.isNaN(number)) {
                if (Double.isNaN(fill)) {
                    throw new IllegalArgumentException("the value is missing, and the model was trained to refuse "
                            + "that; give a value, or train with missingValues(MissingValues.MEAN)");
                }
                number = fill;
            }
            float encoded = deviation == 0 ? 0f : (float) ((number - mean) / deviation);
            if (!Float.isFinite(encoded)) {
                throw new IllegalArgumentException(number + " is too far from the mean in training, " + mean);
            }
            row[at] = encoded;
        }

        private static double number(Object value) {
            return switch (value) {
                case null -> Double.NaN;
                case Number number -> number.doubleValue();
                case String text when text.isBlank() -> Double.NaN;
                case String text when DecimalNumber.isDecimal(text.strip()) -> Double.parseDouble(text.strip());
                default -> throw new IllegalArgumentException(Quote.value(value)
                        + " is not a number, such as 1.5 or \"1.5\"");
            };
        }

        @Override
        public Map<String, Object> toMap() {
            Map<String, Object> json = new LinkedHashMap<>();
            json.put("name", name);
            json.put("mean", mean);
            json.put("deviation", deviation);
            json.put("fill", Double.isNaN(fill) ? null : (Object) fill);
            return json;
        }
    }

    /**
     * A column of categories. The model has an input for each, which is 1 for the category of the row and else 0
     * (one-hot).
     *
     * @param name its name
     * @param categories all that are known, at least one, none twice; copied
     * @param optional whether a value may be missing; it then belongs to no category
     */
    record Categorical(String name, List<String> categories, boolean optional) implements FeatureColumn {

        /**
         * Checks the values.
         *
         * @throws IllegalArgumentException if the name is blank, there are no categories, or one occurs twice
         */
        public Categorical {
            requireName(name);
            categories = List.copyOf(categories);
            if (categories.isEmpty() || new HashSet<>(categories).size() < categories.size()) {
                throw new IllegalArgumentException("FeatureColumn: column " + Quote.value(name)
                        + " has the categories " + Quote.names(categories) + ", expected at least one, none twice");
            }
        }

        @Override
        public int width() {
            return categories.size();
        }

        @Override
        public void encode(Object value, float[] row, int at) {
            String text = switch (value) {
                case null -> "";
                case String string -> string.strip();
                case Integer number -> number.toString();
                case Long number -> number.toString();
                case Boolean flag -> flag.toString();
                default -> throw new IllegalArgumentException(Quote.value(value) + " is not one of the categories "
                        + Quote.names(categories));
            };
            int category = categories.indexOf(text);
            if (category >= 0) {
                row[at + category] = 1f;
            } else if (!text.isEmpty()) {
                throw new IllegalArgumentException(Quote.value(text) + " is not one of the categories that the model "
                        + "knows: " + Quote.names(categories));
            } else if (!optional) {
                throw new IllegalArgumentException("the value is missing, and the model was trained to refuse that; "
                        + "give one of the categories " + Quote.names(categories)
                        + ", or train with missingValues(MissingValues.MEAN)");
            }
        }

        @Override
        public Map<String, Object> toMap() {
            Map<String, Object> json = new LinkedHashMap<>();
            json.put("name", name);
            json.put("categories", categories);
            json.put("optional", optional);
            return json;
        }
    }
}
