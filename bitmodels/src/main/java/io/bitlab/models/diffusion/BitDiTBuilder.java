package io.bitlab.models.diffusion;

import io.bitlab.core.BitQuantConfig;
import io.bitlab.models.config.ConfigField;
import io.bitlab.models.config.ConfigFields;
import io.bitlab.models.io.JsonObject;
import io.bitlab.models.vision.ClassNames;
import io.bitlab.models.vision.ImageInput;
import java.util.Map;

/** Builds a {@link BitDiTConfig}. For one thread. */
public final class BitDiTBuilder {

    private final ConfigFields<BitDiTConfig> fields = new ConfigFields<>();
    private final ConfigField<ImageInput> imageInput =
            fields.object("image_input", BitDiTConfig::imageInput, ImageInput::toMap, ImageInput::fromJson);
    private final ConfigField<ClassNames> classNames =
            fields.strings("class_names", BitDiTConfig::classNames, ClassNames::toList, ClassNames::of);
    private final ConfigField<DiffusionProcess> process = fields.choice("process", BitDiTConfig::process,
            DiffusionProcess.values(), DiffusionProcess.RECTIFIED_FLOW);
    private final ConfigField<Integer> patchSize = fields.integer("patch_size", BitDiTConfig::patchSize, 4);
    private final ConfigField<Integer> hiddenSize = fields.integer("hidden_size", BitDiTConfig::hiddenSize, 96);
    private final ConfigField<Integer> numHiddenLayers =
            fields.integer("num_hidden_layers", BitDiTConfig::numHiddenLayers, 4);
    private final ConfigField<Integer> numAttentionHeads =
            fields.integer("num_attention_heads", BitDiTConfig::numAttentionHeads, 4);
    private final ConfigField<Integer> intermediateSize = fields.integer("intermediate_size",
            BitDiTConfig::intermediateSize, () -> (int) Math.min(Integer.MAX_VALUE, 4L * this.hiddenSize.get()));
    private final ConfigField<Integer> conditionSize = fields.integer("condition_size", BitDiTConfig::conditionSize,
            () -> this.hiddenSize.get());
    private final ConfigField<BitQuantConfig> quantConfig =
            fields.quantConfig("quantization_config", BitDiTConfig::quantConfig);

    BitDiTBuilder() {
    }

    BitDiTBuilder copyOf(BitDiTConfig config) {
        fields.copyFrom(config);
        return this;
    }

    BitDiTBuilder read(JsonObject json) {
        fields.read(json);
        return this;
    }

    Map<String, Object> toMap() {
        return fields.toMap();
    }

    /**
     * Sets size and normalisation of the images.
     *
     * @param value height and width must be multiples of the patch size
     * @return this builder
     */
    public BitDiTBuilder imageInput(ImageInput value) {
        imageInput.set(value);
        return this;
    }

    /**
     * Sets what there can be on an image.
     *
     * @param value the names of the classes
     * @return this builder
     */
    public BitDiTBuilder classNames(ClassNames value) {
        classNames.set(value);
        return this;
    }

    /**
     * Sets how images turn into noise, and what the network predicts.
     *
     * @param value default {@link DiffusionProcess#RECTIFIED_FLOW}
     * @return this builder
     */
    public BitDiTBuilder process(DiffusionProcess value) {
        process.set(value);
        return this;
    }

    /**
     * Sets the pixels of a patch, horizontally and vertically.
     *
     * @param value default 4; smaller is finer and slower
     * @return this builder
     */
    public BitDiTBuilder patchSize(int value) {
        patchSize.set(value);
        return this;
    }

    /**
     * Sets the features of a patch.
     *
     * @param value default 96
     * @return this builder
     */
    public BitDiTBuilder hiddenSize(int value) {
        hiddenSize.set(value);
        return this;
    }

    /**
     * Sets the number of blocks.
     *
     * @param value default 4
     * @return this builder
     */
    public BitDiTBuilder numHiddenLayers(int value) {
        numHiddenLayers.set(value);
        return this;
    }

    /**
     * Sets the heads of the attention.
     *
     * @param value a divisor of the features; default 4
     * @return this builder
     */
    public BitDiTBuilder numAttentionHeads(int value) {
        numAttentionHeads.set(value);
        return this;
    }

    /**
     * Sets the features inside the feed-forward layers.
     *
     * @param value default four times the features of a patch
     * @return this builder
     */
    public BitDiTBuilder intermediateSize(int value) {
        intermediateSize.set(value);
        return this;
    }

    /**
     * Sets the features of time and class together.
     *
     * @param value default as many as of a patch
     * @return this builder
     */
    public BitDiTBuilder conditionSize(int value) {
        conditionSize.set(value);
        return this;
    }

    /**
     * Sets how the layers of the blocks quantise.
     *
     * @param value default {@link BitQuantConfig#defaults()}; null for float layers
     * @return this builder
     */
    public BitDiTBuilder quantConfig(BitQuantConfig value) {
        quantConfig.set(value);
        return this;
    }

    /**
     * Makes the configuration.
     *
     * @return the configuration
     * @throws IllegalArgumentException if a value is not allowed
     */
    public BitDiTConfig build() {
        return new BitDiTConfig(imageInput.get(), classNames.get(), process.get(), patchSize.get(), hiddenSize.get(),
                numHiddenLayers.get(), numAttentionHeads.get(), intermediateSize.get(), conditionSize.get(),
                quantConfig.get());
    }
}
