package io.bitlab.models.diffusion;

import io.bitlab.core.BitQuantConfig;
import io.bitlab.layers.Layer;
import io.bitlab.models.config.ConfigChecks;
import io.bitlab.models.internal.Convolution3x3;
import io.bitlab.models.io.JsonObject;
import io.bitlab.models.vision.ClassNames;
import io.bitlab.models.vision.ImageInput;
import java.util.List;
import java.util.Map;

/**
 * The sizes and choices of a {@link BitUNet}. Immutable.
 *
 * {@snippet class="io.bitlab.models.snippets.DiffusionSnippets" region="unet"}
 *
 * <p>The JSON names: {@code image_input}, {@code class_names}, {@code process}, {@code channels}, {@code blocks},
 * {@code num_attention_heads}, {@code attention_pixels}, {@code norm}, {@code quantization_config}.
 *
 * @param imageInput size and normalisation of the images
 * @param classNames what there can be on an image
 * @param process what the network predicts
 * @param channels channels at the full resolution, at half of it, and so on: 1 to {@value #MOST_LEVELS} numbers; copied
 * @param blocks residual blocks of each resolution on the way down
 * @param numAttentionHeads heads of the attention; divides the channels where there is any
 * @param attentionPixels the largest height and width at which pixels attend to each other; 0 for nowhere
 * @param norm what follows the convolutions
 * @param quantConfig how the 3x3 convolutions quantise, while the attention takes {@link BitQuantConfig#defaults()};
 *     null for a float network, see {@link #floatTwin()}
 */
public record BitUNetConfig(ImageInput imageInput, ClassNames classNames, DiffusionProcess process,
        List<Integer> channels, int blocks, int numAttentionHeads, int attentionPixels, ImageNorm norm,
        BitQuantConfig quantConfig) implements ImageGeneratorConfig<BitUNet> {

    /** The {@code model_type} of these models. */
    public static final String MODEL_TYPE = "bitunet";

    /** Far more than are useful; stops a damaged file from building millions. */
    private static final int MOST_LEVELS = 8;
    private static final int MOST_BLOCKS = 100;
    private static final int MOST_CHANNELS = 1 << 14;

    private static final int CONDITION_FACTOR = 4;

    /** Checks the values. */
    public BitUNetConfig {
        ConfigChecks checks = new ConfigChecks("BitUNetConfig");
        checks.require(imageInput != null, "imageInput", null, "the size and normalisation of the images");
        checks.require(classNames != null, "classNames", null, "the names of the classes");
        checks.require(process != null, "process", null, "what the network predicts");
        checks.require(norm != null, "norm", null, "what follows the convolutions");
        channels = List.copyOf(channels);
        checks.require(!channels.isEmpty() && channels.size() <= MOST_LEVELS, "channels", channels,
                "1 to " + MOST_LEVELS + " numbers, one for each resolution");
        channels.forEach(number -> checks.positive("channels", number, MOST_CHANNELS));
        int smallest = 1 << channels.size() - 1;
        checks.require(imageInput.height() % smallest == 0 && imageInput.width() % smallest == 0, "channels", channels,
                "so many that " + imageInput.height() + " x " + imageInput.width() + " pixels can be halved for each"
                        + " but the first");
        checks.positive("blocks", blocks, MOST_BLOCKS);
        checks.positive("numAttentionHeads", numAttentionHeads);
        checks.require(attentionPixels >= 0, "attentionPixels", attentionPixels, "0 or more");
        for (int level = 0; level < channels.size(); level++) {
            checks.require(!attends(imageInput, attentionPixels, level) || channels.get(level) % numAttentionHeads == 0,
                    "numAttentionHeads", numAttentionHeads, "a divisor of the channels, " + channels);
        }
    }

    private static boolean attends(ImageInput input, int pixels, int level) {
        return Math.max(input.height(), input.width()) >> level <= pixels;
    }

    /**
     * For grey images of 28 x 28 pixels, such as Fashion-MNIST: 32, 64 and 96 channels, 1.2 million weights.
     *
     * @param input size and normalisation, a multiple of 4 pixels
     * @param names what there can be on an image
     * @return the configuration
     * @throws IllegalArgumentException if the size is no multiple of 4
     */
    public static BitUNetConfig grey28(ImageInput input, ClassNames names) {
        return builder().imageInput(input).classNames(names).build();
    }

    /**
     * For colour images of 32 x 32 pixels: 48, 96 and 144 channels, 2.6 million weights.
     *
     * @param input size and normalisation, a multiple of 4 pixels
     * @param names what there can be on an image
     * @return the configuration
     * @throws IllegalArgumentException if the size is no multiple of 4
     */
    public static BitUNetConfig colour32(ImageInput input, ClassNames names) {
        return builder().imageInput(input).classNames(names).channels(48, 96, 144).build();
    }

    /**
     * For colour images of 64 x 64 pixels: 32, 64, 128 and 192 channels, 4.5 million weights.
     *
     * @param input size and normalisation, a multiple of 8 pixels
     * @param names what there can be on an image
     * @return the configuration
     * @throws IllegalArgumentException if the size is no multiple of 8
     */
    public static BitUNetConfig colour64(ImageInput input, ClassNames names) {
        return builder().imageInput(input).classNames(names).channels(32, 64, 128, 192).build();
    }

    /**
     * A builder with the defaults that its methods give, those of {@link #grey28}. {@code imageInput} and
     * {@code classNames} have none and must be set.
     *
     * @return a new builder
     */
    public static BitUNetBuilder builder() {
        return new BitUNetBuilder();
    }

    /**
     * A builder that starts from this configuration.
     *
     * @return a new builder
     */
    public BitUNetBuilder toBuilder() {
        return new BitUNetBuilder().copyOf(this);
    }

    /**
     * The same network with float layers, for comparison. With the same seed, it starts from the same weights.
     *
     * @return this configuration without quantisation
     */
    public BitUNetConfig floatTwin() {
        return toBuilder().quantConfig(null).build();
    }

    boolean attendsAt(int level) {
        return attends(imageInput, attentionPixels, level);
    }

    int conditionFeatures() {
        return CONDITION_FACTOR * channels.getFirst();
    }

    /** A 3x3 convolution without bias, as a norm follows. */
    Layer convolution(int in, int out, int stride) {
        return Convolution3x3.of(in, out, stride, quantConfig);
    }

    /** That of the attention, whose pixels have scales of their own. */
    BitQuantConfig linearQuantConfig() {
        return quantConfig == null ? null : BitQuantConfig.defaults();
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
    public static BitUNetConfig fromMap(Map<String, ?> json) {
        JsonObject object = JsonObject.of("BitUNetConfig", json);
        BitUNetConfig config = new BitUNetBuilder().read(object).build();
        object.requireNothingElse();
        return config;
    }

    @Override
    public BitUNet newModel() {
        return new BitUNet(this);
    }
}
