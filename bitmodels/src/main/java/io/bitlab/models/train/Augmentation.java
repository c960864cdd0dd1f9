package io.bitlab.models.train;

import io.bitlab.core.math.CounterRandom;
import io.bitlab.core.tensor.Shape;

/**
 * A random change of a sample that preserves its class, so that the network sees new variants in each epoch.
 *
 * {@snippet class="io.bitlab.models.snippets.TrainSnippets" region="augmentation"}
 *
 * <p>The random numbers depend on the seed of the trainer, the epoch and the sample, not on the order or the thread.
 */
@FunctionalInterface
public interface Augmentation {

    /**
     * Changes one sample.
     *
     * @param batch the samples, row-major; only this sample is modified
     * @param offset index of the first feature of the sample
     * @param length number of features of the sample
     * @param random the random numbers of this sample in this epoch
     */
    void apply(float[] batch, int offset, int length, CounterRandom random);

    /**
     * Changes one sample whose shape is known; what the trainer calls. By default, the shape makes no difference.
     *
     * @param batch the samples, row-major; only this sample is modified
     * @param offset index of the first value of the sample
     * @param shape shape of the sample, such as {@code [channels, height, width]}
     * @param random the random numbers of this sample in this epoch
     */
    default void apply(float[] batch, int offset, int[] shape, CounterRandom random) {
        apply(batch, offset, Shape.product(shape, 0, shape.length), random);
    }

    /** A change of a sample that goes by its shape; make an augmentation of it with {@link #ofShape}. */
    @FunctionalInterface
    interface ShapedChange {

        /**
         * Changes one sample.
         *
         * @param batch the samples, row-major; only this sample is modified
         * @param offset index of the first value of the sample
         * @param shape shape of the sample, such as {@code [channels, height, width]}
         * @param random the random numbers of this sample in this epoch
         */
        void apply(float[] batch, int offset, int[] shape, CounterRandom random);
    }

    /**
     * Makes an augmentation that goes by the shape of the sample.
     *
     * @param change the change
     * @return the augmentation; without a shape, a sample is a row {@code [length]}
     */
    static Augmentation ofShape(ShapedChange change) {
        return new Augmentation() {
            @Override
            public void apply(float[] batch, int offset, int length, CounterRandom random) {
                change.apply(batch, offset, new int[] {length}, random);
            }

            @Override
            public void apply(float[] batch, int offset, int[] shape, CounterRandom random) {
                change.apply(batch, offset, shape, random);
            }
        };
    }

    /**
     * Returns this change followed by another.
     *
     * @param next the other change
     * @return both changes; they share the random numbers
     */
    default Augmentation andThen(Augmentation next) {
        return ofShape((batch, offset, shape, random) -> {
            apply(batch, offset, shape, random);
            next.apply(batch, offset, shape, random);
        });
    }

    /**
     * Mirrors images left to right, each with probability one half.
     *
     * @param height rows of pixels
     * @param width columns of pixels; features are pixels, row by row
     * @return the change
     */
    static Augmentation flip(int height, int width) {
        return (batch, offset, length, random) -> {
            requirePixels("flip", height, width, length);
            if (random.nextFloat() < 0.5f) {
                for (int row = offset; row < offset + length; row += width) {
                    for (int left = 0, right = width - 1; left < right; left++, right--) {
                        float pixel = batch[row + left];
                        batch[row + left] = batch[row + right];
                        batch[row + right] = pixel;
                    }
                }
            }
        };
    }

    /**
     * Shifts images by a random distance in both directions; the pixels that enter at the edges are 0.
     *
     * @param height rows of pixels
     * @param width columns of pixels; features are pixels, row by row
     * @param most the largest distance in pixels, at least 0; all distances up to it are equally likely
     * @return the change
     * @throws IllegalArgumentException if the distance is negative, or not below 2^30
     */
    static Augmentation shift(int height, int width, int most) {
        if (most < 0 || most >= 1 << 30) {
            throw new IllegalArgumentException(
                    "Augmentation.shift: a largest distance of " + most + " pixels, expected 0 to 2^30 - 1");
        }
        return (batch, offset, length, random) -> {
            requirePixels("shift", height, width, length);
            int down = random.nextInt(2 * most + 1) - most;
            int right = random.nextInt(2 * most + 1) - most;
            float[] before = new float[length];
            System.arraycopy(batch, offset, before, 0, length);
            for (int y = 0; y < height; y++) {
                for (int x = 0; x < width; x++) {
                    boolean inside = y >= down && y - down < height && x >= right && x - right < width;
                    batch[offset + y * width + x] = inside ? before[(y - down) * width + x - right] : 0f;
                }
            }
        };
    }

    private static void requirePixels(String change, int height, int width, int length) {
        if (height * width != length) {
            throw new IllegalArgumentException("Augmentation." + change + ": a sample has " + length
                    + " features, which are not " + height + " x " + width + " pixels");
        }
    }
}
