package io.bitlab.models.vision;

import io.bitlab.core.BitQuantConfig;
import io.bitlab.models.config.ConfigChecks;
import io.bitlab.models.io.JsonObject;
import java.util.List;
import java.util.Map;

/**
 * The sizes and choices of a {@link BitResNet}. Immutable.
 *
 * {@snippet class="io.bitlab.models.snippets.ImageModelSnippets" region="resnetConfig"}
 *
 * <p>The JSON names: {@code image_input}, {@code class_names}, {@code channels}, {@code blocks}, {@code stem},
 * {@code shortcut}, {@code dropout}, {@code stochastic_depth}, {@code zero_init}, {@code quantization_config}.
 *
 * @param imageInput what a picture must become
 * @param classNames what the outputs mean
 * @param channels channels of each stage, 1 to {@value #MOST_STAGES} stages; copied
 * @param blocks blocks of each stage, as many numbers; copied
 * @param stem how pixels become the channels of the first stage
 * @param shortcut how the input of a stage is halved
 * @param dropout probability of dropout before the last layer, in [0, 1)
 * @param stochasticDepth probability with which training leaves out the last block, in [0, 1); those of the blocks
 *     before it decrease linearly (G. Huang et al., <i>Deep Networks with Stochastic Depth</i>, 2016)
 * @param zeroInit whether the last norm of each block starts with the weight 0, so that each block starts as the
 *     identity (P. Goyal et al., <i>Accurate, Large Minibatch SGD</i>, 2017, section 5.1)
 * @param quantConfig how the 3x3 convolutions quantise; null for a float network, see {@link #floatTwin()}
 */
public record BitResNetConfig(ImageInput imageInput, ClassNames classNames, List<Integer> channels,
        List<Integer> blocks, Stem stem, Shortcut shortcut, float dropout, float stochasticDepth, boolean zeroInit,
        BitQuantConfig quantConfig) implements ImageClassifierConfig<BitResNet> {

    /** The {@code model_type} of these models. */
    public static final String MODEL_TYPE = "bitresnet";

    /** Far more than are useful; stops a damaged file from building millions. */
    private static final int MOST_STAGES = 8;
    private static final int MOST_BLOCKS = 1000;
    private static final int MOST_CHANNELS = 1 << 16;

    /** How pixels become the channels of the first stage. */
    public enum Stem {
        /** A 3x3 convolution that keeps the size, for images of up to about 64 pixels. */
        SMALL,
        /** A 7x7 convolution and max pooling that divide height and width by 4, for photographs of 224 pixels. */
        LARGE
    }

    /** How the shortcut of the first block of a stage halves its input. */
    public enum Shortcut {
        /**
         * 2x2 average pooling, then a 1x1 convolution, so that all pixels count (T. He et al., <i>Bag of Tricks for
         * Image Classification</i>, 2019, ResNet-D). Needs an even height and width.
         */
        AVERAGE,
        /** A 1x1 convolution with stride 2, as in the original and in torchvision; skips three of four pixels. */
        STRIDED
    }

    /** Checks the values. */
    public BitResNetConfig {
        ConfigChecks checks = new ConfigChecks("BitResNetConfig");
        checks.require(imageInput != null, "imageInput", null, "the size and normalisation of the images");
        checks.require(classNames != null, "classNames", null, "the names of the classes");
        checks.require(classNames.size() >= 2, "classNames", classNames, "at least 2 classes to tell apart");
        channels = List.copyOf(channels);
        blocks = List.copyOf(blocks);
        checks.require(!channels.isEmpty() && channels.size() <= MOST_STAGES, "channels", channels,
                "1 to " + MOST_STAGES + " numbers, one for each stage");
        checks.require(blocks.size() == channels.size(), "blocks", blocks,
                channels.size() + " numbers, as many as channels");
        channels.forEach(number -> checks.positive("channels", number, MOST_CHANNELS));
        blocks.forEach(number -> checks.positive("blocks", number, MOST_BLOCKS));
        checks.dropout("dropout", dropout);
        checks.dropout("stochasticDepth", stochasticDepth);
        requireSize(checks, imageInput, stem, shortcut, channels.size());
    }

    /** A pooled shortcut has the size of the strided body only if nothing is left over. */
    private static void requireSize(ConfigChecks checks, ImageInput input, Stem stem, Shortcut shortcut, int stages) {
        int height = stem == Stem.LARGE ? (input.height() + 3) / 4 : input.height();
        int width = stem == Stem.LARGE ? (input.width() + 3) / 4 : input.width();
        int divisor = 1 << (stages - 1);
        checks.require(shortcut == Shortcut.STRIDED || height % divisor == 0 && width % divisor == 0, "imageInput",
                input.height() + " x " + input.width() + " pixels", "a height and width that can be halved "
                        + (stages - 1) + " times after the stem, or shortcut STRIDED");
    }

    /**
     * Three stages of 16, 32 and 64 channels, one block each: 77,000 weights, for small images and fast experiments.
     *
     * @param input what a picture must become
     * @param names the classes
     * @return the configuration
     */
    public static BitResNetConfig tiny(ImageInput input, ClassNames names) {
        return builder().imageInput(input).classNames(names).build();
    }

    /**
     * Three stages of 32, 64 and 128 channels, one block each: 0.3 million weights, for small images.
     *
     * @param input what a picture must become
     * @param names the classes
     * @return the configuration
     */
    public static BitResNetConfig small(ImageInput input, ClassNames names) {
        return tiny(input, names).toBuilder().channels(32, 64, 128).build();
    }

    /**
     * Three stages of 64, 128 and 256 channels, one block each: 1.2 million weights, for CIFAR-10 and the like.
     *
     * @param input what a picture must become
     * @param names the classes
     * @return the configuration
     */
    public static BitResNetConfig cifar(ImageInput input, ClassNames names) {
        return tiny(input, names).toBuilder().channels(64, 128, 256).build();
    }

    /**
     * Four stages of 24, 96, 192 and 384 channels, one block each: 2.7 million weights, for small images. Half the work
     * of {@link #cifar}, since most weights are where images are small, and it learns more in the same time.
     *
     * @param input what a picture must become
     * @param names the classes
     * @return the configuration
     */
    public static BitResNetConfig deep(ImageInput input, ClassNames names) {
        return builder().imageInput(input).classNames(names).channels(24, 96, 192, 384).build();
    }

    /**
     * ResNet-18 as in torchvision, whose weights it can take over: 11 million weights, for photographs of 224 pixels.
     *
     * @param input what a picture must become
     * @param names the classes
     * @return the configuration
     */
    public static BitResNetConfig resnet18(ImageInput input, ClassNames names) {
        return builder().imageInput(input).classNames(names).channels(64, 128, 256, 512).blocks(2, 2, 2, 2)
                .stem(Stem.LARGE).shortcut(Shortcut.STRIDED).build();
    }

    /**
     * ResNet-34 as in torchvision: 21 million weights.
     *
     * @param input what a picture must become
     * @param names the classes
     * @return the configuration
     */
    public static BitResNetConfig resnet34(ImageInput input, ClassNames names) {
        return resnet18(input, names).toBuilder().blocks(3, 4, 6, 3).build();
    }

    /**
     * A builder with the defaults that its methods give. {@code imageInput} and {@code classNames} have none and must
     * be set.
     *
     * @return a new builder
     */
    public static BitResNetBuilder builder() {
        return new BitResNetBuilder();
    }

    /**
     * A builder that starts from this configuration.
     *
     * @return a new builder
     */
    public BitResNetBuilder toBuilder() {
        return new BitResNetBuilder().copyOf(this);
    }

    /**
     * The same network with float convolutions, for comparison or import. With the same seed, it starts from the same
     * weights.
     *
     * @return this configuration without quantisation
     */
    public BitResNetConfig floatTwin() {
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
    public static BitResNetConfig fromMap(Map<String, ?> json) {
        JsonObject object = JsonObject.of("BitResNetConfig", json);
        BitResNetConfig config = new BitResNetBuilder().read(object).build();
        object.requireNothingElse();
        return config;
    }

    @Override
    public BitResNet newModel() {
        return new BitResNet(this);
    }
}
