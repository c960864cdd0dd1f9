package io.bitlab.models.diffusion;

import io.bitlab.core.BitQuantConfig;
import io.bitlab.layers.BitConv2d;
import io.bitlab.models.config.ConfigField;
import io.bitlab.models.config.ConfigFields;
import io.bitlab.models.io.JsonObject;
import io.bitlab.models.vision.ClassNames;
import io.bitlab.models.vision.ImageInput;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** Builds a {@link BitUNetConfig}. For one thread. */
public final class BitUNetBuilder {

    private final ConfigFields<BitUNetConfig> fields = new ConfigFields<>();
    private final ConfigField<ImageInput> imageInput =
            fields.object("image_input", BitUNetConfig::imageInput, ImageInput::toMap, ImageInput::fromJson);
    private final ConfigField<ClassNames> classNames =
            fields.strings("class_names", BitUNetConfig::classNames, ClassNames::toList, ClassNames::of);
    private final ConfigField<DiffusionProcess> process = fields.choice("process", BitUNetConfig::process,
            DiffusionProcess.values(), DiffusionProcess.RECTIFIED_FLOW);
    private final ConfigField<List<Integer>> channels =
            fields.integers("channels", BitUNetConfig::channels, () -> List.of(32, 64, 96));
    private final ConfigField<Integer> blocks = fields.integer("blocks", BitUNetConfig::blocks, 1);
    private final ConfigField<Integer> numAttentionHeads =
            fields.integer("num_attention_heads", BitUNetConfig::numAttentionHeads, 4);
    private final ConfigField<Integer> attentionPixels =
            fields.integer("attention_pixels", BitUNetConfig::attentionPixels, 8);
    private final ConfigField<ImageNorm> norm =
            fields.choice("norm", BitUNetConfig::norm, ImageNorm.values(), ImageNorm.BATCH);
    private final ConfigField<BitQuantConfig> quantConfig = fields.quantConfig("quantization_config",
            BitUNetConfig::quantConfig, BitConv2d.DEFAULT_CONFIG);

    BitUNetBuilder() {
    }

    BitUNetBuilder copyOf(BitUNetConfig config) {
        fields.copyFrom(config);
        return this;
    }

    BitUNetBuilder read(JsonObject json) {
        fields.read(json);
        return this;
    }

    Map<String, Object> toMap() {
        return fields.toMap();
    }

    /**
     * Sets size and normalisation of the images.
     *
     * @param value height and width must be divisible by 2 as often as the channels get more
     * @return this builder
     */
    public BitUNetBuilder imageInput(ImageInput value) {
        imageInput.set(value);
        return this;
    }

    /**
     * Sets what there can be on an image.
     *
     * @param value the names of the classes
     * @return this builder
     */
    public BitUNetBuilder classNames(ClassNames value) {
        classNames.set(value);
        return this;
    }

    /**
     * Sets how images turn into noise, and what the network predicts.
     *
     * @param value default {@link DiffusionProcess#RECTIFIED_FLOW}
     * @return this builder
     */
    public BitUNetBuilder process(DiffusionProcess value) {
        process.set(value);
        return this;
    }

    /**
     * Sets the channels at the full resolution, at half of it, and so on.
     *
     * @param values default 32, 64, 96
     * @return this builder
     */
    public BitUNetBuilder channels(int... values) {
        channels.set(Arrays.stream(values).boxed().toList());
        return this;
    }

    /**
     * Sets the residual blocks of each resolution on the way down.
     *
     * @param value default 1
     * @return this builder
     */
    public BitUNetBuilder blocks(int value) {
        blocks.set(value);
        return this;
    }

    /**
     * Sets the heads of the attention.
     *
     * @param value a divisor of the channels where there is attention; default 4
     * @return this builder
     */
    public BitUNetBuilder numAttentionHeads(int value) {
        numAttentionHeads.set(value);
        return this;
    }

    /**
     * Sets the largest height and width at which pixels attend to each other.
     *
     * @param value default 8; 0 for no attention
     * @return this builder
     */
    public BitUNetBuilder attentionPixels(int value) {
        attentionPixels.set(value);
        return this;
    }

    /**
     * Sets what follows the convolutions.
     *
     * @param value default {@link ImageNorm#BATCH}
     * @return this builder
     */
    public BitUNetBuilder norm(ImageNorm value) {
        norm.set(value);
        return this;
    }

    /**
     * Sets how the 3x3 convolutions quantise.
     *
     * @param value default {@link BitConv2d#DEFAULT_CONFIG}; null for float layers
     * @return this builder
     */
    public BitUNetBuilder quantConfig(BitQuantConfig value) {
        quantConfig.set(value);
        return this;
    }

    /**
     * Makes the configuration.
     *
     * @return the configuration
     * @throws IllegalArgumentException if a value is not allowed
     */
    public BitUNetConfig build() {
        return new BitUNetConfig(imageInput.get(), classNames.get(), process.get(), channels.get(), blocks.get(),
                numAttentionHeads.get(), attentionPixels.get(), norm.get(), quantConfig.get());
    }
}
