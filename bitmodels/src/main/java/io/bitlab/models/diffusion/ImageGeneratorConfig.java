package io.bitlab.models.diffusion;

import io.bitlab.models.BitModelConfig;
import io.bitlab.models.vision.ClassNames;
import io.bitlab.models.vision.ImageInput;

/**
 * The configuration of an {@link ImageGenerator}: sizes and choices of the network, what its images look like, what it
 * can make images of, and how it was trained to make them. In JSON the last three are {@code image_input},
 * {@code class_names} and {@code process}.
 *
 * @param <M> the kind of model that it describes
 */
public interface ImageGeneratorConfig<M extends ImageGenerator> extends BitModelConfig<M> {

    /**
     * Size and normalisation of the images, the same for those it learns from and those it makes.
     *
     * @return size, fit and normalisation
     */
    ImageInput imageInput();

    /**
     * What there can be on an image.
     *
     * @return the name of each class
     */
    ClassNames classNames();

    /**
     * What the network predicts.
     *
     * @return how images turn into noise
     */
    DiffusionProcess process();
}
