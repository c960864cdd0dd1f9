package io.bitlab.models.vision;

import io.bitlab.core.tensor.Tensor;
import io.bitlab.models.image.BitImage;
import io.bitlab.models.image.ImageFit;
import io.bitlab.models.image.ImageNormalization;
import io.bitlab.models.io.JsonObject;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;

/**
 * What a picture must become before a model sees it. It is part of the model's configuration, so that a saved model is
 * used with the preprocessing that it was trained with.
 *
 * {@snippet class="io.bitlab.models.snippets.ImageModelSnippets" region="input"}
 *
 * <p>In JSON: {@code height}, {@code width}, {@code channels}, {@code fit}, {@code mean} and {@code deviation}.
 *
 * @param height rows of pixels, 1 to {@value #LARGEST}
 * @param width columns of pixels, 1 to {@value #LARGEST}
 * @param fit how a picture of another size is made to fit
 * @param normalization mean and deviation of each channel; 3 channels for colour, 1 for grey
 */
public record ImageInput(int height, int width, ImageFit fit, ImageNormalization normalization) {

    /** Rows and columns; stops a damaged file from asking for gigabytes. */
    public static final int LARGEST = 4096;

    /**
     * Checks the values.
     *
     * @throws IllegalArgumentException if the size is out of range
     */
    public ImageInput {
        if (height < 1 || width < 1 || height > LARGEST || width > LARGEST) {
            throw new IllegalArgumentException("ImageInput: height " + height + " and width " + width
                    + ", expected 1 to " + LARGEST + " pixels each");
        }
        Objects.requireNonNull(fit, "ImageInput: fit");
        Objects.requireNonNull(normalization, "ImageInput: normalization");
    }

    /**
     * Colour pictures. Pictures of another size are resized until they cover it, then cut; the pixels are normalised
     * with mean and deviation of ImageNet.
     *
     * @param height rows of pixels
     * @param width columns of pixels
     * @return the input, with 3 channels
     * @throws IllegalArgumentException if the size is out of range
     */
    public static ImageInput colour(int height, int width) {
        return new ImageInput(height, width, ImageFit.CROP, ImageNormalization.IMAGENET);
    }

    /**
     * Grey pictures. Pictures of another size are resized until they cover it, then cut; the pixels are in [-1, 1].
     *
     * @param height rows of pixels
     * @param width columns of pixels
     * @return the input, with 1 channel
     * @throws IllegalArgumentException if the size is out of range
     */
    public static ImageInput grey(int height, int width) {
        return new ImageInput(height, width, ImageFit.CROP,
                ImageNormalization.of(new float[] {0.5f}, new float[] {0.5f}));
    }

    /**
     * Returns this input with another way to fit pictures.
     *
     * @param value how a picture of another size is made to fit; {@code EXACT} refuses it
     * @return the changed copy
     */
    public ImageInput withFit(ImageFit value) {
        return new ImageInput(height, width, value, normalization);
    }

    /**
     * Returns this input with another normalisation.
     *
     * @param value mean and deviation of each channel
     * @return the changed copy, with the channels of the normalisation
     */
    public ImageInput withNormalization(ImageNormalization value) {
        return new ImageInput(height, width, fit, value);
    }

    /**
     * The number of channels.
     *
     * @return 3 for colour, 1 for grey
     */
    public int channels() {
        return normalization.channels();
    }

    /**
     * The shape of one picture.
     *
     * @return {@code [channels, height, width]}, a new array
     */
    public int[] shape() {
        return new int[] {channels(), height, width};
    }

    /**
     * Fits pictures and normalises their pixels.
     *
     * @param images at least one picture, of any sizes
     * @return {@code [images, channels, height, width]}
     * @throws IllegalArgumentException if there are no images, or one has another size and the fit is {@code EXACT}
     */
    public Tensor tensor(List<BitImage> images) {
        if (images.isEmpty()) {
            throw new IllegalArgumentException("ImageInput.tensor: no images, expected at least one");
        }
        int features = channels() * height * width;
        float[] pixels = new float[Math.multiplyExact(images.size(), features)];
        for (int i = 0; i < images.size(); i++) {
            BitImage picture = Objects.requireNonNull(images.get(i), "ImageInput.tensor: picture " + i + " is null");
            float[] image = fit.apply(picture, width, height).toFloats(normalization);
            System.arraycopy(image, 0, pixels, i * features, features);
        }
        return Tensor.of(pixels, images.size(), channels(), height, width);
    }

    /**
     * This input as JSON, which {@link #fromJson} reads back.
     *
     * @return a new map of member by name, in a fixed order
     */
    public Map<String, Object> toMap() {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("height", height);
        json.put("width", width);
        json.put("channels", channels());
        json.put("fit", fit.name().toLowerCase(Locale.ROOT));
        json.put("mean", normalization.mean());
        json.put("deviation", normalization.deviation());
        return json;
    }

    /**
     * Reads what {@link #toMap} returns.
     *
     * @param json all members are required
     * @return the input
     * @throws IllegalArgumentException if a member is unknown, missing or has a value that is not allowed
     */
    public static ImageInput fromJson(JsonObject json) {
        ImageNormalization normalization = new ImageNormalization(numbers(json, "mean"), numbers(json, "deviation"));
        ImageInput input = new ImageInput(json.integer("height"), json.integer("width"), fit(json), normalization);
        if (json.integer("channels") != input.channels()) {
            throw json.wrong("channels", input.channels() + ", as mean and deviation have");
        }
        json.requireNothingElse();
        return input;
    }

    private static ImageFit fit(JsonObject json) {
        String name = json.string("fit");
        for (ImageFit fit : ImageFit.values()) {
            if (fit.name().toLowerCase(Locale.ROOT).equals(name)) {
                return fit;
            }
        }
        throw json.wrong("fit", "'exact', 'stretch', 'crop' or 'letterbox'");
    }

    private static List<Float> numbers(JsonObject json, String name) {
        List<Float> numbers = new ArrayList<>();
        for (Object element : json.list(name)) {
            if (!(element instanceof Number number)) {
                throw json.wrong(name, "a list of numbers, one for each channel");
            }
            numbers.add(number.floatValue());
        }
        return numbers;
    }
}
