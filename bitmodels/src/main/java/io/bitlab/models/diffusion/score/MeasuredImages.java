package io.bitlab.models.diffusion.score;

import io.bitlab.core.math.CounterRandom;
import io.bitlab.core.memory.Workspace;
import io.bitlab.core.tensor.Autograd;
import io.bitlab.core.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** What a classifier sees of images that are added in batches, and how often it agrees with their labels. */
final class MeasuredImages {

    private final ImageFeatures classifier;
    private final FeatureStatistics statistics;
    private final List<float[]> rows = new ArrayList<>();
    private final Workspace workspace = new Workspace();
    private int labelled;
    private int correct;

    MeasuredImages(ImageFeatures classifier) {
        this.classifier = classifier;
        this.statistics = new FeatureStatistics(classifier.features());
    }

    /** The labels may be none. */
    void add(String operation, Tensor images, int... labels) {
        float[][] outputs = workspace.call(() -> Autograd.noGrad(() -> {
            ImageFeatures.Outputs both = classifier.outputs(images);
            return new float[][] {both.features().toArray(), both.logits().toArray()};
        }));
        workspace.reset();
        int features = classifier.features();
        int count = images.length(0);
        Tensor logits = Tensor.of(FeatureRows.finite(operation + ": logits", outputs[1], classifier.classes()), count,
                classifier.classes());
        statistics.add(Tensor.of(outputs[0], count, features));
        for (int i = 0; i < count; i++) {
            rows.add(Arrays.copyOfRange(outputs[0], i * features, (i + 1) * features));
        }
        int[] found = logits.argmax();
        for (int i = 0; i < labels.length; i++) {
            correct += found[i] == labels[i] ? 1 : 0;
        }
        labelled += labels.length;
    }

    int count() {
        return rows.size();
    }

    int labelled() {
        return labelled;
    }

    FeatureStatistics statistics() {
        return statistics;
    }

    /** NaN without labels. */
    double accuracy() {
        return correct / (double) labelled;
    }

    /** The features of some images, drawn at random: every k-th could be of one class. */
    Tensor features(int count) {
        int features = classifier.features();
        float[] values = new float[Math.multiplyExact(count, features)];
        int[] drawn = IntStream.range(0, rows.size()).toArray();
        new CounterRandom(0, CounterRandom.stream("compared images")).shuffle(drawn);
        for (int i = 0; i < count; i++) {
            System.arraycopy(rows.get(drawn[i]), 0, values, i * features, features);
        }
        return Tensor.of(values, count, features);
    }
}
