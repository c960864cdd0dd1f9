package io.bitlab.models.detection;

import io.bitlab.core.BitQuantConfig;
import io.bitlab.models.BitModelConfig;
import io.bitlab.models.config.ConfigChecks;
import io.bitlab.models.image.ImageFit;
import io.bitlab.models.io.JsonObject;
import io.bitlab.models.vision.ClassNames;
import io.bitlab.models.vision.ImageInput;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;

/**
 * The sizes and choices of a {@link BitDetector}. Immutable.
 *
 * {@snippet class="io.bitlab.models.snippets.DetectionSnippets" region="config"}
 *
 * <p>The JSON names: {@code image_input}, {@code class_names}, {@code channels}, {@code blocks}, {@code neck_channels},
 * {@code strides}, {@code score_threshold}, {@code overlap_threshold}, {@code max_detections}, {@code across_classes},
 * {@code quantization_config}.
 *
 * @param imageInput what a picture must become; {@code CROP} is refused, since objects could be cut off
 * @param classNames the kinds of objects
 * @param channels channels of the stem at half the resolution, and of each stage, which halves it again: 3 to
 *     {@value #MOST_STAGES} numbers; copied
 * @param blocks residual blocks of each stage, a number fewer; copied
 * @param neckChannels channels of the maps from which objects are found
 * @param strides distances, in pixels, of the points at which objects are found, on one or several maps: consecutive
 *     powers of two, those of stages; with several, small objects are found on the finer maps; copied
 * @param options which of the boxes are objects, where a call does not say otherwise
 * @param quantConfig how the 3x3 convolutions quantise; null for a float network, see {@link #floatTwin()}
 */
public record BitDetectorConfig(ImageInput imageInput, ClassNames classNames, List<Integer> channels,
        List<Integer> blocks, int neckChannels, List<Integer> strides, DetectionOptions options,
        BitQuantConfig quantConfig) implements BitModelConfig<BitDetector> {

    /** The {@code model_type} of these models. */
    public static final String MODEL_TYPE = "bitdetector";

    /** Far more than are useful; stops a damaged file from building millions. */
    private static final int MOST_STAGES = 8;
    private static final int MOST_BLOCKS = 100;
    private static final int MOST_CHANNELS = 1 << 14;

    /** Checks the values. */
    public BitDetectorConfig {
        ConfigChecks checks = new ConfigChecks("BitDetectorConfig");
        checks.require(imageInput != null, "imageInput", null, "the size and normalisation of the images");
        checks.require(imageInput.fit() != ImageFit.CROP, "imageInput", imageInput.fit(),
                "LETTERBOX, STRETCH or EXACT, as objects at the edges must not be cut off");
        checks.require(classNames != null, "classNames", null, "the names of the classes");
        channels = List.copyOf(channels);
        blocks = List.copyOf(blocks);
        strides = List.copyOf(strides);
        Objects.requireNonNull(options, "BitDetectorConfig: options");
        checks.require(channels.size() >= 3 && channels.size() <= MOST_STAGES, "channels", channels,
                "3 to " + MOST_STAGES + " numbers: of the stem and of each stage");
        channels.forEach(number -> checks.positive("channels", number, MOST_CHANNELS));
        checks.require(blocks.size() == channels.size() - 1, "blocks", blocks,
                channels.size() - 1 + " numbers, one for each stage");
        blocks.forEach(number -> checks.require(number >= 0 && number <= MOST_BLOCKS, "blocks", number,
                "0 to " + MOST_BLOCKS));
        checks.positive("neckChannels", neckChannels, MOST_CHANNELS);
        requireStrides(checks, strides, channels.size());
        int largest = largestStride(channels);
        checks.require(imageInput.height() >= largest && imageInput.width() >= largest, "imageInput",
                imageInput.height() + " x " + imageInput.width() + " pixels", "at least " + largest + " x " + largest
                        + ", the stride of the last stage");
    }

    private static void requireStrides(ConfigChecks checks, List<Integer> strides, int stages) {
        boolean consecutive = !strides.isEmpty() && IntStream.range(1, strides.size())
                .allMatch(i -> strides.get(i) == 2 * strides.get(i - 1));
        checks.require(consecutive && Integer.bitCount(strides.getFirst()) == 1 && strides.getFirst() >= 4
                && strides.getLast() <= 1 << stages, "strides", strides,
                "consecutive powers of two from 4 to " + (1 << stages) + ", such as [8] or [8, 16, 32]");
    }

    private static int largestStride(List<Integer> channels) {
        return 1 << channels.size();
    }

    /**
     * The distance, in pixels, of neighbouring values of the last stage; pictures need at least this height and width.
     *
     * @return a power of two
     */
    public int largestStride() {
        return largestStride(channels);
    }

    /**
     * A network of 0.9 million weights, four stages, and objects on one map of stride 8: for pictures of a few hundred
     * pixels with objects of 10 to 200 pixels.
     *
     * @param input what a picture must become
     * @param names the kinds of objects
     * @return the configuration
     * @throws IllegalArgumentException if the input is smaller than 32 pixels, or crops
     */
    public static BitDetectorConfig nano(ImageInput input, ClassNames names) {
        return builder().imageInput(input).classNames(names).build();
    }

    /**
     * A network of 3 million weights with objects on three maps, of stride 8, 16 and 32: for larger pictures, and
     * objects of very different sizes.
     *
     * @param input what a picture must become
     * @param names the kinds of objects
     * @return the configuration
     * @throws IllegalArgumentException if the input is smaller than 32 pixels, or crops
     */
    public static BitDetectorConfig small(ImageInput input, ClassNames names) {
        return builder().imageInput(input).classNames(names).channels(24, 48, 96, 160, 224).neckChannels(96)
                .strides(8, 16, 32).build();
    }

    /**
     * A builder with the defaults that its methods give, those of {@link #nano}. {@code imageInput} and
     * {@code classNames} have none and must be set.
     *
     * @return a new builder
     */
    public static BitDetectorBuilder builder() {
        return new BitDetectorBuilder();
    }

    /**
     * A builder that starts from this configuration.
     *
     * @return a new builder
     */
    public BitDetectorBuilder toBuilder() {
        return new BitDetectorBuilder().copyOf(this);
    }

    /**
     * The same network with float convolutions, for comparison. With the same seed, it starts from the same weights.
     *
     * @return this configuration without quantisation
     */
    public BitDetectorConfig floatTwin() {
        return toBuilder().quantConfig(null).build();
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
    public static BitDetectorConfig fromMap(Map<String, ?> json) {
        JsonObject object = JsonObject.of("BitDetectorConfig", json);
        BitDetectorConfig config = new BitDetectorBuilder().read(object).build();
        object.requireNothingElse();
        return config;
    }

    @Override
    public BitDetector newModel() {
        return new BitDetector(this);
    }
}
