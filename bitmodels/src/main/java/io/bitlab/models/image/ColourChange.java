package io.bitlab.models.image;

import io.bitlab.core.math.CounterRandom;

/** Changes of colours, computed in [0, 1] whatever the normalisation, as in torchvision's {@code functional}. */
final class ColourChange {

    private static final float RED = 0.299f; // ITU-R BT.601
    private static final float GREEN = 0.587f;
    private static final float BLUE = 0.114f;

    private final ImagePlanes image;
    private final int pixels;

    private ColourChange(ImagePlanes image, ImageNormalization normalization) {
        if (image.channels() != normalization.channels()) {
            throw new IllegalArgumentException("ImageAugmentation: an image of " + image.channels()
                    + " channels, but a normalisation of " + normalization.channels());
        }
        this.image = image;
        this.pixels = image.height() * image.width();
    }

    /** What happens to an image in [0, 1]. */
    @FunctionalInterface
    interface Step {
        void change(ColourChange colours, CounterRandom random);
    }

    static ImageAugmentation of(ImageNormalization normalization, Step step) {
        return (image, random) -> {
            ColourChange colours = new ColourChange(image, normalization);
            for (int c = 0; c < image.channels(); c++) {
                float mean = normalization.mean().get(c);
                float deviation = normalization.deviation().get(c);
                colours.each(c, x -> x * deviation + mean);
            }
            step.change(colours, random);
            for (int c = 0; c < image.channels(); c++) {
                float mean = normalization.mean().get(c);
                float deviation = normalization.deviation().get(c);
                colours.each(c, x -> (x - mean) / deviation);
            }
        };
    }

    private interface Value {
        float of(float x);
    }

    private void each(Value value) {
        for (int c = 0; c < image.channels(); c++) {
            each(c, value);
        }
    }

    private void each(int channel, Value value) {
        int from = image.offset() + channel * pixels;
        for (int i = from; i < from + pixels; i++) {
            image.pixels()[i] = value.of(image.pixels()[i]);
        }
    }

    void brightness(float factor) {
        each(x -> unit(x * factor));
    }

    /** The distances to the mean of the grey image. */
    void contrast(float factor) {
        double sum = 0;
        for (int i = 0; i < pixels; i++) {
            sum += grey(i);
        }
        float mean = (float) (sum / pixels);
        each(x -> unit(mean + (x - mean) * factor));
    }

    /** The distances of the channels to the grey value. */
    void saturation(float factor) {
        if (image.channels() == 1) {
            return;
        }
        float[] values = image.pixels();
        for (int i = 0; i < pixels; i++) {
            float grey = grey(i);
            for (int c = 0; c < image.channels(); c++) {
                int at = image.offset() + c * pixels + i;
                values[at] = unit(grey + (values[at] - grey) * factor);
            }
        }
    }

    /** Inverts what is brighter than a threshold. */
    void solarize(float threshold) {
        each(x -> x >= threshold ? 1f - x : x);
    }

    /** Keeps the highest bits of 8. */
    void posterize(int bits) {
        int mask = 0xff << 8 - bits & 0xff;
        each(x -> (ImageNormalization.UNIT.value(0, x) & mask) / 255f);
    }

    private float grey(int pixel) {
        float[] values = image.pixels();
        int at = image.offset() + pixel;
        return image.channels() == 1 ? values[at]
                : RED * values[at] + GREEN * values[at + pixels] + BLUE * values[at + 2 * pixels];
    }

    private static float unit(float x) {
        return Math.clamp(x, 0f, 1f);
    }
}
