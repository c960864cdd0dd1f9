package io.bitlab.models.diffusion;

import io.bitlab.core.memory.Workspace;
import io.bitlab.core.tensor.Autograd;
import io.bitlab.core.tensor.Tensor;
import io.bitlab.models.image.BitImage;
import io.bitlab.models.image.ImageNormalization;
import io.bitlab.models.internal.InEvaluation;
import io.bitlab.models.vision.ImageInput;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import java.util.function.IntFunction;

/** Turns noise into images: all of them step by step together, a few at a time in the network. */
final class Denoising {

    /** The values that the network computes at a time: few, so that layers stay in the caches. */
    private static final int BATCH_VALUES = 1 << 15;

    private final ImageGenerator model;
    private final DiffusionProcess process;
    private final DiffusionSampler sampler;
    private final DiffusionOptions options;
    private final ImageInput input;
    private final int[] labels;
    private final int negative;
    private final int size; // values of an image
    private final ImageNoise[] fresh; // that of the steps of DDPM follows that of the beginning
    private final Workspace workspace = new Workspace();

    /** Checks that everything fits. */
    Denoising(ImageGenerator model, DiffusionOptions options, List<String> names) {
        String operation = model.getClass().getSimpleName() + ".generate: ";
        InEvaluation.require(model.getClass().getSimpleName() + ".generate", model);
        Objects.requireNonNull(options, operation + "options");
        if (Objects.requireNonNull(names, operation + "labels").isEmpty()) {
            throw new IllegalArgumentException(operation + "no labels, expected one for each image");
        }
        this.model = model;
        this.options = options;
        process = model.config().process();
        sampler = options.sampler() == null ? process.defaultSampler() : options.sampler();
        if (!sampler.fits(process)) {
            throw new IllegalArgumentException(operation + "the sampler " + sampler + " does not fit a model of the"
                    + " process " + process + "; use " + process.defaultSampler());
        }
        input = model.config().imageInput();
        size = input.channels() * input.height() * input.width();
        int most = Math.min(ImageNoise.MOST, Integer.MAX_VALUE / size);
        if (names.size() > most) {
            throw new IllegalArgumentException(operation + names.size() + " images of " + size
                    + " values, expected at most " + most + " at a time; make the others with another seed");
        }
        labels = names.stream().mapToInt(model::label).toArray();
        negative = model.label(options.negative());
        fresh = new ImageNoise[labels.length];
    }

    // ---------------------------------------------------------------- noise

    /** The noise of each image; that of an image depends on the seed and its index alone. */
    float[] noise(long seed) {
        return noise(i -> ImageNoise.of(seed, i));
    }

    /** Noise that turns from the first noise of one seed to that of another. */
    float[] noiseBetween(long from, long to) {
        return noise(i -> ImageNoise.between(from, to, i, labels.length));
    }

    private float[] noise(IntFunction<ImageNoise> ofImage) {
        float[] noise = new float[labels.length * size];
        for (int i = 0; i < labels.length; i++) {
            fresh[i] = ofImage.apply(i);
            fresh[i].fill(noise, i * size, size);
        }
        return noise;
    }

    // ---------------------------------------------------------------- steps

    /** Turns noise into normalised pixels. */
    float[] run(float[] noise, KnownPixels known, DenoisingListener listener) {
        float[] x = noise.clone();
        int steps = options.steps();
        for (int step = 0; step < steps; step++) {
            double t = 1 - (double) step / steps;
            double next = 1 - (double) (step + 1) / steps;
            step(x, t, next);
            if (known != null) {
                float alpha = (float) process.alpha(next);
                float sigma = (float) process.sigma(next);
                for (int i = 0; i < labels.length; i++) {
                    known.keep(x, i * size, noise, alpha, sigma);
                }
            }
            listener.onStep(step + 1, steps, () -> pictures(x));
        }
        return x;
    }

    private void step(float[] x, double from, double to) {
        float[] prediction = prediction(x, from);
        switch (sampler) {
            case EULER -> addScaled(x, prediction, (float) (to - from));
            case HEUN -> {
                if (to == 0) { // at the image the direction is what the network knows least
                    addScaled(x, prediction, (float) (to - from));
                    return;
                }
                float[] there = x.clone();
                addScaled(there, prediction, (float) (to - from));
                float[] other = prediction(there, to);
                addScaled(x, prediction, (float) ((to - from) / 2));
                addScaled(x, other, (float) ((to - from) / 2));
            }
            case DDIM -> {
                float alpha = (float) process.alpha(to);
                float sigma = (float) process.sigma(to);
                split(x, prediction, from, (image, noise) -> alpha * image + sigma * noise);
            }
            case DDPM -> ancestral(x, prediction, from, to);
        }
    }

    private static void addScaled(float[] x, float[] direction, float factor) {
        for (int i = 0; i < x.length; i++) {
            x[i] += factor * direction[i];
        }
    }

    /** What to make of the predicted image and noise at a value. */
    @FunctionalInterface
    private interface Combination {
        float of(float image, float noise);
    }

    /** Predicts image and noise, the image within the range of pixels. */
    private void split(float[] x, float[] prediction, double t, Combination combination) {
        float imageOfState = (float) process.imageFromState(t);
        float imageOfPrediction = (float) process.imageFromPrediction(t);
        float alpha = (float) process.alpha(t);
        float sigma = (float) process.sigma(t);
        ImageNormalization normalization = input.normalization();
        int plane = input.height() * input.width();
        for (int from = 0; from < x.length; from += plane) {
            float smallest = normalization.smallest(from % size / plane);
            float largest = normalization.largest(from % size / plane);
            for (int i = from; i < from + plane; i++) {
                float image =
                        Math.clamp(imageOfState * x[i] + imageOfPrediction * prediction[i], smallest, largest);
                x[i] = combination.of(image, (x[i] - alpha * image) / sigma);
            }
        }
    }

    /** A draw of the distribution of the earlier state, if the predicted image is the true one. */
    private void ancestral(float[] x, float[] prediction, double from, double to) {
        double sigma = process.sigma(from);
        double earlier = process.sigma(to);
        double ratio = process.alpha(from) / process.alpha(to);
        double added = 1 - ratio * ratio * earlier * earlier / (sigma * sigma); // share of the noise this step removes
        float ofState = (float) (ratio * earlier * earlier / (sigma * sigma));
        float ofImage = (float) (process.alpha(to) * added);
        float deviation = (float) (Math.sqrt(added) * earlier);
        float alpha = (float) process.alpha(from);
        split(x, prediction, from, (image, noise) -> ofState * (alpha * image + (float) sigma * noise)
                + ofImage * image);
        if (to > 0) {
            float[] draw = new float[size];
            for (int i = 0; i < labels.length; i++) {
                fresh[i].fill(draw, 0, size);
                for (int k = 0; k < size; k++) {
                    x[i * size + k] += deviation * draw[k];
                }
            }
        }
    }

    // ---------------------------------------------------------------- the network

    /** The prediction for all images, guided. */
    private float[] prediction(float[] x, double t) {
        float[] prediction = new float[x.length];
        int together = Math.clamp(BATCH_VALUES / size, 1, labels.length);
        for (int first = 0; first < labels.length; first += together) {
            int from = first;
            if (Thread.currentThread().isInterrupted()) {
                throw new CancellationException(model.getClass().getSimpleName() + ".generate: the thread was"
                        + " interrupted at time " + t + ", before the images were finished");
            }
            int to = Math.min(labels.length, from + together);
            workspace.call(() -> Autograd.noGrad(() -> {
                predict(x, prediction, (float) t, from, to);
                return null;
            }));
            workspace.reset();
        }
        return prediction;
    }

    private void predict(float[] x, float[] prediction, float t, int from, int to) {
        boolean guided = options.guidance() != 1f && t >= options.guidedFrom() && t <= options.guidedTo();
        int n = to - from;
        int rows = guided ? 2 * n : n;
        float[] batch = Arrays.copyOf(Arrays.copyOfRange(x, from * size, to * size), rows * size);
        int[] asked = Arrays.copyOf(Arrays.copyOfRange(labels, from, to), rows);
        float[] times = new float[rows];
        Arrays.fill(times, t);
        if (guided) {
            System.arraycopy(batch, 0, batch, n * size, n * size);
            Arrays.fill(asked, n, rows, negative);
        }
        float[] answer = model.predict(Tensor.of(batch, rows, input.channels(), input.height(), input.width()), times,
                asked).toArray();
        for (int i = 0; i < n * size; i++) {
            float value = answer[i];
            if (guided) {
                float base = answer[n * size + i];
                value = base + options.guidance() * (value - base);
            }
            if (!Float.isFinite(value)) {
                throw new IllegalStateException(model.getClass().getSimpleName() + ".generate: a prediction at time "
                        + t + " is " + value + "; check the weights and the training, or lower the guidance");
            }
            prediction[from * size + i] = value;
        }
    }

    /** The pictures of normalised pixels. */
    List<BitImage> pictures(float[] x) {
        List<BitImage> pictures = new ArrayList<>(labels.length);
        for (int i = 0; i < labels.length; i++) {
            pictures.add(BitImage.fromFloats(Arrays.copyOfRange(x, i * size, (i + 1) * size), input.width(),
                    input.height(), input.normalization()));
        }
        return pictures;
    }
}
