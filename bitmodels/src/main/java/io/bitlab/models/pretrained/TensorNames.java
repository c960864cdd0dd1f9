package io.bitlab.models.pretrained;

/** Tensor names in a {@link io.bitlab.models.transformer.BitTransformer}; Hugging Face uses the same. */
final class TensorNames {

    static final String EMBEDDING = "model.embed_tokens.weight";
    static final String HEAD = "lm_head.weight";
    static final String NORM = "model.norm.weight";
    private static final String LAYERS = "model.layers.";

    private TensorNames() {
    }

    /** The prefix of the names in a block. */
    static String layer(int number) {
        return LAYERS + number + ".";
    }
}
