package io.bitlab.models.vision;

import io.bitlab.core.BitQuantConfig;
import io.bitlab.layers.BitConv2d;
import io.bitlab.models.config.ConfigField;
import io.bitlab.models.config.ConfigFields;
import io.bitlab.models.io.JsonObject;
import io.bitlab.models.vision.BitResNetConfig.Shortcut;
import io.bitlab.models.vision.BitResNetConfig.Stem;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;

/** Builds a {@link BitResNetConfig}. For one thread. */
public final class BitResNetBuilder {

    private final ConfigFields<BitResNetConfig> fields = new ConfigFields<>();
    private final ConfigField<ImageInput> imageInput =
            fields.object("image_input", BitResNetConfig::imageInput, ImageInput::toMap, ImageInput::fromJson);
    private final ConfigField<ClassNames> classNames =
            fields.strings("class_names", BitResNetConfig::classNames, ClassNames::toList, ClassNames::of);
    private final ConfigField<List<Integer>> channels =
            fields.integers("channels", BitResNetConfig::channels, () -> List.of(16, 32, 64));
    private final ConfigField<List<Integer>> blocks = fields.integers("blocks", BitResNetConfig::blocks,
            () -> Collections.nCopies(this.channels.get().size(), 1));
    private final ConfigField<Stem> stem = fields.choice("stem", BitResNetConfig::stem, Stem.values(), Stem.SMALL);
    // Average pooling lets all pixels count; STRIDED is for weights from elsewhere.
    private final ConfigField<Shortcut> shortcut =
            fields.choice("shortcut", BitResNetConfig::shortcut, Shortcut.values(), Shortcut.AVERAGE);
    private final ConfigField<Float> dropout = fields.number("dropout", BitResNetConfig::dropout, 0f);
    private final ConfigField<Float> stochasticDepth =
            fields.number("stochastic_depth", BitResNetConfig::stochasticDepth, 0f);
    // As in PyTorch: it helps deep networks and large batches, while three blocks of drawn shapes learn without it.
    private final ConfigField<Boolean> zeroInit = fields.bool("zero_init", BitResNetConfig::zeroInit, false);
    private final ConfigField<BitQuantConfig> quantConfig = fields.quantConfig("quantization_config",
            BitResNetConfig::quantConfig, BitConv2d.DEFAULT_CONFIG);

    BitResNetBuilder() {
    }

    BitResNetBuilder copyOf(BitResNetConfig config) {
        fields.copyFrom(config);
        return this;
    }

    BitResNetBuilder read(JsonObject json) {
        fields.read(json);
        return this;
    }

    Map<String, Object> toMap() {
        return fields.toMap();
    }

    private static List<Integer> boxed(int[] values) {
        return Arrays.stream(values).boxed().toList();
    }

    /**
     * Sets what a picture must become.
     *
     * @param value size, fit and normalisation
     * @return this builder
     */
    public BitResNetBuilder imageInput(ImageInput value) {
        imageInput.set(value);
        return this;
    }

    /**
     * Sets what the outputs mean.
     *
     * @param value the names of the classes
     * @return this builder
     */
    public BitResNetBuilder classNames(ClassNames value) {
        classNames.set(value);
        return this;
    }

    /**
     * Sets the channels of each stage.
     *
     * @param values one number for each stage; default 16, 32, 64
     * @return this builder
     */
    public BitResNetBuilder channels(int... values) {
        channels.set(boxed(values));
        return this;
    }

    /**
     * Sets the blocks of each stage.
     *
     * @param values one number for each stage; default 1 each
     * @return this builder
     */
    public BitResNetBuilder blocks(int... values) {
        blocks.set(boxed(values));
        return this;
    }

    /**
     * Sets how pixels become the channels of the first stage.
     *
     * @param value default {@code SMALL}
     * @return this builder
     */
    public BitResNetBuilder stem(Stem value) {
        stem.set(value);
        return this;
    }

    /**
     * Sets how shortcuts halve their input.
     *
     * @param value default {@code AVERAGE}
     * @return this builder
     */
    public BitResNetBuilder shortcut(Shortcut value) {
        shortcut.set(value);
        return this;
    }

    /**
     * Sets the dropout before the last layer.
     *
     * @param value a probability in [0, 1); default 0
     * @return this builder
     */
    public BitResNetBuilder dropout(float value) {
        dropout.set(value);
        return this;
    }

    /**
     * Sets how often training leaves out blocks.
     *
     * @param value the probability for the last block, in [0, 1); default 0
     * @return this builder
     */
    public BitResNetBuilder stochasticDepth(float value) {
        stochasticDepth.set(value);
        return this;
    }

    /**
     * Sets whether each block starts as the identity.
     *
     * @param value default false; for deep networks and large batches
     * @return this builder
     */
    public BitResNetBuilder zeroInit(boolean value) {
        zeroInit.set(value);
        return this;
    }

    /**
     * Sets how the 3x3 convolutions quantise.
     *
     * @param value default {@link BitConv2d#DEFAULT_CONFIG}; null for float convolutions
     * @return this builder
     */
    public BitResNetBuilder quantConfig(BitQuantConfig value) {
        quantConfig.set(value);
        return this;
    }

    /**
     * Makes the configuration.
     *
     * @return the configuration
     * @throws IllegalArgumentException if a value is not allowed
     */
    public BitResNetConfig build() {
        return new BitResNetConfig(imageInput.get(), classNames.get(), channels.get(), blocks.get(), stem.get(),
                shortcut.get(), dropout.get(), stochasticDepth.get(), zeroInit.get(), quantConfig.get());
    }
}
