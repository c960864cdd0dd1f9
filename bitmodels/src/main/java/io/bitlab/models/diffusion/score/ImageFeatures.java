package io.bitlab.models.diffusion.score;

import io.bitlab.core.tensor.Tensor;
import io.bitlab.models.vision.BitResNet;

/**
 * A fixed, trained classifier that measures of image generators look through: what its last layer sees of an image, the
 * features, and its answer, the logits. Scores of different classifiers can't be compared.
 *
 * {@snippet class="io.bitlab.models.snippets.GeneratorScoreSnippets" region="features"}
 *
 * <p><b>Thread safety:</b> implementations allow any number of threads, if the classifier is in evaluation.
 */
public interface ImageFeatures {

    /**
     * The number of features of an image.
     *
     * @return at least 1
     */
    int features();

    /**
     * The number of classes.
     *
     * @return at least 1
     */
    int classes();

    /**
     * Computes features and logits. Those of an image don't depend on the others in its batch, unless the classifier
     * rounds activations with a scale for the whole batch.
     *
     * @param images {@code [n, channels, height, width]}, with pixels in the range that the classifier was trained
     *     with; not modified
     * @return both
     * @throws IllegalArgumentException if the classifier expects another shape
     * @throws IllegalStateException if the classifier is in training
     */
    Outputs outputs(Tensor images);

    /**
     * What a classifier computes of images.
     *
     * {@snippet class="io.bitlab.models.snippets.GeneratorScoreSnippets" region="features"}
     *
     * @param features {@code [n, features]}: what the last layer sees
     * @param logits {@code [n, classes]}: what it answers
     */
    record Outputs(Tensor features, Tensor logits) {
    }

    /**
     * Looks through a residual network. Its images are those of its configuration's
     * {@link io.bitlab.models.vision.ImageInput}.
     *
     * @param model a trained network, in evaluation or deployed when it is used; kept
     * @return its features and logits
     */
    static ImageFeatures of(BitResNet model) {
        return new ResNetFeatures(model);
    }
}
