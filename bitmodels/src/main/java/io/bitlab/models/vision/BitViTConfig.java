package io.bitlab.models.vision;

import io.bitlab.core.BitQuantConfig;
import io.bitlab.models.config.ConfigChecks;
import io.bitlab.models.config.ConfigField;
import io.bitlab.models.config.ConfigFields;
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
 * {@code class_names}, {@code pooling}, {@code norm}, {@code sub_norms}, {@code dropout} and {@code stochastic_depth}
 * are BitLab's.
 *
 * @param imageInput size and normalisation of the images; height and width are multiples of the patch size
 * @param classNames what the outputs mean
 * @param patchSize rows and columns of a patch
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
public record BitViTConfig(ImageInput imageInput, ClassNames classNames, int patchSize, int hiddenSize,
        int numHiddenLayers, int numAttentionHeads, int intermediateSize, TokenPooling pooling, TokenNorm norm,
        HiddenAct hiddenAct, boolean subNorms, float dropout, float stochasticDepth, BitQuantConfig quantConfig)
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
        Objects.requireNonNull(pooling, "BitViTConfig: pooling");
        Objects.requireNonNull(norm, "BitViTConfig: norm");
        Objects.requireNonNull(hiddenAct, "BitViTConfig: hidden_act");
        checks.positive("patch_size", patchSize);
        checks.require(imageInput.height() % patchSize == 0 && imageInput.width() % patchSize == 0, "patch_size",
                patchSize, "a divisor of the image's height " + imageInput.height() + " and width "
                        + imageInput.width() + "; choose another patch or image size");
        checks.require(classNames.size() >= 2, "class_names", classNames, "at least 2 classes to tell apart");
        checks.positive("hidden_size", hiddenSize, MOST_FEATURES);
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
     * About 1.2 million weights: 6 layers, 4 heads, width 128, patches of 4 x 4 pixels. For images of 32 x 32 pixels;
     * for larger ones, choose larger patches, since attention takes time with the square of their number.
     *
     * @param imageInput size and normalisation of the images
     * @param classNames what the outputs mean
     * @return the configuration
     * @throws IllegalArgumentException if the image size is no multiple of 4
     */
    public static BitViTConfig tiny(ImageInput imageInput, ClassNames classNames) {
        return builder(imageInput, classNames).build();
    }

    /**
     * About 6.3 million weights: 8 layers, 8 heads, width 256, patches of 4 x 4 pixels.
     *
     * @param imageInput size and normalisation of the images
     * @param classNames what the outputs mean
     * @return the configuration
     * @throws IllegalArgumentException if the image size is no multiple of 4
     */
    public static BitViTConfig small(ImageInput imageInput, ClassNames classNames) {
        return builder(imageInput, classNames).hiddenSize(256).numHiddenLayers(8).numAttentionHeads(8).build();
    }

    /**
     * A builder with the defaults that its methods give: those of {@link #tiny}.
     *
     * @param imageInput size and normalisation of the images
     * @param classNames what the outputs mean
     * @return a new builder
     */
    public static Builder builder(ImageInput imageInput, ClassNames classNames) {
        Builder builder = new Builder();
        builder.imageInput.set(imageInput);
        builder.classNames.set(classNames);
        return builder;
    }

    /**
     * A builder that starts from this configuration.
     *
     * @return a new builder
     */
    public Builder toBuilder() {
        Builder builder = new Builder();
        builder.fields.copyFrom(this);
        return builder;
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
        return toBuilder().fields.toMap();
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
        Builder builder = new Builder();
        builder.fields.read(object);
        BitViTConfig config = builder.build();
        object.requireNothingElse();
        return config;
    }

    @Override
    public BitViT newModel() {
        return new BitViT(this);
    }

    /** Builds a {@link BitViTConfig}. For one thread. */
    public static final class Builder {
        private final ConfigFields<BitViTConfig> fields = new ConfigFields<>();
        private final ConfigField<ImageInput> imageInput = fields.required("image_input", BitViTConfig::imageInput,
                ImageInput::toMap, (json, name) -> ImageInput.fromJson(json.object(name)));
        private final ConfigField<ClassNames> classNames = fields.required("class_names", BitViTConfig::classNames,
                ClassNames::toList, (json, name) -> ClassNames.of(json.strings(name)));
        private final ConfigField<Integer> patchSize = fields.integer("patch_size", BitViTConfig::patchSize, 4);
        private final ConfigField<Integer> hiddenSize = fields.integer("hidden_size", BitViTConfig::hiddenSize, 128);
        private final ConfigField<Integer> numHiddenLayers =
                fields.integer("num_hidden_layers", BitViTConfig::numHiddenLayers, 6);
        private final ConfigField<Integer> numAttentionHeads =
                fields.integer("num_attention_heads", BitViTConfig::numAttentionHeads, 4);
        private final ConfigField<Integer> intermediateSize =
                fields.integer("intermediate_size", BitViTConfig::intermediateSize, this::defaultIntermediateSize);
        // As accurate as a class token, and 64 patches fill the blocks of attention, which 65 positions don't.
        private final ConfigField<TokenPooling> pooling =
                fields.choice("pooling", BitViTConfig::pooling, TokenPooling.values(), TokenPooling.MEAN);
        private final ConfigField<TokenNorm> norm =
                fields.choice("norm", BitViTConfig::norm, TokenNorm.values(), TokenNorm.LAYER_NORM);
        // BitNet's: its zeros cost no int8 precision. The original's GELU takes 2/5 of the time of a training step.
        private final ConfigField<HiddenAct> hiddenAct = fields.choice("hidden_act", BitViTConfig::hiddenAct,
                HiddenAct::jsonName, HiddenAct::parse, HiddenAct.RELU2);
        // They keep int8 activations well scaled before the projections that need it most.
        private final ConfigField<Boolean> subNorms = fields.bool("sub_norms", BitViTConfig::subNorms, true);
        private final ConfigField<Float> dropout = fields.number("dropout", BitViTConfig::dropout, 0f);
        private final ConfigField<Float> stochasticDepth =
                fields.number("stochastic_depth", BitViTConfig::stochasticDepth, 0f);
        private final ConfigField<BitQuantConfig> quantConfig =
                fields.quantConfig("quantization_config", BitViTConfig::quantConfig);

        private Builder() {
        }

        private int defaultIntermediateSize() {
            return (int) Math.min(Integer.MAX_VALUE, 4L * hiddenSize.get());
        }

        /**
         * Sets size and normalisation of the images.
         *
         * @param value height and width are multiples of the patch size
         * @return this builder
         */
        public Builder imageInput(ImageInput value) {
            imageInput.set(value);
            return this;
        }

        /**
         * Sets what the outputs mean.
         *
         * @param value the name of each class
         * @return this builder
         */
        public Builder classNames(ClassNames value) {
            classNames.set(value);
            return this;
        }

        /**
         * Sets the rows and columns of a patch.
         *
         * @param value a divisor of the image's height and width; default 4
         * @return this builder
         */
        public Builder patchSize(int value) {
            patchSize.set(value);
            return this;
        }

        /**
         * Sets the features of a patch.
         *
         * @param value a multiple of the number of heads; default 128
         * @return this builder
         */
        public Builder hiddenSize(int value) {
            hiddenSize.set(value);
            return this;
        }

        /**
         * Sets the number of blocks.
         *
         * @param value at least 1; default 6
         * @return this builder
         */
        public Builder numHiddenLayers(int value) {
            numHiddenLayers.set(value);
            return this;
        }

        /**
         * Sets the number of heads.
         *
         * @param value a divisor of the hidden size; default 4
         * @return this builder
         */
        public Builder numAttentionHeads(int value) {
            numAttentionHeads.set(value);
            return this;
        }

        /**
         * Sets the features inside the feed-forward part.
         *
         * @param value at least 1; default 4 times the hidden size
         * @return this builder
         */
        public Builder intermediateSize(int value) {
            intermediateSize.set(value);
            return this;
        }

        /**
         * Sets what the head sees.
         *
         * @param value default MEAN
         * @return this builder
         */
        public Builder pooling(TokenPooling value) {
            pooling.set(value);
            return this;
        }

        /**
         * Sets the norm before attention, feed-forward and head.
         *
         * @param value default LAYER_NORM
         * @return this builder
         */
        public Builder norm(TokenNorm value) {
            norm.set(value);
            return this;
        }

        /**
         * Sets the activation function of the feed-forward part.
         *
         * @param value default RELU2; GELU in the original
         * @return this builder
         */
        public Builder hiddenAct(HiddenAct value) {
            hiddenAct.set(value);
            return this;
        }

        /**
         * Sets whether norms precede the last projection of attention and feed-forward.
         *
         * @param value default true
         * @return this builder
         */
        public Builder subNorms(boolean value) {
            subNorms.set(value);
            return this;
        }

        /**
         * Sets the dropout after the embedding, and after attention and feed-forward in each block.
         *
         * @param value a probability in [0, 1); default 0
         * @return this builder
         */
        public Builder dropout(float value) {
            dropout.set(value);
            return this;
        }

        /**
         * Sets how often samples skip the parts of the last block; earlier blocks are skipped less often.
         *
         * @param value a probability in [0, 1); default 0
         * @return this builder
         */
        public Builder stochasticDepth(float value) {
            stochasticDepth.set(value);
            return this;
        }

        /**
         * Sets how the projections quantise.
         *
         * @param value default {@link BitQuantConfig#defaults()}; null for float projections
         * @return this builder
         */
        public Builder quantConfig(BitQuantConfig value) {
            quantConfig.set(value);
            return this;
        }

        /**
         * Makes the configuration.
         *
         * @return the configuration
         * @throws IllegalArgumentException if a value is not allowed
         */
        public BitViTConfig build() {
            return new BitViTConfig(imageInput.get(), classNames.get(), patchSize.get(), hiddenSize.get(),
                    numHiddenLayers.get(), numAttentionHeads.get(), intermediateSize.get(), pooling.get(), norm.get(),
                    hiddenAct.get(), subNorms.get(), dropout.get(), stochasticDepth.get(), quantConfig.get());
        }
    }
}
