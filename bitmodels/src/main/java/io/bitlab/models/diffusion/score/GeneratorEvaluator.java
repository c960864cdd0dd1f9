package io.bitlab.models.diffusion.score;

import io.bitlab.core.tensor.Shape;
import io.bitlab.core.tensor.Tensor;
import io.bitlab.models.train.SampleSource;
import java.util.stream.IntStream;

/**
 * Scores the images of a generator, which are handed over in batches of any size and not kept; only their features are.
 *
 * {@snippet class="io.bitlab.models.snippets.GeneratorScoreSnippets" region="evaluator"}
 *
 * <p>{@link GeneratorScores#of} does it in one call, for generators that are asked for classes in turn.
 *
 * <p><b>Thread safety:</b> not thread-safe.
 */
public final class GeneratorEvaluator {

    /** The pixels, and the images, that are computed at a time: layers have many times the values of their input. */
    private static final int BATCH_VALUES = 1 << 16;
    private static final int BATCH = 256;

    private final ImageFeatures classifier;
    private final MeasuredImages real;
    private final MeasuredImages generated;

    /**
     * Looks at the real images.
     *
     * @param classifier a trained classifier, in evaluation
     * @param real images that neither the generator nor the classifier was trained with, such as the test images; read
     *     once, a batch at a time. Their labels are compared with the classifier's answers if they have as many classes
     * @throws IllegalArgumentException if the classifier expects another shape, or computes what is not finite
     * @throws IllegalStateException if the classifier is in training
     */
    public GeneratorEvaluator(ImageFeatures classifier, SampleSource real) {
        this.classifier = classifier;
        this.real = new MeasuredImages(classifier);
        this.generated = new MeasuredImages(classifier);
        int[] shape = real.sampleShape();
        int together = Math.clamp(BATCH_VALUES / Shape.product(shape, 0, shape.length), 1, BATCH);
        for (int from = 0; from < real.size(); from += together) {
            int[] batch = IntStream.range(from, Math.min(real.size(), from + together)).toArray();
            this.real.add("GeneratorEvaluator: real images", real.batch(batch),
                    real.classes() == classifier.classes() ? real.labels(batch) : new int[0]);
        }
    }

    /**
     * Adds generated images.
     *
     * @param images {@code [n, channels, height, width]}, with pixels in the range that the classifier was trained
     *     with: clamp what a generator makes beyond it; not modified
     * @param labels the class that each should show, or none if the generator isn't told a class
     * @return this object
     * @throws IllegalArgumentException if the classifier expects another shape or computes what is not finite, there is
     *     not a label for each image, a label is not one of the classes, or only some batches have labels
     * @throws IllegalStateException if the classifier is in training
     */
    public GeneratorEvaluator add(Tensor images, int... labels) {
        int count = images.length(0);
        boolean missing = labels.length == 0;
        if (!missing && labels.length != count) {
            throw new IllegalArgumentException("GeneratorEvaluator.add: " + labels.length + " labels for " + count
                    + " images, expected one for each, or none at all");
        }
        if (samples() > 0 && missing != (generated.labelled() == 0)) {
            throw new IllegalArgumentException("GeneratorEvaluator.add: images " + (missing ? "without" : "with")
                    + " labels after images " + (missing ? "with" : "without") + " labels; give all of them or none");
        }
        for (int label : labels) {
            if (label < 0 || label >= classifier.classes()) {
                throw new IllegalArgumentException("GeneratorEvaluator.add: the label " + label
                        + " is not one of the classifier's classes, 0 to " + (classifier.classes() - 1));
            }
        }
        generated.add("GeneratorEvaluator.add", images, labels);
        return this;
    }

    /**
     * The number of generated images so far.
     *
     * @return from 0
     */
    public int samples() {
        return generated.count();
    }

    /**
     * Computes the scores of the images so far. Precision and recall compare equally many of both: all of the smaller
     * set, and as many of the larger, drawn with a fixed seed.
     *
     * @return the scores
     * @throws IllegalArgumentException if there are not more than {@link PrecisionRecall#DEFAULT_K} images of both
     */
    public GeneratorScores scores() {
        int compared = Math.min(real.count(), generated.count());
        if (compared <= PrecisionRecall.DEFAULT_K) {
            throw new IllegalArgumentException("GeneratorEvaluator.scores: " + generated.count()
                    + " generated images and " + real.count() + " real ones, expected at least "
                    + (PrecisionRecall.DEFAULT_K + 1) + " of each, and better some thousands");
        }
        PrecisionRecall shares = PrecisionRecall.of(real.features(compared), generated.features(compared));
        return new GeneratorScores(generated.accuracy(),
                FrechetDistance.between(generated.statistics(), real.statistics()), shares.precision(),
                shares.recall(), generated.count(), real.accuracy());
    }
}
