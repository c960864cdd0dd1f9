package io.bitlab.benchmarks.tools;

import io.bitlab.core.embedding.EmbeddingFormat;
import io.bitlab.models.AutoBitModel;
import io.bitlab.models.pretrained.ExportFormat;
import io.bitlab.models.pretrained.ExportOptions;
import java.io.IOException;
import java.nio.file.Path;

/**
 * Writes a transformer with random weights, to measure how fast a format is loaded.
 *
 * <p>{@code java -cp benchmarks.jar io.bitlab.benchmarks.tools.RandomCheckpoint MODEL FORMAT TABLE PATH}, with MODEL as
 * of {@link InferenceTable}, FORMAT an {@link ExportFormat}, TABLE that of embedding and head ({@link
 * EmbeddingFormat}).
 */
public final class RandomCheckpoint {

    private RandomCheckpoint() {
    }

    /**
     * Writes the model.
     *
     * @param args model, format, format of embedding and head, path
     * @throws IOException if it can't be written
     */
    public static void main(String[] args) throws IOException {
        EmbeddingFormat table = EmbeddingFormat.valueOf(args[2]);
        EmbeddingFormat made = table == EmbeddingFormat.INT8 ? EmbeddingFormat.INT8 : EmbeddingFormat.BFLOAT16;
        System.out.println(AutoBitModel.export(
                RandomTransformer.of(InferenceTable.config(args[0]).withEmbeddingFormat(made)), null, Path.of(args[3]),
                ExportFormat.valueOf(args[1]), ExportOptions.defaults().withEmbeddingFormat(table).withRounding(true)));
    }
}
