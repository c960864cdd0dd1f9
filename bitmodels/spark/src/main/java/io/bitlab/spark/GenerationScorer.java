package io.bitlab.spark;

import io.bitlab.models.generate.Generation;
import io.bitlab.models.generate.TextGenerator;
import io.bitlab.models.transformer.BitTransformer;
import java.util.List;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;

/** Continues the texts of a column. */
final class GenerationScorer extends TextScorer {

    private final TextGenerator generator;

    GenerationScorer(LoadedModel loaded, ScoringSettings settings) {
        super(settings);
        generator = settings.generation()
                .apply(TextGenerator.builder((BitTransformer) loaded.model(), loaded.tokenizer())).build();
    }

    @Override
    public List<StructField> outputs() {
        return List.of(OutputColumns.of("generated", DataTypes.StringType),
                OutputColumns.of("finish_reason", DataTypes.StringType));
    }

    /** One: each text takes long, and one that fails must not repeat others. */
    @Override
    public int batchRows() {
        return 1;
    }

    @Override
    public List<Object[]> score(List<String> rows) {
        return rows.stream().map(generator::generate).map(GenerationScorer::values).toList();
    }

    private static Object[] values(Generation generation) {
        return new Object[] {generation.text(), generation.reason().name()};
    }
}
