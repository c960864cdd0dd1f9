package io.bitlab.models.detection;

import io.bitlab.core.BitQuantConfig;
import io.bitlab.layers.BitConv2d;
import io.bitlab.models.config.ConfigField;
import io.bitlab.models.config.ConfigFields;
import io.bitlab.models.io.JsonObject;
import io.bitlab.models.vision.ClassNames;
import io.bitlab.models.vision.ImageInput;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;

/** Builds a {@link BitDetectorConfig}. For one thread. */
public final class BitDetectorBuilder {

    private final ConfigFields<BitDetectorConfig> fields = new ConfigFields<>();
    private final ConfigField<ImageInput> imageInput =
            fields.object("image_input", BitDetectorConfig::imageInput, ImageInput::toMap, ImageInput::fromJson);
    private final ConfigField<ClassNames> classNames =
            fields.strings("class_names", BitDetectorConfig::classNames, ClassNames::toList, ClassNames::of);
    private final ConfigField<List<Integer>> channels =
            fields.integers("channels", BitDetectorConfig::channels, () -> List.of(16, 32, 64, 96, 128));
    private final ConfigField<List<Integer>> blocks = fields.integers("blocks", BitDetectorConfig::blocks,
            () -> Collections.nCopies(Math.max(0, this.channels.get().size() - 1), 1));
    private final ConfigField<Integer> neckChannels =
            fields.integer("neck_channels", BitDetectorConfig::neckChannels, 64);
    private final ConfigField<List<Integer>> strides =
            fields.integers("strides", BitDetectorConfig::strides, () -> List.of(8));
    private final ConfigField<Float> scoreThreshold = fields.number("score_threshold",
            config -> config.options().scoreThreshold(), DetectionOptions.DEFAULT.scoreThreshold());
    private final ConfigField<Float> overlapThreshold = fields.number("overlap_threshold",
            config -> config.options().overlapThreshold(), DetectionOptions.DEFAULT.overlapThreshold());
    private final ConfigField<Integer> maxDetections = fields.integer("max_detections",
            config -> config.options().maxDetections(), DetectionOptions.DEFAULT.maxDetections());
    private final ConfigField<Boolean> acrossClasses = fields.bool("across_classes",
            config -> config.options().acrossClasses(), DetectionOptions.DEFAULT.acrossClasses());
    private final ConfigField<BitQuantConfig> quantConfig = fields.quantConfig("quantization_config",
            BitDetectorConfig::quantConfig, BitConv2d.DEFAULT_CONFIG);

    BitDetectorBuilder() {
    }

    BitDetectorBuilder copyOf(BitDetectorConfig config) {
        fields.copyFrom(config);
        return this;
    }

    BitDetectorBuilder read(JsonObject json) {
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
    public BitDetectorBuilder imageInput(ImageInput value) {
        imageInput.set(value);
        return this;
    }

    /**
     * Sets the kinds of objects.
     *
     * @param value their names
     * @return this builder
     */
    public BitDetectorBuilder classNames(ClassNames value) {
        classNames.set(value);
        return this;
    }

    /**
     * Sets the channels of the stem and of each stage.
     *
     * @param values default 16, 32, 64, 96, 128
     * @return this builder
     */
    public BitDetectorBuilder channels(int... values) {
        channels.set(boxed(values));
        return this;
    }

    /**
     * Sets the residual blocks of each stage.
     *
     * @param values one number for each stage; default 1 each
     * @return this builder
     */
    public BitDetectorBuilder blocks(int... values) {
        blocks.set(boxed(values));
        return this;
    }

    /**
     * Sets the channels of the maps from which objects are found.
     *
     * @param value default 64
     * @return this builder
     */
    public BitDetectorBuilder neckChannels(int value) {
        neckChannels.set(value);
        return this;
    }

    /**
     * Sets the distances of the points at which objects are found.
     *
     * @param values default 8
     * @return this builder
     */
    public BitDetectorBuilder strides(int... values) {
        strides.set(boxed(values));
        return this;
    }

    /**
     * Sets which of the boxes are objects.
     *
     * @param value default {@link DetectionOptions#DEFAULT}
     * @return this builder
     */
    public BitDetectorBuilder options(DetectionOptions value) {
        scoreThreshold.set(value.scoreThreshold());
        overlapThreshold.set(value.overlapThreshold());
        maxDetections.set(value.maxDetections());
        acrossClasses.set(value.acrossClasses());
        return this;
    }

    /**
     * Sets how the 3x3 convolutions quantise.
     *
     * @param value default {@link BitConv2d#DEFAULT_CONFIG}; null for float convolutions
     * @return this builder
     */
    public BitDetectorBuilder quantConfig(BitQuantConfig value) {
        quantConfig.set(value);
        return this;
    }

    /**
     * Makes the configuration.
     *
     * @return the configuration
     * @throws IllegalArgumentException if a value is not allowed
     */
    public BitDetectorConfig build() {
        return new BitDetectorConfig(imageInput.get(), classNames.get(), channels.get(), blocks.get(),
                neckChannels.get(), strides.get(), new DetectionOptions(scoreThreshold.get(), overlapThreshold.get(),
                        maxDetections.get(), acrossClasses.get()),
                quantConfig.get());
    }
}
