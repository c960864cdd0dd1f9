package io.bitlab.core.snippets;

import io.bitlab.core.embedding.EmbeddingFormat;
import io.bitlab.core.embedding.EmbeddingTable;
import java.util.function.IntFunction;

/** Code of the documentation of {@code io.bitlab.core.embedding}. */
final class EmbeddingSnippets {

    private EmbeddingSnippets() {
    }

    static void format() {
        // @start region="format"
        EmbeddingFormat format = EmbeddingFormat.parse("int8");
        double megabytes = 128_256.0 * 2560 * format.bits() / 8e6; // 328 of BitNet 2B4T's embedding; float32 takes 1313
        // @end
        System.out.println(megabytes);
    }

    static void table(float[] embedding, float[] hidden) {
        // @start region="table"
        int vocabulary = 32_000;
        int features = 512;
        EmbeddingTable table = EmbeddingTable.of(EmbeddingFormat.INT8, embedding, vocabulary, features);

        float[] logits = new float[vocabulary];
        table.multiply(hidden, 1, logits); // of one position

        float[] row = new float[features];
        table.row(17, row, 0); // the features of token 17, rounded to int8
        // @end
    }

    static EmbeddingTable builder(IntFunction<float[]> readRow) {
        // @start region="builder"
        EmbeddingTable.Builder builder = EmbeddingTable.builder(EmbeddingFormat.NF4, 32_000, 512);
        for (int row = 0; row < 32_000; row++) {
            builder.put(row, readRow.apply(row), 0);
        }
        EmbeddingTable table = builder.build();
        // @end
        return table;
    }
}
