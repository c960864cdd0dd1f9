package io.bitlab.models.diffusion;

import io.bitlab.models.BitModelConfig;
import io.bitlab.models.internal.Quote;
import io.bitlab.models.vision.ClassNames;
import io.bitlab.models.vision.ImageInput;
import java.util.List;
import java.util.Optional;

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

    /**
     * Why a model of another configuration can't take part in training a model of this one, be it as a teacher or with
     * its weights: what differs of images, classes and process, "here" in this configuration and "there" in the other.
     *
     * @param other the configuration of any kind of generator
     * @return such as {@code class 3 is 'dress' here and 'coat' there}; empty if nothing differs
     */
    default Optional<String> differenceFrom(ImageGeneratorConfig<?> other) {
        if (!imageInput().equals(other.imageInput())) {
            return Optional.of("image_input is " + imageInput() + " here and " + other.imageInput() + " there");
        }
        List<String> own = classNames().toList();
        List<String> others = other.classNames().toList();
        if (own.size() != others.size()) {
            return Optional.of("there are " + own.size() + " classes here and " + others.size() + " there");
        }
        for (int i = 0; i < own.size(); i++) {
            if (!own.get(i).equals(others.get(i))) {
                return Optional.of("class " + i + " is " + Quote.value(own.get(i)) + " here and "
                        + Quote.value(others.get(i)) + " there");
            }
        }
        return process() == other.process() ? Optional.empty()
                : Optional.of("process is " + process() + " here and " + other.process() + " there");
    }
}
