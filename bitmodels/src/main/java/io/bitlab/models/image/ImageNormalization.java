package io.bitlab.models.image;

import java.util.List;

/**
 * How pixels become the numbers that a network sees: {@code (value / 255 - mean) / deviation}, for each channel.
 *
 * {@snippet class="io.bitlab.models.snippets.ImageSnippets" region="normalization"}
 *
 * @param mean what is subtracted, one number for each channel: 3 for red, green and blue, 1 for grey; copied
 * @param deviation what is divided by, as many numbers, positive; copied
 */
public record ImageNormalization(List<Float> mean, List<Float> deviation) {

    /** Pixels in [0, 1], three channels. */
    public static final ImageNormalization UNIT = of(new float[] {0, 0, 0}, new float[] {1, 1, 1});

    /** Grey pixels in [0, 1], one channel. */
    public static final ImageNormalization UNIT_GREY = of(new float[] {0}, new float[] {1});

    /** Pixels in [-1, 1], three channels, as generators expect them. */
    public static final ImageNormalization SYMMETRIC = of(new float[] {.5f, .5f, .5f}, new float[] {.5f, .5f, .5f});

    /** Mean and deviation of the colours of ImageNet, which most pretrained networks expect. */
    public static final ImageNormalization IMAGENET =
            of(new float[] {.485f, .456f, .406f}, new float[] {.229f, .224f, .225f});

    /**
     * Checks and copies the numbers.
     *
     * @throws IllegalArgumentException if there are not 1 or 3 of each, one is not finite, or a deviation not positive
     */
    public ImageNormalization {
        mean = List.copyOf(mean);
        deviation = List.copyOf(deviation);
        boolean valid = mean.stream().allMatch(Float::isFinite)
                && deviation.stream().allMatch(d -> d > 0 && Float.isFinite(d));
        if (mean.size() != 1 && mean.size() != 3 || mean.size() != deviation.size() || !valid) {
            throw new IllegalArgumentException("ImageNormalization: mean " + mean + ", deviation " + deviation
                    + "; expected 3 numbers each, or 1 for grey, all finite, and deviations above 0");
        }
    }

    /**
     * Creates a normalisation from arrays.
     *
     * @param mean what is subtracted, 1 or 3 numbers
     * @param deviation what is divided by, as many, positive
     * @return the normalisation
     * @throws IllegalArgumentException as the constructor
     */
    public static ImageNormalization of(float[] mean, float[] deviation) {
        return new ImageNormalization(boxed(mean), boxed(deviation));
    }

    private static List<Float> boxed(float[] values) {
        Float[] boxed = new Float[values.length];
        for (int i = 0; i < boxed.length; i++) {
            boxed[i] = values[i];
        }
        return List.of(boxed);
    }

    /**
     * The number of channels.
     *
     * @return 3 for colour, 1 for grey
     */
    public int channels() {
        return mean.size();
    }

    /**
     * The number for black.
     *
     * @param channel the channel, from 0
     * @return the smallest normalised value
     * @throws IndexOutOfBoundsException if there is no such channel
     */
    public float smallest(int channel) {
        return -mean.get(channel) / deviation.get(channel);
    }

    /**
     * The number for white.
     *
     * @param channel the channel, from 0
     * @return the largest normalised value
     * @throws IndexOutOfBoundsException if there is no such channel
     */
    public float largest(int channel) {
        return (1 - mean.get(channel)) / deviation.get(channel);
    }

    /** The number for each of the 256 values of a channel. */
    float[] table(int channel) {
        float[] table = new float[256];
        for (int value = 0; value < table.length; value++) {
            table[value] = (value / 255f - mean.get(channel)) / deviation.get(channel);
        }
        return table;
    }

    /** The value of a channel for a number: clamped and rounded. NaN gives 0. */
    int value(int channel, float number) {
        float unit = number * deviation.get(channel) + mean.get(channel);
        return Math.clamp((int) Math.floor(unit * 255f + 0.5f), 0, 255);
    }
}
