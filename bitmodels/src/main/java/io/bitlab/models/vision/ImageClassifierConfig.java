package io.bitlab.models.vision;

import io.bitlab.models.BitModelConfig;

/**
 * The configuration of an {@link ImageClassifier}: sizes and choices of the network, what pictures must become, and
 * what its outputs mean. In JSON the last two are {@code image_input} and {@code class_names}.
 *
 * @param <M> the kind of model that it describes
 */
public interface ImageClassifierConfig<M extends ImageClassifier> extends BitModelConfig<M> {

    /**
     * What a picture must become.
     *
     * @return size, fit and normalisation
     */
    ImageInput imageInput();

    /**
     * What the outputs mean.
     *
     * @return the name of each class
     */
    ClassNames classNames();
}
