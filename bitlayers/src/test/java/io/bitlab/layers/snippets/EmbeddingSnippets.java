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
        Embedding embedding = new Embedding(1000, 64, Initializer.normal(0.02), EmbeddingFormat.INT8);
        int[] tokens = {17, 4, 256, 999};
        Tensor x = embedding.forward(tokens, 1, 4); // [1, 4, 64]: a batch of one sequence
        Tensor logits = embedding.logits(x); // [1, 4, 1000]: the output head, tied to the embedding
        // @end
        return logits;
    }
}
