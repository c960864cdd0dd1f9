package io.bitlab.models.diffusion;

import io.bitlab.core.math.CounterRandom;
import io.bitlab.core.tensor.Autograd;
import io.bitlab.core.tensor.Tensor;
import io.bitlab.models.image.ImageAugmentation;
import io.bitlab.models.image.ImagePlanes;
import io.bitlab.models.internal.Checksum;
import io.bitlab.models.train.SampleSource;
import io.bitlab.models.train.Task;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Objects;
import java.util.SequencedMap;
import java.util.stream.IntStream;

/**
 * Trains an {@link ImageGenerator}: each image gets noise at a random time, and the loss is the mean squared error of
 * what the network predicts. Some images lose their class, so that the network also knows what images have in common,
 * which guidance needs.
 *
 * {@snippet class="io.bitlab.models.snippets.DiffusionSnippets" region="train"}
 *
 * <p>The score of the validation is the same error, with noise and times that stay the same in all epochs. Reports also
 * show it for each quarter of the time: early times show details, late ones the layout.
 *
 * <p><b>Thread safety:</b> as for {@link Task}.
 */
public final class DiffusionTask implements Task {

    private static final int QUARTERS = 4;

    /** The golden ratio: the fractional parts of its multiples are spread most evenly. */
    private static final double GOLDEN = 0.6180339887498949;

    /** The number of images that the network sees together in a validation. */
    private static final int VALIDATION_BATCH = 64;

    private static final float DEFAULT_LABEL_DROPOUT = 0.1f;

    /** The number of noisy images that represent all in the facts. */
    private static final int NOISY = 16;

    private final ImageGenerator model;
    private final SampleSource train;
    private final SampleSource validation; // or null
    private final ImageAugmentation augmentation; // or null
    private final TimeDistribution times;
    private final float labelDropout;
    private final ImageGenerator teacher; // or null
    private final float teacherShare;
    private final long seed;

    private DiffusionTask(Builder builder) {
        model = builder.model;
        train = requireFit("training", builder.train);
        validation = builder.validation == null ? null : requireFit("validation", builder.validation);
        augmentation = builder.augmentation;
        times = builder.times;
        labelDropout = builder.labelDropout;
        teacher = builder.teacher;
        if (teacher != null) {
            requireTeacherFits();
            teacher.eval();
        }
        teacherShare = builder.teacherShare;
        seed = builder.seed;
    }

    private void requireTeacherFits() {
        if (teacher == model) {
            throw new IllegalArgumentException("DiffusionTask: the teacher is the model itself; pass another one");
        }
        model.config().differenceFrom(teacher.config()).ifPresent(difference -> {
            throw new IllegalArgumentException("DiffusionTask: the teacher doesn't fit the model: " + difference
                    + "; build the model with the teacher's imageInput, classNames and process");
        });
    }

    private SampleSource requireFit(String what, SampleSource samples) {
        int[] expected = model.config().imageInput().shape();
        int classes = model.config().classNames().size();
        if (!Arrays.equals(samples.sampleShape(), expected) || samples.classes() > classes) {
            throw new IllegalArgumentException("DiffusionTask: the " + what + " data has images of the shape "
                    + Arrays.toString(samples.sampleShape()) + " of " + samples.classes() + " classes, the model makes "
                    + Arrays.toString(expected) + " of " + classes + "; model.samples(images) makes data that fits");
        }
        return samples;
    }

    /**
     * Starts building a task.
     *
     * @param model the generator
     * @param train images to learn from, such as {@link ImageGenerator#samples} makes
     * @return a builder with the defaults that its methods give
     */
    public static Builder builder(ImageGenerator model, SampleSource train) {
        return new Builder(model, train);
    }

    /** Collects the settings of a {@link DiffusionTask}. */
    public static final class Builder {
        private final ImageGenerator model;
        private final SampleSource train;
        private SampleSource validation;
        private ImageAugmentation augmentation;
        private TimeDistribution times;
        private float labelDropout = DEFAULT_LABEL_DROPOUT;
        private ImageGenerator teacher;
        private float teacherShare;
        private long seed;

        private Builder(ImageGenerator model, SampleSource train) {
            this.model = Objects.requireNonNull(model, "DiffusionTask: model");
            this.train = Objects.requireNonNull(train, "DiffusionTask: train");
            this.times = model.config().process() == DiffusionProcess.RECTIFIED_FLOW ? TimeDistribution.LOGIT_NORMAL
                    : TimeDistribution.UNIFORM;
        }

        /**
         * Sets the images of the validation.
         *
         * @param value images that are not trained on; default null, for no validation
         * @return this builder
         */
        public Builder validation(SampleSource value) {
            validation = value;
            return this;
        }

        /**
         * Sets how the training images are changed.
         *
         * @param value such as {@link ImageAugmentation#flip()}; the model learns to make changed images; default null
         * @return this builder
         */
        public Builder augmentation(ImageAugmentation value) {
            augmentation = value;
            return this;
        }

        /**
         * Sets how often each time is trained.
         *
         * @param value default {@link TimeDistribution#LOGIT_NORMAL} for a rectified flow, uniform for the others
         * @return this builder
         */
        public Builder times(TimeDistribution value) {
            times = Objects.requireNonNull(value, "DiffusionTask: times");
            return this;
        }

        /**
         * Sets which share of the images loses its class.
         *
         * @param value from 0 to 1; default 0.1; 0 for a model without guidance, which must be used with
         *     guidance 1: what it would predict without a class was never trained
         * @return this builder
         * @throws IllegalArgumentException if it is out of range
         */
        public Builder labelDropout(float value) {
            if (!(value >= 0f && value <= 1f)) {
                throw new IllegalArgumentException("DiffusionTask: label dropout " + value + " is not from 0 to 1");
            }
            labelDropout = value;
            return this;
        }

        /**
         * Lets the model learn from a trained one, such as its float twin: what it should predict becomes
         * {@code (1 - share)·target + share·prediction of the teacher} for the same noisy image, time and class.
         * That has the gradient of the two mean squared errors, weighted so, while a prediction varies less than the
         * targets, which are different for each noise. The score of the validation stays the error from the targets.
         *
         * {@snippet class="io.bitlab.models.snippets.DiffusionSnippets" region="teacher"}
         *
         * @param trained makes the same images of the same classes; put into evaluation mode, where it must stay; its
         *     parameters are not changed
         * @param share from 0 to 1; 1 for a model that learns from the teacher alone
         * @return this builder
         * @throws IllegalArgumentException if the share is out of range
         */
        public Builder teacher(ImageGenerator trained, float share) {
            if (!(share >= 0f && share <= 1f)) {
                throw new IllegalArgumentException("DiffusionTask: the teacher's share " + share
                        + " is not from 0 to 1");
            }
            teacher = Objects.requireNonNull(trained, "DiffusionTask: teacher");
            teacherShare = share;
            return this;
        }

        /**
         * Sets the seed of noise, times and lost classes.
         *
         * @param value any number; default 0
         * @return this builder
         */
        public Builder seed(long value) {
            seed = value;
            return this;
        }

        /**
         * Makes the task.
         *
         * @return the task
         * @throws IllegalArgumentException if the images have another size than the model's, or more classes, or a
         *     teacher has other images, classes or another process, or is the model
         */
        public DiffusionTask build() {
            return new DiffusionTask(this);
        }
    }

    @Override
    public int samples() {
        return train.size();
    }

    @Override
    public Batch batch(int epoch, int... indices) {
        return noisy(epoch, indices);
    }

    private NoisyImages noisy(int epoch, int... indices) {
        Tensor images = train.batch(indices);
        int[] labels = train.labels(indices);
        NoisyImages noisy = new NoisyImages(model, images, labels);
        CounterRandom random = new CounterRandom(seed, CounterRandom.stream("noise " + epoch));
        int[] shape = train.sampleShape();
        int size = images.size() / indices.length;
        for (int i = 0; i < indices.length; i++) {
            random.seek((long) indices[i] << 32);
            if (random.nextFloat() < labelDropout) {
                labels[i] = model.config().classNames().size();
            }
            float time = times.draw(random);
            if (augmentation != null) {
                augmentation.apply(new ImagePlanes(images.data(), i * size, shape[0], shape[1], shape[2]), random);
            }
            noisy.addNoise(i, time, random);
        }
        return teacher == null ? noisy : noisy.taughtBy(teacher, teacherShare);
    }

    @Override
    public Validation validation() {
        return validation == null ? null : () -> Autograd.noGrad(this::score);
    }

    private Score score() {
        double[] sums = new double[QUARTERS];
        int[] counts = new int[QUARTERS];
        CounterRandom random = new CounterRandom(seed, CounterRandom.stream("validation"));
        for (int from = 0; from < validation.size(); from += VALIDATION_BATCH) {
            int[] indices = IntStream.range(from, Math.min(validation.size(), from + VALIDATION_BATCH)).toArray();
            NoisyImages noisy = new NoisyImages(model, validation.batch(indices), validation.labels(indices));
            for (int i = 0; i < indices.length; i++) {
                random.seek((long) indices[i] << 32);
                noisy.addNoise(i, validationTime(indices[i]), random);
            }
            double[] errors = noisy.errors();
            for (int i = 0; i < indices.length; i++) {
                int quarter = (int) (validationTime(indices[i]) * QUARTERS);
                sums[quarter] += errors[i];
                counts[quarter]++;
            }
        }
        Score score = Score.lowerIsBetter("error", Arrays.stream(sums).sum() / validation.size());
        for (int quarter = 0; quarter < QUARTERS; quarter++) {
            if (counts[quarter] > 0) { // 4 images have a time in each
                score = score.and(String.format(Locale.ROOT, "t < %.2f", (quarter + 1.0) / QUARTERS),
                        sums[quarter] / counts[quarter]);
            }
        }
        return score;
    }

    private static float validationTime(int index) {
        double time = (index + 0.5) * GOLDEN;
        return (float) (time - Math.floor(time)) * (1 - 0x1p-20f); // below 1
    }

    @Override
    public SequencedMap<String, String> facts() {
        SequencedMap<String, String> facts = new LinkedHashMap<>();
        facts.put("samples", Integer.toString(train.size()));
        facts.put("process", model.config().process().toString());
        if (labelDropout != DEFAULT_LABEL_DROPOUT) { // earlier checkpoints have no such fact
            facts.put("share of dropped labels", Float.toString(labelDropout));
        }
        if (teacher != null) {
            facts.put("share of the teacher", Float.toString(teacherShare));
        }
        facts.put("training data", train.checksum());
        facts.put("validation data", validation == null ? "none" : validation.checksum());
        Checksum checksum = new Checksum();
        NoisyImages noisy = noisy(1, IntStream.range(0, Math.min(NOISY, train.size())).toArray());
        noisy.addTo(checksum);
        facts.put("noisy images", checksum.toString());
        if (teacher != null) {
            facts.put("predictions of the teacher", new Checksum().floats(noisy.answers().data()).toString());
        }
        return facts;
    }
}
