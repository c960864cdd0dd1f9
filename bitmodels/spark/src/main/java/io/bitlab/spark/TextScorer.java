package io.bitlab.spark;

import java.util.List;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StringType;

/** Reads a column of texts. */
abstract class TextScorer implements RowScorer<String> {

    private static final String USUAL_INPUT = "text";

    private final String input;

    TextScorer(ScoringSettings settings) {
        input = settings.inputOr(USUAL_INPUT);
    }

    @Override
    public final List<String> inputs() {
        return List.of(input);
    }

    @Override
    public final String refusal(String column, DataType type) {
        return type instanceof StringType ? null : "texts, string";
    }

    @Override
    public final String prepare(Object... values) {
        return (String) values[0];
    }
}
