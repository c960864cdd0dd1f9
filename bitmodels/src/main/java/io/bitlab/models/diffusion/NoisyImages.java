package io.bitlab.models.diffusion;

import io.bitlab.core.math.CounterRandom;
import io.bitlab.core.ops.Losses;
import io.bitlab.core.quant.NonFiniteException;
import io.bitlab.core.tensor.Autograd;
import io.bitlab.core.tensor.Tensor;
import io.bitlab.layers.Layer;
import io.bitlab.models.internal.Checksum;
import io.bitlab.models.train.Task;

/** Images with noise at some time each, and what the network should predict for them. */
final class NoisyImages implements Task.Batch {

    private final ImageGenerator model;
    private final Tensor noisy;
    private final Tensor target;
    private final float[] times;
    private final int[] labels;
    private ImageGenerator teacher; // or null
    private float teacherShare;

    /**
     * Prepares places for noisy images.
     *
     * @param model predicts
     * @param images the images; become noisy
     * @param labels the class of each, or the number of classes; kept
     */
    NoisyImages(ImageGenerator model, Tensor images, int[] labels) {
        this.model = model;
        this.noisy = images;
        this.target = Tensor.zeros(images.shape());
        this.labels = labels;
        this.times = new float[labels.length];
    }

    /** Adds noise to an image. */
    void addNoise(int i, float time, CounterRandom random) {
        DiffusionProcess process = model.config().process();
        float alpha = (float) process.alpha(time);
        float sigma = (float) process.sigma(time);
        float imageShare = (float) process.imageShare(time);
        float noiseShare = (float) process.noiseShare(time);
        float[] x = noisy.data();
        float[] wanted = target.data();
        int size = x.length / labels.length;
        for (int k = i * size; k < (i + 1) * size; k++) {
            float image = x[k];
            float noise = (float) random.nextGaussian();
            x[k] = alpha * image + sigma * noise;
            wanted[k] = imageShare * image + noiseShare * noise;
        }
        times[i] = time;
    }

    /**
     * Blends what a trained network predicts into what this one should predict. The teacher answers in {@link #loss},
     * where all threads compute.
     *
     * @param trained predicts for the same images
     * @param share from 0 to 1
     * @return this
     */
    NoisyImages taughtBy(ImageGenerator trained, float share) {
        teacher = trained;
        teacherShare = share;
        return this;
    }

    @Override
    public Task.Loss loss() {
        return Task.Loss.of(Losses.meanSquaredError(predict(), target()));
    }

    private Tensor target() {
        return teacher == null ? target
                : Autograd.noGrad(() -> target.mul(1f - teacherShare).add(answers().mul(teacherShare)));
    }

    /** What the teacher predicts. */
    Tensor answers() {
        if (teacher.mode() == Layer.Mode.TRAIN) {
            throw new IllegalStateException("DiffusionTask: the teacher is in training mode; call eval() on it, and"
                    + " train it before or after this model, not meanwhile");
        }
        try {
            Tensor answers = Autograd.noGrad(() -> teacher.predict(noisy, times, labels));
            for (float answer : answers.data()) {
                if (!Float.isFinite(answer)) {
                    throw noNumber(null);
                }
            }
            return answers;
        } catch (NonFiniteException e) {
            throw noNumber(e);
        }
    }

    private static IllegalArgumentException noNumber(Exception cause) {
        return new IllegalArgumentException("DiffusionTask: the teacher predicts what is no finite number; it has"
                + " diverged or is damaged, choose another, or an image has pixels that are no numbers", cause);
    }

    private Tensor predict() {
        return model.predict(noisy, times, labels);
    }

    @Override
    public void forward() {
        predict();
    }

    /** The mean squared error of each image. */
    double[] errors() {
        float[] predicted = predict().toArray();
        float[] wanted = target.data();
        int size = wanted.length / labels.length;
        double[] errors = new double[labels.length];
        for (int k = 0; k < wanted.length; k++) {
            double off = predicted[k] - wanted[k];
            errors[k / size] += off * off / size;
        }
        return errors;
    }

    void addTo(Checksum checksum) {
        checksum.floats(noisy.data()).floats(target.data()).floats(times).ints(labels);
    }
}
