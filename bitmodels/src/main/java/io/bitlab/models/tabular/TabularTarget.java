package io.bitlab.models.tabular;

import io.bitlab.models.internal.Quote;
import io.bitlab.models.io.JsonObject;
import io.bitlab.models.vision.ClassNames;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What a model of tables predicts, and what its outputs mean. Immutable.
 *
 * {@snippet class="io.bitlab.models.snippets.TabularSnippets" region="target"}
 */
public sealed interface TabularTarget {

    /**
     * What is predicted, such as {@code species} or {@code price}.
     *
     * @return the name of the column
     */
    String name();

    /**
     * The number of outputs of the model.
     *
     * @return one for each class; 1 for a number
     */
    int outputs();

    /**
     * This target as JSON.
     *
     * @return a new map of member by name, in a fixed order
     */
    Map<String, Object> toMap();

    /**
     * What is to be predicted of a table: classes, or a number with its mean and deviation.
     *
     * @param train the training data, with labels or targets
     * @return its target
     * @throws IllegalArgumentException if there are fewer than two classes, or the numbers are all the same
     * @throws IllegalStateException if the data has nothing to predict
     */
    static TabularTarget of(TabularData train) {
        DataColumn column = train.requireTarget("TabularTarget.of");
        String where = train.source() + ", column " + Quote.value(column.name()) + ": ";
        return switch (column) {
            case DataColumn.Texts labels -> {
                int classes = labels.texts().size();
                if (classes < 2) {
                    throw new IllegalArgumentException(where + "all rows have the label "
                            + Quote.value(labels.texts().getFirst()) + ", expected at least 2 classes to tell apart");
                }
                if (classes == labels.codes().length && classes > 2) {
                    throw new IllegalArgumentException(where + "each of the " + classes + " rows has a label of its "
                            + "own, such as " + Quote.value(labels.texts().getFirst())
                            + "; choose the column of the labels; to predict a number, use CsvOptions.target");
                }
                yield new Classes(labels.name(), ClassNames.of(labels.texts()));
            }
            case DataColumn.Numbers numbers -> {
                FeatureColumn.Numeric statistics =
                        FeatureColumn.Numeric.of(numbers.name(), numbers.values(), MissingValues.REFUSE);
                if (statistics.deviation() == 0) {
                    throw new IllegalArgumentException(where + "all rows have the target " + statistics.mean()
                            + "; there is nothing to learn");
                }
                yield new Quantity(numbers.name(), statistics.mean(), statistics.deviation());
            }
        };
    }

    /**
     * Reads what {@link #toMap} returns.
     *
     * @param json all members are required
     * @return the target
     * @throws IllegalArgumentException if a member is unknown, missing or has a value that is not allowed
     */
    static TabularTarget fromJson(JsonObject json) {
        TabularTarget target = json.has("class_names")
                ? new Classes(json.string("name"), ClassNames.of(json.strings("class_names")))
                : new Quantity(json.string("name"), JsonDouble.finite(json, "mean"),
                        JsonDouble.finite(json, "deviation"));
        json.requireNothingElse();
        return target;
    }

    /**
     * One of several classes.
     *
     * @param name what the classes say, such as {@code species}
     * @param classNames the name of each
     */
    record Classes(String name, ClassNames classNames) implements TabularTarget {

        @Override
        public int outputs() {
            return classNames.size();
        }

        @Override
        public Map<String, Object> toMap() {
            Map<String, Object> json = new LinkedHashMap<>();
            json.put("name", name);
            json.put("class_names", classNames.toList());
            return json;
        }
    }

    /**
     * A number: {@code mean + deviation·output}.
     *
     * @param name what the number says, such as {@code price}
     * @param mean mean in the training data
     * @param deviation standard deviation in the training data, of the population
     */
    record Quantity(String name, double mean, double deviation) implements TabularTarget {

        /**
         * Checks the values.
         *
         * @throws IllegalArgumentException if a number is not finite, or the deviation not positive
         */
        public Quantity {
            if (!Double.isFinite(mean) || !(deviation > 0 && deviation < Double.POSITIVE_INFINITY)) {
                throw new IllegalArgumentException("TabularTarget: " + Quote.value(name) + " has the mean " + mean
                        + " and the deviation " + deviation + ", expected finite numbers and a positive deviation");
            }
        }

        @Override
        public int outputs() {
            return 1;
        }

        @Override
        public Map<String, Object> toMap() {
            Map<String, Object> json = new LinkedHashMap<>();
            json.put("name", name);
            json.put("mean", mean);
            json.put("deviation", deviation);
            return json;
        }
    }
}
