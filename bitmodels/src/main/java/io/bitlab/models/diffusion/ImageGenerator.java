package io.bitlab.models.diffusion;

import io.bitlab.core.tensor.Tensor;
import io.bitlab.models.BitModel;
import io.bitlab.models.image.BitImage;
import io.bitlab.models.image.LabelledImages;
import io.bitlab.models.vision.ClassNames;
import io.bitlab.models.vision.ImageInput;
import io.bitlab.models.vision.ImageSamples;
import java.io.IOException;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Objects;

/**
 * A model that makes pictures: a network that predicts, for a noisy image, where the noise is, and is called in steps
 * until none is left.
 *
 * {@snippet class="io.bitlab.models.snippets.DiffusionSnippets" region="generate"}
 *
 * <p>{@link DiffusionTask} trains it:
 *
 * {@snippet class="io.bitlab.models.snippets.DiffusionSnippets" region="train"}
 *
 * <p>The same seed gives the same images to the bit, on every machine, number of threads, and number of images made
 * together (this last not if the configuration gives a whole batch one scale of activations). Interrupting the thread
 * ends a generation with a {@link java.util.concurrent.CancellationException}.
 *
 * <p><b>Thread safety:</b> in evaluation, any number of threads may share a model.
 */
public abstract class ImageGenerator extends BitModel {

    private static final DenoisingListener NOBODY = (step, steps, images) -> {};

    /** Creates a model without layers; the subclass adds them with {@link #child}. */
    protected ImageGenerator() {
    }

    @Override
    public abstract ImageGeneratorConfig<?> config();

    /**
     * Computes the prediction.
     *
     * @param x noisy images {@code [n, channels, height, width]}, checked; not modified
     * @param times the time of each, from 0 (image) to 1 (noise), checked; not modified
     * @param labels the class of each; the number of classes for none in particular; checked; not modified
     * @return of x's shape
     */
    protected abstract Tensor prediction(Tensor x, float[] times, int[] labels);

    /**
     * Predicts what the configuration's {@link DiffusionProcess} says: the direction from image to noise, or the noise.
     *
     * @param x noisy images {@code [n, channels, height, width]}; not modified
     * @param times the time of each, from 0 (image) to 1 (noise)
     * @param labels the class of each; the number of classes for none in particular
     * @return of x's shape
     * @throws IllegalArgumentException if a shape does not fit, a time is outside [0, 1], or there is no such class
     */
    public final Tensor predict(Tensor x, float[] times, int[] labels) {
        String operation = getClass().getSimpleName() + ".predict: ";
        int[] expected = config().imageInput().shape();
        if (x.rank() != 4 || !Arrays.equals(Arrays.copyOfRange(x.shape(), 1, 4), expected)
                || times.length != x.length(0) || labels.length != x.length(0)) {
            throw new IllegalArgumentException(operation + "the images have the shape " + Arrays.toString(x.shape())
                    + ", with " + times.length + " times and " + labels.length + " labels; expected [n, " + expected[0]
                    + ", " + expected[1] + ", " + expected[2] + "], and n of both");
        }
        int classes = config().classNames().size();
        for (int i = 0; i < times.length; i++) {
            if (!(times[i] >= 0f && times[i] <= 1f) || labels[i] < 0 || labels[i] > classes) {
                throw new IllegalArgumentException(operation + "image " + i + " has the time " + times[i]
                        + " and the label " + labels[i] + ", expected a time from 0 to 1 and a label from 0 to "
                        + classes + ", where " + classes + " is none in particular");
            }
        }
        return observed(prediction(x, times, labels));
    }

    /**
     * The prediction for pure noise and no class in particular; {@link #predict} is what samplers use.
     *
     * @param x {@code [n, channels, height, width]}; not modified
     * @return of x's shape
     * @throws IllegalArgumentException if x has another shape
     */
    @Override
    public final Tensor forward(Tensor x) {
        int n = x.rank() == 0 ? 0 : x.length(0);
        float[] times = new float[n];
        int[] labels = new int[n];
        Arrays.fill(times, 1f);
        Arrays.fill(labels, config().classNames().size());
        return predict(x, times, labels);
    }

    // ---------------------------------------------------------------- generation

    /**
     * Makes pictures of one class with {@link DiffusionOptions#DEFAULT}.
     *
     * @param label name of the class; null for none in particular
     * @param count how many, at least 1
     * @param seed of the noise; picture i is the same for every count
     * @return the pictures
     * @throws IllegalStateException in training, or if a prediction is not finite
     * @throws IllegalArgumentException if the class is unknown, or the count not positive or too large
     * @throws java.util.concurrent.CancellationException if the thread is interrupted; it stays so
     */
    public final List<BitImage> generate(String label, int count, long seed) {
        return generate(label, count, seed, DiffusionOptions.DEFAULT);
    }

    /**
     * Makes pictures of one class.
     *
     * @param label name of the class; null for none in particular
     * @param count how many, at least 1
     * @param seed of the noise; picture i is the same for every count
     * @param options how to make them
     * @return the pictures
     * @throws IllegalStateException in training, or if a prediction is not finite
     * @throws IllegalArgumentException if a class is unknown, the count not positive or too large, or the sampler does
     *     not fit
     * @throws java.util.concurrent.CancellationException if the thread is interrupted; it stays so
     */
    public final List<BitImage> generate(String label, int count, long seed, DiffusionOptions options) {
        if (count < 1) {
            throw new IllegalArgumentException(getClass().getSimpleName() + ".generate: " + count
                    + " images, expected at least 1");
        }
        return generate(Collections.nCopies(count, label), seed, options);
    }

    /**
     * Makes pictures, one of each given class.
     *
     * @param labels names of classes, at least one; null for none in particular
     * @param seed of the noise; a picture depends on the seed, its index and its class alone
     * @param options how to make them
     * @return the pictures, in the order of the labels
     * @throws IllegalStateException in training, or if a prediction is not finite
     * @throws IllegalArgumentException if there are no labels or too many, a class is unknown, or the sampler does not
     *     fit
     * @throws java.util.concurrent.CancellationException if the thread is interrupted; it stays so
     */
    public final List<BitImage> generate(List<String> labels, long seed, DiffusionOptions options) {
        return generate(labels, seed, options, NOBODY);
    }

    /**
     * Makes pictures, one of each given class, and tells of the progress.
     *
     * @param labels names of classes, at least one; null for none in particular
     * @param seed of the noise; a picture depends on the seed, its index and its class alone
     * @param options how to make them
     * @param listener is told of each step
     * @return the pictures, in the order of the labels
     * @throws IllegalStateException in training, or if a prediction is not finite
     * @throws IllegalArgumentException if there are no labels or too many, a class is unknown, or the sampler does not
     *     fit
     * @throws java.util.concurrent.CancellationException if the thread is interrupted; it stays so
     */
    public final List<BitImage> generate(List<String> labels, long seed, DiffusionOptions options,
            DenoisingListener listener) {
        Denoising denoising = new Denoising(this, options, labels);
        Objects.requireNonNull(listener, "ImageGenerator.generate: listener");
        return denoising.pictures(denoising.run(denoising.noise(seed), null, listener));
    }

    /**
     * Makes the pictures between two pictures: those of noise that turns from the noise of one seed to that of the
     * other (on a great circle, so that it stays noise), the fresh noise of {@link DiffusionSampler#DDPM} too.
     *
     * {@snippet class="io.bitlab.models.snippets.DiffusionSnippets" region="interpolate"}
     *
     * @param label name of the class; null for none in particular
     * @param from seed of the first picture, {@code generate(label, 1, from)}
     * @param to seed of the last picture, {@code generate(label, 1, to)}
     * @param count how many pictures, both ends included, at least 2
     * @param options how to make them
     * @return the pictures
     * @throws IllegalStateException in training, or if a prediction is not finite
     * @throws IllegalArgumentException if the class is unknown, the count below 2 or too large, or the sampler does not
     *     fit
     * @throws java.util.concurrent.CancellationException if the thread is interrupted; it stays so
     */
    public final List<BitImage> interpolate(String label, long from, long to, int count, DiffusionOptions options) {
        if (count < 2) {
            throw new IllegalArgumentException(getClass().getSimpleName() + ".interpolate: " + count
                    + " images, expected at least 2, as both ends are among them");
        }
        Denoising denoising = new Denoising(this, options, Collections.nCopies(count, label));
        return denoising.pictures(
                denoising.run(denoising.noiseBetween(from, to), null, NOBODY));
    }

    /**
     * Fills in a part of a picture, to match the rest (A. Lugmayr et al., <i>RePaint</i>, 2022, without its
     * repetitions): in each step the known part is what noise has left of the picture at that time.
     *
     * {@snippet class="io.bitlab.models.snippets.DiffusionSnippets" region="inpaint"}
     *
     * @param picture the picture; made to fit as training images are
     * @param unknown which pixels to fill in, row by row at the size of the model's images
     * @param label name of the class; null for none in particular
     * @param count how many different fillings, at least 1
     * @param seed of the noise
     * @param options how to make them; more steps match better
     * @return the pictures; known pixels are those of the picture
     * @throws IllegalStateException in training, or if a prediction is not finite
     * @throws IllegalArgumentException if the class is unknown, there are not as many marks as pixels, the count is not
     *     positive or too large, or the sampler does not fit
     * @throws java.util.concurrent.CancellationException if the thread is interrupted; it stays so
     */
    public final List<BitImage> inpaint(BitImage picture, boolean[] unknown, String label, int count, long seed,
            DiffusionOptions options) {
        Objects.requireNonNull(picture, "ImageGenerator.inpaint: picture");
        Objects.requireNonNull(unknown, "ImageGenerator.inpaint: unknown");
        ImageInput input = config().imageInput();
        if (unknown.length != input.height() * input.width() || count < 1) {
            throw new IllegalArgumentException(getClass().getSimpleName() + ".inpaint: " + unknown.length
                    + " marks and " + count + " images, expected " + input.height() + " x " + input.width()
                    + " marks, one for each pixel of the model, and at least 1 image");
        }
        Denoising denoising = new Denoising(this, options, Collections.nCopies(count, label));
        KnownPixels known = new KnownPixels(input.tensor(List.of(picture)).data(), unknown);
        return denoising.pictures(denoising.run(denoising.noise(seed), known, NOBODY));
    }

    /** The number of a class; the number of classes for null. */
    final int label(String name) {
        ClassNames names = config().classNames();
        return name == null ? names.size() : names.index(name);
    }

    // ---------------------------------------------------------------- training data

    /**
     * Makes training or validation data of labelled images, with this model's size, normalisation and classes.
     *
     * @param images images of any size, of classes that this model knows
     * @return samples for {@link DiffusionTask}
     * @throws IOException if an image can't be read
     * @throws IllegalArgumentException if the model does not know a class, or an image can't be made to fit
     */
    public final ImageSamples samples(LabelledImages images) throws IOException {
        Objects.requireNonNull(images, "ImageGenerator.samples: images");
        return ImageSamples.of(images, config().imageInput(), config().classNames());
    }

    @Override
    protected Tensor exampleInput() {
        ImageInput input = config().imageInput();
        return Tensor.zeros(1, input.channels(), input.height(), input.width());
    }
}
