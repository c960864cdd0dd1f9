package io.bitlab.models.image;

import io.bitlab.core.math.CounterRandom;

/**
 * A random change of an image that preserves its class, so that the network sees new variants in each epoch.
 *
 * {@snippet class="io.bitlab.models.snippets.ImageSnippets" region="augmentation"}
 *
 * <p>The random numbers depend on the seed, the epoch and the sample, not on the order, the batch or the thread.
 * Changes that move pixels are made of a {@link RandomMap}; changes of colours need to know the normalisation of the
 * pixels.
 */
@FunctionalInterface
public interface ImageAugmentation {

    /**
     * Changes one image.
     *
     * @param image the image; modified
     * @param random the random numbers of this sample in this epoch
     */
    void apply(ImagePlanes image, CounterRandom random);

    /**
     * Returns this change followed by another.
     *
     * @param next the other change
     * @return both changes; they share the random numbers
     */
    default ImageAugmentation andThen(ImageAugmentation next) {
        return (image, random) -> {
            apply(image, random);
            next.apply(image, random);
        };
    }

    /**
     * Changes each image of a batch.
     *
     * @param batch {@code [indices, channels, height, width]}, as from {@link ImageDataset#batch}; modified
     * @param channels planes of an image
     * @param height rows of an image
     * @param width columns of an image
     * @param seed seed of the training
     * @param epoch number of the epoch
     * @param indices the numbers of the samples, one for each image
     * @throws IllegalArgumentException if the batch has another size
     */
    default void applyAll(float[] batch, int channels, int height, int width, long seed, int epoch, int... indices) {
        int features = channels * height * width;
        if (batch.length != (long) features * indices.length) {
            throw new IllegalArgumentException("ImageAugmentation: " + batch.length + " floats, expected "
                    + indices.length + " images of " + channels + " x " + height + " x " + width);
        }
        CounterRandom random = new CounterRandom(seed, CounterRandom.stream("augmentation " + epoch));
        for (int i = 0; i < indices.length; i++) {
            random.seek((long) indices[i] << 32);
            apply(new ImagePlanes(batch, i * features, channels, height, width), random);
        }
    }

    /**
     * Moves the image.
     *
     * @param change draws where its points go
     * @param border what comes in from beyond the edges
     * @return the change
     */
    static ImageAugmentation move(RandomMap change, Border border) {
        return (image, random) -> image.warp(change.draw(image.width(), image.height(), random), border);
    }

    /**
     * Mirrors left to right with probability one half.
     *
     * @return the change
     */
    static ImageAugmentation flip() {
        return move(RandomMap.flip(), Border.REFLECT);
    }

    /**
     * Changes brightness, contrast and saturation, in this order, by factors between {@code 1 - most} and
     * {@code 1 + most}. Brightness multiplies; contrast is the distance to the mean of the grey image; saturation the
     * distance of a channel to the grey value. Each result is clamped to [0, 1], as in torchvision.
     *
     * @param brightness the largest change, from 0 to 1
     * @param contrast the largest change, from 0 to 1
     * @param saturation the largest change, from 0 to 1; without effect on grey images
     * @param normalization that of the pixels; {@link ImageNormalization#UNIT} if they are in [0, 1]
     * @return the change
     * @throws IllegalArgumentException if a change is out of range
     */
    static ImageAugmentation colour(float brightness, float contrast, float saturation,
            ImageNormalization normalization) {
        for (float most : new float[] {brightness, contrast, saturation}) {
            if (!(most >= 0f && most <= 1f)) {
                throw new IllegalArgumentException("ImageAugmentation.colour: " + most + " is not from 0 to 1");
            }
        }
        return ColourChange.of(normalization, (colours, random) -> {
            colours.brightness(1f + brightness * (2f * random.nextFloat() - 1f));
            colours.contrast(1f + contrast * (2f * random.nextFloat() - 1f));
            colours.saturation(1f + saturation * (2f * random.nextFloat() - 1f));
        });
    }

    /**
     * Covers a square (T. DeVries, G. Taylor: <i>Improved Regularization of Convolutional Neural Networks with
     * Cutout</i>, 2017). Its centre is any pixel, so that parts of it may lie outside.
     *
     * @param size rows and columns of the square, at least 1
     * @param value what covers it; 0 is the mean colour after a normalisation
     * @return the change
     * @throws IllegalArgumentException if the size is not positive
     */
    static ImageAugmentation cutout(int size, float value) {
        if (size < 1) {
            throw new IllegalArgumentException("ImageAugmentation.cutout: size " + size + " is not at least 1");
        }
        return (image, random) -> {
            int top = random.nextInt(image.height()) - size / 2;
            int left = random.nextInt(image.width()) - size / 2;
            for (int c = 0; c < image.channels(); c++) {
                for (int y = Math.max(0, top); y < Math.min(image.height(), (long) top + size); y++) {
                    for (int x = Math.max(0, left); x < Math.min(image.width(), (long) left + size); x++) {
                        image.pixels()[image.offset() + (c * image.height() + y) * image.width() + x] = value;
                    }
                }
            }
        };
    }

    /**
     * The usual changes of small images: mirrored, and shifted by up to 4 pixels over a reflected border.
     *
     * @return the changes
     */
    static ImageAugmentation light() {
        return move(RandomMap.flip().andThen(RandomMap.shift(4)), Border.REFLECT);
    }

    /**
     * Changes for photographs: mirrored; scaled by 0.8 to 1.25; rotated by up to 10 degrees; shifted by up to a tenth
     * of the size; brightness, contrast and saturation by up to 0.2; a square of a quarter of the shorter side covered
     * with 0.
     *
     * @param normalization that of the pixels; {@link ImageNormalization#UNIT} if they are in [0, 1]
     * @return the changes
     */
    static ImageAugmentation standard(ImageNormalization normalization) {
        RandomMap moved = RandomMap.flip().andThen(RandomMap.scale(0.8, 1.25)).andThen(RandomMap.rotate(10))
                .andThen(RandomMap.translate(0.1));
        return move(moved, Border.REFLECT)
                .andThen(colour(0.2f, 0.2f, 0.2f, normalization))
                .andThen((image, random) -> cutout(Math.max(1, Math.min(image.height(), image.width()) / 4), 0f)
                        .apply(image, random));
    }

    /**
     * {@link #light}, and two random changes of one strength, after RandAugment (E. Cubuk et al., 2020), of: none,
     * rotation, shear and shift in either direction, brightness, contrast, saturation, solarisation, posterisation.
     *
     * @param magnitude the strength, from 0 to 10; 10 rotates by 30 degrees, shears by 0.3, shifts by 0.45 of the size,
     *     changes colours by 0.9, inverts everything, and leaves 4 bits
     * @param normalization that of the pixels; {@link ImageNormalization#UNIT} if they are in [0, 1]
     * @return the changes
     * @throws IllegalArgumentException if the strength is out of range
     */
    static ImageAugmentation strong(int magnitude, ImageNormalization normalization) {
        return light().andThen(new StrongAugmentation(magnitude, normalization));
    }
}
