package io.bitlab.models.tabular;

import io.bitlab.models.internal.DecimalNumber;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;

/** The values of a column, one for each row. The arrays are not copied; nobody changes them. */
sealed interface DataColumn {

    /** A code for a missing text. */
    int NONE = -1;

    String name();

    DataColumn select(int... rows);

    /** What {@link Classifier#predict} takes for this value; null if it is missing. */
    Object value(int row);

    /** Sorts different texts: as numbers if all of them are, else by their characters, whatever the locale. */
    static List<String> sorted(Collection<String> texts) {
        return texts.stream().sorted(texts.stream().allMatch(DecimalNumber::isDecimal)
                ? Comparator.comparingDouble(Double::parseDouble).thenComparing(Comparator.naturalOrder())
                : Comparator.naturalOrder()).toList();
    }

    /**
     * Numbers.
     *
     * @param values finite; NaN for a missing one
     */
    record Numbers(String name, double[] values) implements DataColumn {
        @Override
        public Numbers select(int... rows) {
            return new Numbers(name, Arrays.stream(rows).mapToDouble(row -> values[row]).toArray());
        }

        @Override
        public Object value(int row) {
            return Double.isNaN(values[row]) ? null : (Object) values[row];
        }
    }

    /**
     * Texts, such as categories or labels.
     *
     * @param codes indices into the texts; {@link #NONE} for a missing one
     * @param texts all different, in a defined order; parts of a data set keep those of the whole
     */
    record Texts(String name, int[] codes, List<String> texts) implements DataColumn {
        @Override
        public Texts select(int... rows) {
            return new Texts(name, Arrays.stream(rows).map(row -> codes[row]).toArray(), texts);
        }

        @Override
        public Object value(int row) {
            return codes[row] == NONE ? null : texts.get(codes[row]);
        }
    }
}
