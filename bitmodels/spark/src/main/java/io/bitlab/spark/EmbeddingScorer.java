package io.bitlab.spark;

import io.bitlab.models.generate.TextEncoder;
import io.bitlab.models.transformer.BitTransformer;
import java.util.List;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StringType;
import org.apache.spark.sql.types.StructField;

/** Turns the texts of a column into vectors. */
final class EmbeddingScorer implements RowScorer<String> {

    static final String DEFAULT_INPUT = "text";

    private final TextEncoder encoder;
    private final String input;

    EmbeddingScorer(LoadedModel loaded, ScoringSettings settings) {
        encoder = TextEncoder.builder((BitTransformer) loaded.model(), loaded.tokenizer()).build();
        input = settings.input() == null ? DEFAULT_INPUT : settings.input();
    }

    @Override
    public List<String> inputs() {
        return List.of(input);
    }

    @Override
    public String refusal(String column, DataType type) {
        return requireText(type);
    }

    static String requireText(DataType type) {
        return type instanceof StringType ? null : "texts, string";
    }

    @Override
    public List<StructField> outputs() {
        return List.of(OutputColumns.of("embedding", DataTypes.createArrayType(DataTypes.FloatType, false)));
    }

    @Override
    public int batchRows() {
        return 64;
    }

    @Override
    public String prepare(Object... values) {
        return (String) values[0];
    }

    @Override
    public List<Object[]> score(List<String> rows) {
        return encoder.encode(rows).stream().map(vector -> new Object[] {vector}).toList();
    }
}
