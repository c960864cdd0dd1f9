package io.bitlab.models.train;

import io.bitlab.core.math.CounterRandom;

/**
 * Changes a sample in a way that leaves its class as it is, so that a network sees something new in each epoch.
 *
 * {@snippet :
 * Augmentation augmentation = Augmentation.flip(28, 28).andThen(Augmentation.shift(28, 28, 2));
 * }
 *
 * <p>The numbers drawn depend on the trainer's seed, the epoch and the sample, not on the order or the thread.
 */
@FunctionalInterface
public interface Augmentation {

    /**
     * Changes one sample.
     *
     * @param batch the samples, row-major; modified in this sample's part
     * @param offset where the sample begins
     * @param length its features
     * @param random this sample's random numbers in this epoch
     */
    void apply(float[] batch, int offset, int length, CounterRandom random);

    /**
     * This change, then another.
     *
     * @param next the other
     * @return both, drawing from the same random numbers
     */
    default Augmentation andThen(Augmentation next) {
        return (batch, offset, length, random) -> {
            apply(batch, offset, length, random);
            next.apply(batch, offset, length, random);
        };
    }

    /**
     * Mirrors every second image, left to right.
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
     * Moves images by up to some pixels in both directions; what comes in at the edge is 0.
     *
     * @param height rows of pixels
     * @param width columns of pixels; features are pixels, row by row
     * @param most the largest distance, 0 or more; each one up to it is as likely
     * @return the change
     */
    static Augmentation shift(int height, int width, int most) {
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
