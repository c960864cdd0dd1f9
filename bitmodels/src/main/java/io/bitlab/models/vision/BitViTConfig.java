package io.bitlab.models.vision;

import io.bitlab.core.BitQuantConfig;
import io.bitlab.models.config.ConfigChecks;
import io.bitlab.models.io.JsonObject;
import io.bitlab.models.transformer.HiddenAct;
import java.util.Map;
import java.util.Objects;

/**
 * The sizes and choices of a {@link BitViT}. Immutable.
 *
 * {@snippet class="io.bitlab.models.snippets.VitSnippets" region="config"}
 *
 * <p>The JSON names are those of Hugging Face's {@code ViTConfig} where it has them; {@code image_input},
 * {@code class_names}, {@code patch_embedding}, {@code pooling}, {@code norm}, {@code sub_norms}, {@code dropout} and
 * {@code stochastic_depth} are BitLab's.
 *
 * @param imageInput size and normalisation of the images; height and width are multiples of the patch size
 * @param classNames what the outputs mean
 * @param patchSize rows and columns of a patch
 * @param patchEmbedding how the pixels of a patch become its features
 * @param hiddenSize features of a patch; a multiple of the number of heads
 * @param numHiddenLayers number of blocks
 * @param numAttentionHeads number of heads
 * @param intermediateSize features inside the feed-forward part
 * @param pooling what the head sees
 * @param norm which norm precedes attention, feed-forward and head
 * @param hiddenAct activation function of the feed-forward part
 * @param subNorms whether norms precede the last projection of attention and feed-forward, as in BitNet b1.58 2B4T
 * @param dropout probability of dropout after the embedding, and after attention and feed-forward in each block
 * @param stochasticDepth probability that a sample skips attention, and feed-forward, of the last block in training;
 *     those of earlier blocks grow up to it in equal steps (Huang et al., <i>Deep Networks with Stochastic Depth</i>,
 *     2016)
 * @param quantConfig how the projections quantise; null for a float network, see {@link #floatTwin()}
 */
public record BitViTConfig(ImageInput imageInput, ClassNames classNames, int patchSize,
        PatchEmbedding patchEmbedding, int hiddenSize, int numHiddenLayers, int numAttentionHeads, int intermediateSize,
        TokenPooling pooling, TokenNorm norm, HiddenAct hiddenAct, boolean subNorms, float dropout,
        float stochasticDepth, BitQuantConfig quantConfig)
        implements ImageClassifierConfig<BitViT> {

    /** The {@code model_type} of these models. */
    public static final String MODEL_TYPE = "bitvit";

    /** Far more than any model has; stops a damaged file from building millions. */
    private static final int MOST_LAYERS = 1000;
    private static final int MOST_FEATURES = 1 << 16;

    /** Checks the values. */
    public BitViTConfig {
        ConfigChecks checks = new ConfigChecks("BitViTConfig");
        Objects.requireNonNull(imageInput, "BitViTConfig: image_input");
        Objects.requireNonNull(classNames, "BitViTConfig: class_names");
        Objects.requireNonNull(patchEmbedding, "BitViTConfig: patch_embedding");
        Objects.requireNonNull(pooling, "BitViTConfig: pooling");
        Objects.requireNonNull(norm, "BitViTConfig: norm");
        Objects.requireNonNull(hiddenAct, "BitViTConfig: hidden_act");
        checks.positive("patch_size", patchSize);
        checks.require(imageInput.height() % patchSize == 0 && imageInput.width() % patchSize == 0, "patch_size",
                patchSize, "a divisor of the image's height " + imageInput.height() + " and width "
                        + imageInput.width() + "; choose another patch or image size");
        checks.require(classNames.size() >= 2, "class_names", classNames, "at least 2 classes to tell apart");
        checks.positive("hidden_size", hiddenSize, MOST_FEATURES);
        patchEmbedding.check(checks, patchSize, hiddenSize);
        checks.positive("num_hidden_layers", numHiddenLayers, MOST_LAYERS);
        checks.positive("num_attention_heads", numAttentionHeads);
        checks.require(hiddenSize % numAttentionHeads == 0, "num_attention_heads", numAttentionHeads,
                "a divisor of hidden_size, " + hiddenSize);
        checks.positive("intermediate_size", intermediateSize, MOST_FEATURES);
        checks.dropout("dropout", dropout);
        checks.dropout("stochastic_depth", stochasticDepth);
    }

    // ---------------------------------------------------------------- presets

    /**
     * About 1.3 million weights: 6 layers, 4 heads, width 128, patches of 4 x 4 pixels, embedded by convolutions. For
     * images of 32 x 32 pixels; for larger ones, choose larger patches, since attention takes time with the square of
     * their number.
     *
     * @param imageInput size and normalisation of the images
     * @param classNames what the outputs mean
     * @return the configuration
     * @throws IllegalArgumentException if the image size is no multiple of 4
     */
    public static BitViTConfig tiny(ImageInput imageInput, ClassNames classNames) {
        return builder(imageInput, classNames).patchEmbedding(PatchEmbedding.CONVOLUTIONS).build();
    }

    /**
     * About 6.7 million weights: 8 layers, 8 heads, width 256, patches of 4 x 4 pixels, embedded by convolutions.
     *
     * @param imageInput size and normalisation of the images
     * @param classNames what the outputs mean
     * @return the configuration
     * @throws IllegalArgumentException if the image size is no multiple of 4
     */
    public static BitViTConfig small(ImageInput imageInput, ClassNames classNames) {
        return builder(imageInput, classNames).patchEmbedding(PatchEmbedding.CONVOLUTIONS).hiddenSize(256)
                .numHiddenLayers(8).numAttentionHeads(8).build();
    }

    /**
     * A builder with the defaults that its methods give: those of {@link #tiny}, but for the patch embedding.
     *
     * @param imageInput size and normalisation of the images
     * @param classNames what the outputs mean
     * @return a new builder
     */
    public static BitViTBuilder builder(ImageInput imageInput, ClassNames classNames) {
        return new BitViTBuilder().imageInput(imageInput).classNames(classNames);
    }

    /**
     * A builder that starts from this configuration.
     *
     * @return a new builder
     */
    public BitViTBuilder toBuilder() {
        return new BitViTBuilder().copyOf(this);
    }

    /**
     * The same network with float projections, for comparison. With the same seed, it starts from the same weights.
     *
     * @return this configuration without quantisation
     */
    public BitViTConfig floatTwin() {
        return toBuilder().quantConfig(null).build();
    }

    // ---------------------------------------------------------------- derived

    int patchRows() {
        return imageInput.height() / patchSize;
    }

    int patchColumns() {
        return imageInput.width() / patchSize;
    }

    /**
     * The number of patches of an image.
     *
     * @return rows times columns of patches
     */
    public int patches() {
        return patchRows() * patchColumns();
    }

    // ---------------------------------------------------------------- JSON

    @Override
    public String modelType() {
        return MODEL_TYPE;
    }

    @Override
    public Map<String, Object> toMap() {
        return toBuilder().toMap();
    }

    /**
     * Reads what {@link #toMap()} returns.
     *
     * @param json member by name; {@code image_input} and {@code class_names} are required, other members take their
     *     defaults if they are missing
     * @return the configuration
     * @throws IllegalArgumentException if a member is unknown, missing or has a value that is not allowed
     */
    public static BitViTConfig fromMap(Map<String, ?> json) {
        JsonObject object = JsonObject.of("BitViTConfig", json);
        BitViTConfig config = new BitViTBuilder().read(object).build();
        object.requireNothingElse();
        return config;
    }

    @Override
    public BitViT newModel() {
        return new BitViT(this);
    }
}
