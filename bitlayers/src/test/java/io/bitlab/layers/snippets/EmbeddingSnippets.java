package io.bitlab.layers.snippets;

import io.bitlab.core.embedding.EmbeddingFormat;
import io.bitlab.core.tensor.Tensor;
import io.bitlab.layers.Embedding;
import io.bitlab.layers.Initializer;

/** Code of the documentation of {@link Embedding}. */
final class EmbeddingSnippets {

    private EmbeddingSnippets() {
    }

    static Tensor embedding() {
        // @start region="embedding"
        Embedding embedding = new Embedding(32_000, 512, Initializer.normal(0.02f), EmbeddingFormat.INT8);
        int[] tokens = {17, 4, 256, 31_999};
        Tensor x = embedding.forward(tokens, 1, 4); // [1, 4, 512]: a batch of one sequence
        Tensor logits = embedding.logits(x); // [1, 4, 32000]: the output head, tied to the embedding
        // @end
        return logits;
    }
}
