package io.bitlab.models.diffusion;

import io.bitlab.core.BitQuantConfig;
import io.bitlab.models.config.ConfigChecks;
import io.bitlab.models.io.JsonObject;
import io.bitlab.models.vision.ClassNames;
import io.bitlab.models.vision.ImageInput;
import java.util.Map;

/**
 * The sizes and choices of a {@link BitDiT}. Immutable.
 *
 * {@snippet class="io.bitlab.models.snippets.DiffusionSnippets" region="config"}
 *
 * <p>The JSON names: {@code image_input}, {@code class_names}, {@code process}, {@code patch_size},
 * {@code hidden_size}, {@code num_hidden_layers}, {@code num_attention_heads}, {@code intermediate_size},
 * {@code condition_size}, {@code quantization_config}.
 *
 * @param imageInput size and normalisation of the images
 * @param classNames what there can be on an image
 * @param process what the network predicts
 * @param patchSize pixels of a patch, horizontally and vertically; divides height and width
 * @param hiddenSize features of a patch
 * @param numHiddenLayers number of blocks
 * @param numAttentionHeads heads of the attention; divides the features
 * @param intermediateSize features inside the feed-forward layers
 * @param conditionSize features of time and class together
 * @param quantConfig how the layers of the blocks quantise; null for a float network, see {@link #floatTwin()}
 */
public record BitDiTConfig(ImageInput imageInput, ClassNames classNames, DiffusionProcess process, int patchSize,
        int hiddenSize, int numHiddenLayers, int numAttentionHeads, int intermediateSize, int conditionSize,
        BitQuantConfig quantConfig)
        implements ImageGeneratorConfig<BitDiT> {

    /** The {@code model_type} of these models. */
    public static final String MODEL_TYPE = "bitdit";

    /** Far more than any model has; stops a damaged file from building millions. */
    private static final int MOST_LAYERS = 1000;
    private static final int MOST_FEATURES = 1 << 16;

    /** Checks the values. */
    public BitDiTConfig {
        ConfigChecks checks = new ConfigChecks("BitDiTConfig");
        checks.require(imageInput != null, "imageInput", null, "the size and normalisation of the images");
        checks.require(classNames != null, "classNames", null, "the names of the classes");
        checks.require(process != null, "process", null, "what the network predicts");
        checks.positive("patchSize", patchSize);
        checks.require(imageInput.height() % patchSize == 0 && imageInput.width() % patchSize == 0, "patchSize",
                patchSize, "a divisor of the image's height " + imageInput.height() + " and width "
                        + imageInput.width() + "; choose another patch or image size");
        checks.positive("hiddenSize", hiddenSize, MOST_FEATURES);
        checks.positive("numHiddenLayers", numHiddenLayers, MOST_LAYERS);
        checks.positive("numAttentionHeads", numAttentionHeads);
        checks.require(hiddenSize % numAttentionHeads == 0, "numAttentionHeads", numAttentionHeads,
                "a divisor of hiddenSize, " + hiddenSize);
        checks.positive("intermediateSize", intermediateSize, MOST_FEATURES);
        checks.positive("conditionSize", conditionSize, MOST_FEATURES);
    }

    /**
     * For grey images of 28 x 28 pixels, such as Fashion-MNIST: patches of 4, 96 features, 4 blocks, 0.7 million
     * weights.
     *
     * @param input size and normalisation, a multiple of 4 pixels
     * @param names what there can be on an image
     * @return the configuration
     * @throws IllegalArgumentException if the size is no multiple of 4
     */
    public static BitDiTConfig grey28(ImageInput input, ClassNames names) {
        return builder().imageInput(input).classNames(names).build();
    }

    /**
     * For colour images of 32 x 32 pixels: patches of 4, 192 features, 6 blocks, 4.1 million weights.
     *
     * @param input size and normalisation, a multiple of 4 pixels
     * @param names what there can be on an image
     * @return the configuration
     * @throws IllegalArgumentException if the size is no multiple of 4
     */
    public static BitDiTConfig colour32(ImageInput input, ClassNames names) {
        return builder().imageInput(input).classNames(names).hiddenSize(192).numHiddenLayers(6).numAttentionHeads(6)
                .build();
    }

    /**
     * For colour images of 64 x 64 pixels: patches of 8, 256 features, 8 blocks, 9.8 million weights.
     *
     * @param input size and normalisation, a multiple of 8 pixels
     * @param names what there can be on an image
     * @return the configuration
     * @throws IllegalArgumentException if the size is no multiple of 8
     */
    public static BitDiTConfig colour64(ImageInput input, ClassNames names) {
        return builder().imageInput(input).classNames(names).patchSize(8).hiddenSize(256).numHiddenLayers(8)
                .numAttentionHeads(8).build();
    }

    /**
     * A builder with the defaults that its methods give, those of {@link #grey28}. {@code imageInput} and
     * {@code classNames} have none and must be set.
     *
     * @return a new builder
     */
    public static BitDiTBuilder builder() {
        return new BitDiTBuilder();
    }

    /**
     * A builder that starts from this configuration.
     *
     * @return a new builder
     */
    public BitDiTBuilder toBuilder() {
        return new BitDiTBuilder().copyOf(this);
    }

    /**
     * The same network with float layers, for comparison. With the same seed, it starts from the same weights.
     *
     * @return this configuration without quantisation
     */
    public BitDiTConfig floatTwin() {
        return toBuilder().quantConfig(null).build();
    }

    int patchRows() {
        return imageInput.height() / patchSize;
    }

    int patchColumns() {
        return imageInput.width() / patchSize;
    }

    /** The number of patches of an image. */
    int patches() {
        return patchRows() * patchColumns();
    }

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
     * @param json member by name; image input and class names are required, other members take their defaults if they
     *     are missing
     * @return the configuration
     * @throws IllegalArgumentException if a member is unknown, missing or has a value that is not allowed
     */
    public static BitDiTConfig fromMap(Map<String, ?> json) {
        JsonObject object = JsonObject.of("BitDiTConfig", json);
        BitDiTConfig config = new BitDiTBuilder().read(object).build();
        object.requireNothingElse();
        return config;
    }

    @Override
    public BitDiT newModel() {
        return new BitDiT(this);
    }
}
