package io.bitlab.models.train;

import io.bitlab.core.math.CounterRandom;
import io.bitlab.core.tensor.Shape;
import io.bitlab.core.tensor.Tensor;
import io.bitlab.layers.Layer;
import io.bitlab.models.internal.Checksum;
import io.bitlab.models.train.BatchAugmentation.Mix;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.SequencedMap;
import java.util.stream.IntStream;

/**
 * Prediction of the class of each sample.
 *
 * @param model a classifier that maps {@code [n, ...sampleShape]} to {@code [n, classes]}
 * @param train the training samples
 * @param validationSet the validation samples, or null
 * @param objective the loss
 * @param augmentation changes the training samples, or null
 * @param mixing mixes the samples of each batch after that, or null
 * @param seed seed of the augmentation
 */
record ClassificationTask(Layer model, SampleSource train, SampleSource validationSet, Objective objective,
        Augmentation augmentation, BatchAugmentation mixing, long seed) implements Task {

    /** The number of augmented samples that represent an augmentation in the fingerprint. */
    private static final int AUGMENTED = 256;

    ClassificationTask {
        TrainingPreconditions.requireFit(model, train, validationSet);
    }

    @Override
    public int samples() {
        return train.size();
    }

    @Override
    public Labelled batch(int epoch, int... indices) {
        Tensor samples = requireShape(train.batch(indices), indices.length);
        if (augmentation != null) {
            CounterRandom random = new CounterRandom(seed, CounterRandom.stream("augmentation " + epoch));
            int[] shape = train.sampleShape();
            int size = Shape.product(shape, 0, shape.length);
            for (int i = 0; i < indices.length; i++) {
                random.seek((long) indices[i] << 32);
                augmentation.apply(samples.data(), i * size, shape.clone(), random);
            }
        }
        Mix mix = null;
        if (mixing != null) {
            CounterRandom random = new CounterRandom(seed, CounterRandom.stream("mixing " + epoch));
            random.seek((long) indices[0] << 32);
            mix = requirePartners(mixing.apply(samples, random), indices.length);
        }
        return new Labelled(samples, train.labels(indices), mix);
    }

    private static Mix requirePartners(Mix mix, int count) {
        if (mix != null && (mix.partners().length != count
                || Arrays.stream(mix.partners()).anyMatch(partner -> partner < 0 || partner >= count))) {
            throw new IllegalStateException("Trainer: the batch augmentation mixed " + count
                    + " samples with the partners " + Arrays.toString(mix.partners()) + ", expected " + count
                    + " numbers from 0 to " + (count - 1));
        }
        return mix;
    }

    private Tensor requireShape(Tensor samples, int count) {
        int[] sample = train.sampleShape();
        int[] expected = new int[sample.length + 1];
        expected[0] = count;
        System.arraycopy(sample, 0, expected, 1, sample.length);
        if (!Arrays.equals(expected, samples.shape())) {
            throw new IllegalStateException("Trainer: the samples have the shape " + Arrays.toString(samples.shape())
                    + ", expected " + Arrays.toString(expected) + ": " + train.getClass().getSimpleName()
                    + ".batch must agree with its sampleShape");
        }
        return samples;
    }

    /** Samples, possibly augmented, with their classes. */
    final class Labelled implements Batch {
        private final Tensor samples;
        private final int[] labels;
        private final Mix mix; // null if the samples were not mixed

        Labelled(Tensor samples, int[] labels, Mix mix) {
            this.samples = samples;
            this.labels = labels;
            this.mix = mix;
        }

        @Override
        public Loss loss() {
            Tensor logits = model.forward(samples);
            int[] others = mix == null ? labels : Arrays.stream(mix.partners()).map(i -> labels[i]).toArray();
            Tensor mean = mix == null ? objective.loss(logits, samples, labels)
                    : objective.loss(logits, samples, labels, others, mix.share());
            int[] larger = mix == null || mix.share() >= 0.5f ? labels : others;
            return new Loss(mean, Evaluation.correct(logits.argmax(), larger), labels.length);
        }

        @Override
        public void forward() {
            model.forward(samples);
        }

        @Override
        public boolean isFinite() {
            return NonFiniteDiagnosis.isFinite(samples.data());
        }

        private String checksum() {
            Checksum checksum = new Checksum().floats(samples.data());
            return (mix == null ? checksum : checksum.ints(mix.partners()).floats(mix.share())).toString();
        }
    }

    @Override
    public Validation validation() {
        return validationSet == null ? null : () -> Score.accuracy(Evaluation.accuracy(model, validationSet));
    }

    @Override
    public SequencedMap<String, String> facts() {
        int[] shape = train.sampleShape();
        SequencedMap<String, String> facts = new LinkedHashMap<>();
        facts.put("samples", Integer.toString(train.size()));
        facts.put("features", shape.length == 1 ? Integer.toString(shape[0]) : Arrays.toString(shape));
        facts.put("validation samples", Integer.toString(validationSet == null ? 0 : validationSet.size()));
        facts.put("training data", train.checksum());
        facts.put("validation data", validationSet == null ? "none" : validationSet.checksum());
        facts.put("augmentation", augmentation == null && mixing == null ? "none" : augmented());
        return facts;
    }

    private String augmented() {
        String digest = batch(1, first(AUGMENTED)).checksum();
        return digest.equals(batch(1, first(AUGMENTED)).checksum()) ? digest : "one that varies from call to call";
    }

    private int[] first(int count) {
        return IntStream.range(0, Math.min(count, train.size())).toArray();
    }

    @Override
    public SequencedMap<String, String> probe(int maxSamples) {
        int[] first = first(maxSamples);
        Tensor samples = train.batch(first);
        Tensor logits = model.forward(samples);
        SequencedMap<String, String> probe = new LinkedHashMap<>();
        probe.put("what the model answers", new Checksum().floats(logits.toArray()).toString());
        probe.put("the objective at the first samples",
                Float.toString(objective.loss(logits, samples, train.labels(first)).item()));
        return probe;
    }
}
