package io.bitlab.models.image;

import io.bitlab.core.math.CounterRandom;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * A batch of images, each mixed with another of the batch. The loss of image i is
 * {@code weight * loss(labels[i]) + (1 - weight) * loss(otherLabels[i])}.
 *
 * {@snippet class="io.bitlab.models.snippets.ImageSnippets" region="mixed"}
 *
 * @param pixels {@code [images, channels, height, width]}
 * @param labels the class of each image
 * @param otherLabels the class of the image that was mixed into it
 * @param weight the share of the image itself, from 0 to 1; the same for all
 */
public record MixedBatch(float[] pixels, int[] labels, int[] otherLabels, float weight) {

    private static final float MOST_ALPHA = 4f;

    /**
     * Adds images pixel by pixel: {@code weight * image + (1 - weight) * other} (H. Zhang et al., <i>mixup: Beyond
     * Empirical Risk Minimization</i>, 2018).
     *
     * @param pixels {@code [images, channels, height, width]}; not modified
     * @param labels the class of each image; not modified
     * @param alpha the weight is drawn from Beta(alpha, alpha); above 0, at most 4; usually 0.2
     * @param random the random numbers of this batch
     * @return the mixed batch
     * @throws IllegalArgumentException if there are no images, they don't divide evenly, or alpha is out of range
     */
    public static MixedBatch mixup(float[] pixels, int[] labels, float alpha, CounterRandom random) {
        requireBatch("mixup", pixels, labels, alpha);
        float weight = (float) beta(alpha, random);
        return mixed(pixels, labels, weight, partners(labels.length, random));
    }

    static MixedBatch mixed(float[] pixels, int[] labels, float weight, int[] partners) {
        int features = pixels.length / labels.length;
        float[] mixed = new float[pixels.length];
        for (int i = 0; i < mixed.length; i++) {
            float other = pixels[partners[i / features] * features + i % features];
            mixed[i] = weight * pixels[i] + (1f - weight) * other;
        }
        return new MixedBatch(mixed, labels.clone(), others(labels, partners), weight);
    }

    /**
     * Replaces a rectangle of each image with that of another (S. Yun et al., <i>CutMix: Regularization Strategy to
     * Train Strong Classifiers with Localizable Features</i>, 2019). The rectangle is the same in all images; its
     * centre is any pixel, and the weight counts the pixels that are really left.
     *
     * @param pixels {@code [images, channels, height, width]}; not modified
     * @param labels the class of each image; not modified
     * @param height rows of an image
     * @param width columns of an image
     * @param alpha the share of the rectangle is drawn from Beta(alpha, alpha); above 0, at most 4; usually 1
     * @param random the random numbers of this batch
     * @return the mixed batch
     * @throws IllegalArgumentException if there are no images, they don't divide evenly, or alpha is out of range
     */
    public static MixedBatch cutmix(float[] pixels, int[] labels, int height, int width, float alpha,
            CounterRandom random) {
        requireBatch("cutmix", pixels, labels, alpha);
        if (height < 1 || width < 1 || pixels.length / labels.length % ((long) height * width) != 0) {
            throw new IllegalArgumentException("MixedBatch.cutmix: " + pixels.length / labels.length
                    + " floats of an image are no planes of " + height + " x " + width);
        }
        double side = Math.sqrt(1 - beta(alpha, random));
        int rows = (int) (height * side);
        int columns = (int) (width * side);
        int top = random.nextInt(height) - rows / 2;
        int left = random.nextInt(width) - columns / 2;
        return cut(pixels, labels, height, width, new int[] {Math.max(0, left), Math.max(0, top),
            Math.min(width, left + columns), Math.min(height, top + rows)}, partners(labels.length, random));
    }

    /** With left, top, right and bottom of the rectangle. */
    static MixedBatch cut(float[] pixels, int[] labels, int height, int width, int[] box, int[] partners) {
        int features = pixels.length / labels.length;
        float[] mixed = pixels.clone();
        for (int i = 0; i < labels.length; i++) {
            for (int row = 0; row < features / width; row++) {
                int y = row % height;
                if (y >= box[1] && y < box[3] && box[0] < box[2]) {
                    int at = row * width + box[0];
                    System.arraycopy(pixels, partners[i] * features + at, mixed, i * features + at, box[2] - box[0]);
                }
            }
        }
        long area = (long) Math.max(0, box[2] - box[0]) * Math.max(0, box[3] - box[1]);
        float weight = (float) (1 - area / ((double) height * width));
        return new MixedBatch(mixed, labels.clone(), others(labels, partners), weight);
    }

    private static int[] partners(int count, CounterRandom random) {
        int[] partners = IntStream.range(0, count).toArray();
        random.shuffle(partners);
        return partners;
    }

    private static int[] others(int[] labels, int[] partners) {
        return Arrays.stream(partners).map(partner -> labels[partner]).toArray();
    }

    /** Beta(alpha, alpha) by M. Jöhnk's method (1964), which draws again and again if alpha is large. */
    static double beta(float alpha, CounterRandom random) {
        while (true) {
            double x = StrictMath.pow(random.nextDouble(), 1.0 / alpha);
            double y = StrictMath.pow(random.nextDouble(), 1.0 / alpha);
            if (x + y > 0 && x + y <= 1) {
                return x / (x + y);
            }
        }
    }

    private static void requireBatch(String operation, float[] pixels, int[] labels, float alpha) {
        if (labels.length == 0 || pixels.length == 0 || pixels.length % labels.length != 0) {
            throw new IllegalArgumentException("MixedBatch." + operation + ": " + pixels.length + " floats for "
                    + labels.length + " images; expected at least one image and the same number of floats for each");
        }
        if (!(alpha > 0f && alpha <= MOST_ALPHA)) {
            throw new IllegalArgumentException("MixedBatch." + operation + ": alpha " + alpha + " is not above 0 and at"
                    + " most " + MOST_ALPHA);
        }
    }
}
