package io.bitlab.models.detection;

import io.bitlab.core.math.CounterRandom;
import io.bitlab.core.ops.Losses;
import io.bitlab.core.tensor.Tensor;
import io.bitlab.models.detection.DetectionPoints.Level;
import io.bitlab.models.detection.data.BoxKind;
import io.bitlab.models.detection.data.BoxedImages;
import io.bitlab.models.detection.data.LabelledBox;
import io.bitlab.models.detection.score.CocoScores;
import io.bitlab.models.image.ImagePlanes;
import io.bitlab.models.internal.Checksum;
import io.bitlab.models.train.Task;
import io.bitlab.models.vision.ImageInput;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Objects;
import java.util.SequencedMap;
import java.util.stream.IntStream;

/**
 * Trains a {@link BitDetector}: focal loss for the classes, generalised intersection over union for the boxes, binary
 * cross-entropy for their quality. The score of the validation is COCO's average precision.
 *
 * {@snippet class="io.bitlab.models.snippets.DetectionSnippets" region="train"}
 *
 * <p><b>Thread safety:</b> as for {@link Task}.
 */
public final class DetectionTask implements Task {

    private static final float FOCAL_ALPHA = 0.25f;
    private static final float FOCAL_GAMMA = 2f;
    private static final float BOX_WEIGHT = 2f;
    private static final float QUALITY_WEIGHT = 0.5f;

    /** The number of augmented samples that represent an augmentation in the facts. */
    private static final int AUGMENTED = 16;

    private final BitDetector model;
    private final DetectionFrames train;
    private final DetectionFrames validation; // or null
    private final DetectionAugmentation augmentation;
    private final DetectionSampler sampler;
    private final String trainChecksum;
    private final String validationChecksum;
    private final long seed;

    private DetectionTask(Builder builder) throws IOException {
        model = builder.model;
        BitDetectorConfig config = model.config();
        train = new DetectionFrames(builder.train, config);
        validation = builder.validation == null ? null : new DetectionFrames(builder.validation, config);
        augmentation = builder.augmentation;
        sampler = new DetectionSampler(train, config.imageInput(), augmentation);
        trainChecksum = train.checksum();
        validationChecksum = validation == null ? "none" : validation.checksum();
        seed = builder.seed;
    }

    /**
     * Starts building a task.
     *
     * @param model the detector
     * @param train annotated pictures of any size, of classes that the model knows
     * @return a builder with the defaults that its methods give
     */
    public static Builder builder(BitDetector model, BoxedImages train) {
        return new Builder(model, train);
    }

    /** Collects the settings of a {@link DetectionTask}. */
    public static final class Builder {
        private final BitDetector model;
        private final BoxedImages train;
        private BoxedImages validation;
        private DetectionAugmentation augmentation;
        private long seed;

        private Builder(BitDetector model, BoxedImages train) {
            this.model = Objects.requireNonNull(model, "DetectionTask: model");
            this.train = Objects.requireNonNull(train, "DetectionTask: train");
            this.augmentation = DetectionAugmentation.standard(model.config().imageInput().normalization());
        }

        /**
         * Sets the pictures of the validation.
         *
         * @param value annotated pictures; default null, for no validation
         * @return this builder
         */
        public Builder validation(BoxedImages value) {
            validation = value;
            return this;
        }

        /**
         * Sets how the training pictures are changed.
         *
         * @param value default {@link DetectionAugmentation#standard}
         * @return this builder
         */
        public Builder augmentation(DetectionAugmentation value) {
            augmentation = Objects.requireNonNull(value, "DetectionTask: augmentation");
            return this;
        }

        /**
         * Sets the seed of the changes.
         *
         * @param value any number; default 0
         * @return this builder
         */
        public Builder seed(long value) {
            seed = value;
            return this;
        }

        /**
         * Makes the task; decodes the pictures if they fit into a quarter of the heap.
         *
         * @return the task
         * @throws IOException if a picture can't be read
         * @throws IllegalArgumentException if the model does not know a class of the data, or if no object of the
         *     validation counts, without which there is no average precision
         */
        public DetectionTask build() throws IOException {
            if (validation != null && validation.boxes().stream().flatMap(List::stream)
                    .noneMatch(box -> box.kind() == BoxKind.OBJECT)) {
                throw new IllegalArgumentException("DetectionTask: none of the " + validation.size()
                        + " pictures for validation has an object that counts; take others, or validate with none");
            }
            return new DetectionTask(this);
        }
    }

    @Override
    public int samples() {
        return train.size();
    }

    @Override
    public Annotated batch(int epoch, int... indices) {
        ImageInput input = model.config().imageInput();
        CounterRandom random = new CounterRandom(seed, CounterRandom.stream("sizes " + epoch));
        random.seek((long) indices[0] << 32);
        List<Double> sizes = augmentation.sizes();
        double size = sizes.get(random.nextInt(sizes.size()));
        int height = pixels(size, input.height());
        int width = pixels(size, input.width());
        DetectionPoints points = new DetectionPoints(height, width, model.config().strides());
        Annotated batch = new Annotated(indices.length, input.channels(), points);
        random = new CounterRandom(seed, CounterRandom.stream("augmentation " + epoch));
        for (int i = 0; i < indices.length; i++) {
            random.seek((long) indices[i] << 32);
            batch.set(i, sampler.draw(indices[i], random, batch.planes(i)));
        }
        return batch;
    }

    /** The size of the network itself is kept; others are multiples of the last stride. */
    private int pixels(double factor, int size) {
        int stride = model.config().largestStride();
        return factor == 1 ? size : (int) Math.max(1, Math.round(factor * size / stride)) * stride;
    }

    /** Pictures, with what the model should answer at each of their points. */
    final class Annotated implements Batch {
        private final Tensor images;
        private final DetectionPoints points;
        private final int[] labels;
        private final float[] edges;

        Annotated(int count, int channels, DetectionPoints points) {
            this.images = Tensor.zeros(count, channels, points.height(), points.width());
            this.points = points;
            this.labels = new int[count * points.count()];
            this.edges = new float[4 * labels.length];
        }

        ImagePlanes planes(int i) {
            int size = images.length(1) * points.height() * points.width();
            return new ImagePlanes(images.data(), i * size, images.length(1), points.height(), points.width());
        }

        void set(int i, List<LabelledBox> objects) {
            DetectionTargets.assign(objects, points, labels, edges, i * points.count());
        }

        @Override
        public Loss loss() {
            int classes = model.config().classNames().size();
            Tensor answers = model.forward(images).reshape(labels.length, classes + BitDetector.OTHER_ANSWERS);
            int[] positive = IntStream.range(0, labels.length).filter(i -> labels[i] >= 0).toArray();
            Tensor loss = DetectionLosses.focal(answers.slice(1, 0, classes), labels, FOCAL_ALPHA, FOCAL_GAMMA,
                    Math.max(1, positive.length));
            if (positive.length > 0) {
                Tensor chosen = answers.gather(0, positive);
                Tensor predicted = DetectionLosses.distances(chosen.slice(1, classes, classes + 4), usual(positive));
                Tensor giou = DetectionLosses.giou(predicted, target(positive));
                Tensor quality = chosen.slice(1, classes + 4, classes + 5).reshape(positive.length);
                loss = loss.add(giou.mul(-1f).add(1f).mean().mul(BOX_WEIGHT))
                        .add(Losses.binaryCrossEntropy(quality, share(giou)).mul(QUALITY_WEIGHT));
            }
            return Loss.of(loss);
        }

        private float[] usual(int[] positive) {
            float[] usual = new float[positive.length];
            Level[] levels = points.levels();
            for (int i = 0; i < usual.length; i++) {
                int point = positive[i] % points.count();
                int level = levels.length - 1;
                while (point < levels[level].from()) {
                    level--;
                }
                usual[i] = BitDetector.usualDistance(levels[level].stride());
            }
            return usual;
        }

        private Tensor target(int[] positive) {
            float[] target = new float[4 * positive.length];
            for (int i = 0; i < positive.length; i++) {
                System.arraycopy(edges, 4 * positive[i], target, 4 * i, 4);
            }
            return Tensor.of(target, positive.length, 4);
        }

        /** The quality that the network should predict: how well its own boxes agree. */
        private static Tensor share(Tensor giou) {
            float[] share = giou.toArray();
            for (int i = 0; i < share.length; i++) {
                share[i] = Math.clamp(share[i], 0f, 1f);
            }
            return Tensor.of(share, share.length);
        }

        @Override
        public void forward() {
            model.forward(images);
        }

        @Override
        public boolean isFinite() {
            for (float value : images.data()) {
                if (!Float.isFinite(value)) {
                    return false;
                }
            }
            return true;
        }

        private void addTo(Checksum checksum) {
            checksum.floats(images.data()).ints(labels).floats(edges);
        }
    }

    @Override
    public Validation validation() {
        if (validation == null) {
            return null;
        }
        return () -> {
            CocoScores scores = DetectorEvaluation.of(model, validation).scores();
            return Score.higherIsBetter("AP", scores.ap()).and("AP50", scores.ap50());
        };
    }

    @Override
    public SequencedMap<String, String> facts() {
        SequencedMap<String, String> facts = new LinkedHashMap<>();
        facts.put("samples", Integer.toString(train.size()));
        facts.put("training data", trainChecksum);
        facts.put("validation data", validationChecksum);
        facts.put("augmentation", "mosaic " + augmentation.mosaic() + ", visible " + augmentation.visible() + ", sizes "
                + augmentation.sizes());
        Checksum augmented = new Checksum();
        batch(1, IntStream.range(0, Math.min(AUGMENTED, train.size())).toArray()).addTo(augmented);
        facts.put("augmented samples", augmented.toString());
        return facts;
    }
}
