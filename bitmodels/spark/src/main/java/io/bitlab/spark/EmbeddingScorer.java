package io.bitlab.spark;

import io.bitlab.models.generate.TextEncoder;
import io.bitlab.models.transformer.BitTransformer;
import java.util.List;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;

/** Turns the texts of a column into vectors. */
final class EmbeddingScorer extends TextScorer {

    private final TextEncoder encoder;

    EmbeddingScorer(LoadedModel loaded, ScoringSettings settings) {
        super(settings);
        encoder = TextEncoder.builder((BitTransformer) loaded.model(), loaded.tokenizer()).build();
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
    public List<Object[]> score(List<String> rows) {
        return encoder.encode(rows).stream().map(vector -> new Object[] {vector}).toList();
    }
}
