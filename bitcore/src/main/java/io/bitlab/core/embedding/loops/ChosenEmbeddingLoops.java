package io.bitlab.core.embedding.loops;

import io.bitlab.core.platform.VectorPlatform;

/** Holds the one choice of {@link EmbeddingLoops#get}, made at its first call. */
final class ChosenEmbeddingLoops {

    static final EmbeddingLoops INSTANCE =
            VectorPlatform.current().counterpartOf(EmbeddingLoops.class).orElseGet(EmbeddingLoops.Scalar::new);

    private ChosenEmbeddingLoops() {
    }
}
