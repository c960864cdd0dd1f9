package io.bitlab.models.diffusion.score;

import io.bitlab.core.tensor.Tensor;
import io.bitlab.models.train.SampleSource;
import java.util.Locale;

/**
 * How good a generator of images is, as a fixed classifier sees it.
 *
 * {@snippet class="io.bitlab.models.snippets.GeneratorScoreSnippets" region="scores"}
 *
 * @param conditionalAccuracy share of the generated images in which the classifier sees the class that was asked for,
 *     from 0 to 1; NaN without classes. May exceed {@code realAccuracy}: generators show the typical
 * @param frechetDistance {@link FrechetDistance} of generated from real images: the smaller, the better
 * @param precision share of the generated images that look real, from 0 to 1, see {@link PrecisionRecall}
 * @param recall share of the real images that the generator could have made, from 0 to 1
 * @param samples how many generated images were looked at
 * @param realAccuracy the classifier's own accuracy on the real images, from 0 to 1; NaN if they have other classes
 */
public record GeneratorScores(double conditionalAccuracy, double frechetDistance, double precision, double recall,
        int samples, double realAccuracy) {

    /** Images that are generated at a time. */
    private static final int BATCH = 100;

    /** Generates images on demand. */
    @FunctionalInterface
    public interface Generator {

        /**
         * Generates images.
         *
         * @param first number of the first image, from 0: what random numbers should depend on, so that the images of
         *     later calls differ
         * @param labels the class that each should show
         * @return {@code [labels, channels, height, width]}, with pixels in the range that the classifier was trained
         *     with
         */
        Tensor images(int first, int... labels);
    }

    /**
     * Generates images of all classes in turn, image i of class {@code i mod classes}, and scores them. Holds a hundred
     * images at a time. Real images should be equally many of each class, too: distance, precision and recall count
     * other frequencies as a difference.
     *
     * @param classifier a trained classifier, in evaluation
     * @param generator makes the images; called in the calling thread, for the images in ascending order
     * @param samples how many images, more than {@link PrecisionRecall#DEFAULT_K}; some thousands
     * @param real images that neither generator nor classifier was trained with; read once, a batch at a time
     * @return the scores
     * @throws IllegalArgumentException if there are too few images, the generator makes another number than it should
     *     or of the wrong shape, or the classifier computes what is not finite
     * @throws IllegalStateException if the classifier is in training
     */
    public static GeneratorScores of(ImageFeatures classifier, Generator generator, int samples, SampleSource real) {
        if (samples <= PrecisionRecall.DEFAULT_K) {
            throw new IllegalArgumentException("GeneratorScores: " + samples + " samples, expected at least "
                    + (PrecisionRecall.DEFAULT_K + 1) + ", and better some thousands");
        }
        GeneratorEvaluator evaluator = new GeneratorEvaluator(classifier, real);
        for (int first = 0; first < samples; first += BATCH) {
            int[] labels = new int[Math.min(BATCH, samples - first)];
            for (int i = 0; i < labels.length; i++) {
                labels[i] = (first + i) % classifier.classes();
            }
            evaluator.add(generator.images(first, labels.clone()), labels);
        }
        return evaluator.scores();
    }

    /**
     * A row for each score.
     *
     * @return lines that end with line feeds
     */
    public String table() {
        return row("samples", Integer.toString(samples))
                + row("conditional accuracy", percent(conditionalAccuracy))
                + row("accuracy on real images", percent(realAccuracy))
                + row("Frechet distance", String.format(Locale.ROOT, "%.3f", frechetDistance))
                + row("precision", percent(precision))
                + row("recall", percent(recall));
    }

    private static String row(String name, String value) {
        return String.format(Locale.ROOT, "%-24s%10s", name, value) + "\n";
    }

    private static String percent(double share) {
        return Double.isNaN(share) ? "-" : String.format(Locale.ROOT, "%.2f %%", 100 * share);
    }

    @Override
    public String toString() {
        return "GeneratorScores(conditional accuracy " + percent(conditionalAccuracy) + ", Frechet distance "
                + String.format(Locale.ROOT, "%.3f", frechetDistance) + ", precision " + percent(precision)
                + ", recall " + percent(recall) + "; " + samples + " samples)";
    }
}
