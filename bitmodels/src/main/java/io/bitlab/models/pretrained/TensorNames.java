package io.bitlab.models.pretrained;

/** Names in a {@link io.bitlab.models.transformer.BitTransformer}, which are those of Hugging Face's models. */
final class TensorNames {

    static final String EMBEDDING = "model.embed_tokens.weight";
    static final String HEAD = "lm_head.weight";
    static final String NORM = "model.norm.weight";
    private static final String LAYERS = "model.layers.";

    private TensorNames() {
    }

    /** What the names of a layer begin with. */
    static String layer(int number) {
        return LAYERS + number + ".";
    }
}
