package io.bitlab.models.image;

import io.bitlab.core.math.CounterRandom;

/**
 * Draws a map that moves an image. Maps compose before pixels are touched, so that several changes blur the image only
 * once, and the same map can move boxes.
 *
 * {@snippet class="io.bitlab.models.snippets.ImageSnippets" region="map"}
 */
@FunctionalInterface
public interface RandomMap {

    /**
     * Draws a map for one image.
     *
     * @param width columns of the image
     * @param height rows of the image
     * @param random the random numbers of this sample in this epoch
     * @return where points go
     */
    AffineMap draw(int width, int height, CounterRandom random);

    /**
     * This change followed by another.
     *
     * @param next the other
     * @return both, drawn one after the other
     */
    default RandomMap andThen(RandomMap next) {
        return (width, height, random) -> draw(width, height, random).andThen(next.draw(width, height, random));
    }

    /**
     * Mirrors left to right with probability one half.
     *
     * @return the change
     */
    static RandomMap flip() {
        return (width, _, random) -> random.nextFloat() < 0.5f ? AffineMap.flip(width) : AffineMap.IDENTITY;
    }

    /**
     * Mirrors top to bottom with probability one half, for pictures without an up, as those of a microscope.
     *
     * @return the change
     */
    static RandomMap flipVertically() {
        return (_, height, random) -> random.nextFloat() < 0.5f ? AffineMap.flipVertically(height)
                : AffineMap.IDENTITY;
    }

    /**
     * Does something to a share of the images only.
     *
     * @param share the probability, from 0 to 1
     * @param change what happens to these
     * @return the change
     * @throws IllegalArgumentException if the share is out of range
     */
    static RandomMap sometimes(double share, RandomMap change) {
        requireRange("sometimes", 0, share, 1);
        return (width, height, random) -> {
            boolean happens = random.nextFloat() < share;
            AffineMap map = change.draw(width, height, random); // also if not, so that what follows is as random
            return happens ? map : AffineMap.IDENTITY;
        };
    }

    /**
     * Shifts by whole pixels in both directions, as cutting a random part out of a padded image does.
     *
     * @param most the largest distance, at least 0; all whole distances up to it are equally likely
     * @return the change
     * @throws IllegalArgumentException if it is negative
     */
    static RandomMap shift(int most) {
        requireRange("shift", 0, most, Integer.MAX_VALUE / 2 - 1);
        return (_, _, random) -> {
            double down = random.nextInt(2 * most + 1) - most;
            return AffineMap.translate(random.nextInt(2 * most + 1) - most, down);
        };
    }

    /**
     * Shifts by parts of the size in both directions.
     *
     * @param most the largest distance as a share of width and height, from 0 to 1; uniform
     * @return the change
     * @throws IllegalArgumentException if it is out of range
     */
    static RandomMap translate(double most) {
        requireRange("translate", 0, most, 1);
        return (width, height, random) -> {
            double right = uniform(-most, most, random) * width;
            return AffineMap.translate(right, uniform(-most, most, random) * height);
        };
    }

    /**
     * Enlarges or shrinks about the centre, both directions alike.
     *
     * @param smallest the smallest factor, above 0
     * @param largest the largest factor; uniform between the two
     * @return the change
     * @throws IllegalArgumentException if they are not positive, or in the wrong order
     */
    static RandomMap scale(double smallest, double largest) {
        requireRange("scale", Double.MIN_NORMAL, smallest, largest);
        requireRange("scale", smallest, largest, 1000);
        return (width, height, random) -> {
            double factor = uniform(smallest, largest, random);
            return AffineMap.scale(factor, factor, width, height);
        };
    }

    /**
     * Rotates about the centre.
     *
     * @param mostDegrees the largest angle in either direction, from 0 to 180; uniform
     * @return the change
     * @throws IllegalArgumentException if it is out of range
     */
    static RandomMap rotate(double mostDegrees) {
        requireRange("rotate", 0, mostDegrees, 180);
        return (width, height, random) -> AffineMap.rotate(uniform(-mostDegrees, mostDegrees, random), width, height);
    }

    private static double uniform(double from, double to, CounterRandom random) {
        return from + (to - from) * random.nextDouble();
    }

    private static void requireRange(String change, double from, double value, double to) {
        if (!(value >= from && value <= to)) {
            throw new IllegalArgumentException(
                    "RandomMap." + change + ": " + value + " is not from " + from + " to " + to);
        }
    }
}
