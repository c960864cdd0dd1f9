package io.bitlab.models.train;

import io.bitlab.core.math.CounterRandom;
import io.bitlab.core.tensor.Tensor;
import io.bitlab.layers.Layer;
import java.util.LinkedHashMap;
import java.util.SequencedMap;
import java.util.stream.IntStream;

/**
 * Prediction of the class of each sample.
 *
 * @param model a classifier that maps {@code [n, features]} to {@code [n, classes]}
 * @param train the training samples
 * @param validationSet the validation samples, or null
 * @param objective the loss
 * @param augmentation changes the training samples, or null
 * @param seed seed of the augmentation
 */
record ClassificationTask(Layer model, Dataset train, Dataset validationSet, Objective objective,
        Augmentation augmentation, long seed) implements Task {

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
        Tensor samples = train.batch(indices);
        if (augmentation != null) {
            CounterRandom random = new CounterRandom(seed, CounterRandom.stream("augmentation " + epoch));
            int features = train.featureCount();
            for (int i = 0; i < indices.length; i++) {
                random.seek((long) indices[i] << 32);
                augmentation.apply(samples.data(), i * features, features, random);
            }
        }
        return new Labelled(samples, train.labels(indices));
    }

    /** Samples, possibly augmented, with their classes. */
    final class Labelled implements Batch {
        private final Tensor samples;
        private final int[] labels;

        Labelled(Tensor samples, int[] labels) {
            this.samples = samples;
            this.labels = labels;
        }

        @Override
        public Loss loss() {
            Tensor logits = model.forward(samples);
            return new Loss(objective.loss(logits, samples, labels), Evaluation.correct(logits.argmax(), labels),
                    labels.length);
        }

        @Override
        public void forward() {
            model.forward(samples);
        }

        @Override
        public boolean isFinite() {
            return NonFiniteDiagnosis.isFinite(samples.data());
        }
    }

    @Override
    public Validation validation() {
        return validationSet == null ? null : () -> Score.accuracy(Evaluation.accuracy(model, validationSet));
    }

    @Override
    public SequencedMap<String, String> facts() {
        SequencedMap<String, String> facts = new LinkedHashMap<>();
        facts.put("samples", Integer.toString(train.size()));
        facts.put("features", Integer.toString(train.featureCount()));
        facts.put("validation samples", Integer.toString(validationSet == null ? 0 : validationSet.size()));
        facts.put("training data", train.checksum());
        facts.put("validation data", validationSet == null ? "none" : validationSet.checksum());
        facts.put("augmentation", augmentation == null ? "none" : augmented());
        return facts;
    }

    private String augmented() {
        String digest = new Checksum().floats(batch(1, first(AUGMENTED)).samples.data()).toString();
        String again = new Checksum().floats(batch(1, first(AUGMENTED)).samples.data()).toString();
        return digest.equals(again) ? digest : "one that varies from call to call";
    }

    private int[] first(int count) {
        return IntStream.range(0, Math.min(count, train.size())).toArray();
    }

    @Override
    public SequencedMap<String, String> probe(int maxSamples) {
        Labelled batch = new Labelled(train.batch(first(maxSamples)), train.labels(first(maxSamples)));
        Tensor logits = model.forward(batch.samples);
        SequencedMap<String, String> probe = new LinkedHashMap<>();
        probe.put("what the model answers", new Checksum().floats(logits.toArray()).toString());
        probe.put("the objective at the first samples",
                Float.toString(objective.loss(logits, batch.samples, batch.labels).item()));
        return probe;
    }
}
