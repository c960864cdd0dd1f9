package io.bitlab.models.vision;

import io.bitlab.core.BitQuantConfig;
import io.bitlab.models.config.ConfigField;
import io.bitlab.models.config.ConfigFields;
import io.bitlab.models.io.JsonObject;
import io.bitlab.models.transformer.HiddenAct;
import java.util.Map;

/** Builds a {@link BitViTConfig}. For one thread. */
public final class BitViTBuilder {
    private final ConfigFields<BitViTConfig> fields = new ConfigFields<>();
    private final ConfigField<ImageInput> imageInput =
            fields.object("image_input", BitViTConfig::imageInput, ImageInput::toMap, ImageInput::fromJson);
    private final ConfigField<ClassNames> classNames =
            fields.strings("class_names", BitViTConfig::classNames, ClassNames::toList, ClassNames::of);
    private final ConfigField<Integer> patchSize = fields.integer("patch_size", BitViTConfig::patchSize, 4);
    // One projection, as before there was a choice; the presets choose convolutions.
    private final ConfigField<PatchEmbedding> patchEmbedding = fields.choice("patch_embedding",
            BitViTConfig::patchEmbedding, PatchEmbedding.values(), PatchEmbedding.LINEAR);
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

    BitViTBuilder() {
    }

    BitViTBuilder copyOf(BitViTConfig config) {
        fields.copyFrom(config);
        return this;
    }

    BitViTBuilder read(JsonObject json) {
        fields.read(json);
        return this;
    }

    Map<String, Object> toMap() {
        return fields.toMap();
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
    public BitViTBuilder imageInput(ImageInput value) {
        imageInput.set(value);
        return this;
    }

    /**
     * Sets what the outputs mean.
     *
     * @param value the name of each class
     * @return this builder
     */
    public BitViTBuilder classNames(ClassNames value) {
        classNames.set(value);
        return this;
    }

    /**
     * Sets the rows and columns of a patch.
     *
     * @param value a divisor of the image's height and width; default 4
     * @return this builder
     */
    public BitViTBuilder patchSize(int value) {
        patchSize.set(value);
        return this;
    }

    /**
     * Sets how the pixels of a patch become its features.
     *
     * @param value default LINEAR; the presets choose CONVOLUTIONS
     * @return this builder
     */
    public BitViTBuilder patchEmbedding(PatchEmbedding value) {
        patchEmbedding.set(value);
        return this;
    }

    /**
     * Sets the features of a patch.
     *
     * @param value a multiple of the number of heads; default 128
     * @return this builder
     */
    public BitViTBuilder hiddenSize(int value) {
        hiddenSize.set(value);
        return this;
    }

    /**
     * Sets the number of blocks.
     *
     * @param value at least 1; default 6
     * @return this builder
     */
    public BitViTBuilder numHiddenLayers(int value) {
        numHiddenLayers.set(value);
        return this;
    }

    /**
     * Sets the number of heads.
     *
     * @param value a divisor of the hidden size; default 4
     * @return this builder
     */
    public BitViTBuilder numAttentionHeads(int value) {
        numAttentionHeads.set(value);
        return this;
    }

    /**
     * Sets the features inside the feed-forward part.
     *
     * @param value at least 1; default 4 times the hidden size
     * @return this builder
     */
    public BitViTBuilder intermediateSize(int value) {
        intermediateSize.set(value);
        return this;
    }

    /**
     * Sets what the head sees.
     *
     * @param value default MEAN
     * @return this builder
     */
    public BitViTBuilder pooling(TokenPooling value) {
        pooling.set(value);
        return this;
    }

    /**
     * Sets the norm before attention, feed-forward and head.
     *
     * @param value default LAYER_NORM
     * @return this builder
     */
    public BitViTBuilder norm(TokenNorm value) {
        norm.set(value);
        return this;
    }

    /**
     * Sets the activation function of the feed-forward part.
     *
     * @param value default RELU2; GELU in the original
     * @return this builder
     */
    public BitViTBuilder hiddenAct(HiddenAct value) {
        hiddenAct.set(value);
        return this;
    }

    /**
     * Sets whether norms precede the last projection of attention and feed-forward.
     *
     * @param value default true
     * @return this builder
     */
    public BitViTBuilder subNorms(boolean value) {
        subNorms.set(value);
        return this;
    }

    /**
     * Sets the dropout after the embedding, and after attention and feed-forward in each block.
     *
     * @param value a probability in [0, 1); default 0
     * @return this builder
     */
    public BitViTBuilder dropout(float value) {
        dropout.set(value);
        return this;
    }

    /**
     * Sets how often samples skip the parts of the last block; earlier blocks are skipped less often.
     *
     * @param value a probability in [0, 1); default 0
     * @return this builder
     */
    public BitViTBuilder stochasticDepth(float value) {
        stochasticDepth.set(value);
        return this;
    }

    /**
     * Sets how the projections quantise.
     *
     * @param value default {@link BitQuantConfig#defaults()}; null for float projections
     * @return this builder
     */
    public BitViTBuilder quantConfig(BitQuantConfig value) {
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
        return new BitViTConfig(imageInput.get(), classNames.get(), patchSize.get(), patchEmbedding.get(),
                hiddenSize.get(), numHiddenLayers.get(), numAttentionHeads.get(), intermediateSize.get(),
                pooling.get(), norm.get(), hiddenAct.get(), subNorms.get(), dropout.get(), stochasticDepth.get(),
                quantConfig.get());
    }
}
