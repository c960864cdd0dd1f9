package io.bitlab.models.report;

import io.bitlab.layers.Dropout;
import io.bitlab.layers.Layer;
import io.bitlab.layers.Memory;
import io.bitlab.layers.TernaryLayer;
import io.bitlab.models.io.AtomicFile;
import io.bitlab.models.train.Dataset;
import io.bitlab.models.train.EpochResult;
import io.bitlab.models.train.Evaluation;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.stream.IntStream;

/**
 * What became of a model. Immutable.
 *
 * @param model the model's layers in words
 * @param samples how many samples the accuracies are of
 * @param trainingAccuracy share of them that the training form classifies rightly; empty if the model was not in
 *     training, or drops out at random
 * @param accuracy share that the packed form classifies rightly
 * @param parameters how many numbers the model has
 * @param memory as floats, in files, and now
 * @param layers the ternary layers, in the order of the model
 * @param history how training went; may be empty
 */
public record ModelReport(String model, int samples, OptionalDouble trainingAccuracy, double accuracy, long parameters,
        Memory memory, List<LayerReport> layers, List<EpochResult> history) {

    /** Samples whose activations are looked at. */
    private static final int OBSERVED = 256;

    /** Copies the lists. */
    public ModelReport {
        layers = List.copyOf(layers);
        history = List.copyOf(history);
    }

    /**
     * Looks at a model. Its mode is afterwards as it was before; in between it is evaluated.
     *
     * @param model a classifier, {@code [n, classes]} for {@code [n, features]}
     * @param data samples that it has not learned from
     * @param history how training went; empty if that is not known
     * @return the report
     */
    public static ModelReport of(Layer model, Dataset data, List<EpochResult> history) {
        boolean training = model.mode() == Layer.Mode.TRAIN;
        boolean random = model.layers().values().stream()
                .anyMatch(layer -> layer instanceof Dropout dropout && dropout.probability() > 0f);
        OptionalDouble before = training && !random ? OptionalDouble.of(Evaluation.accuracy(model, data))
                : OptionalDouble.empty();
        if (training) {
            model.eval();
        }
        try {
            double after = Evaluation.accuracy(model, data);
            Map<String, float[]> outputs = outputs(model, data);
            List<LayerReport> layers = outputs.entrySet().stream().map(layer -> LayerStatistics
                    .of(layer.getKey(), (TernaryLayer) model.layers().get(layer.getKey()), layer.getValue())).toList();
            return new ModelReport(model.toString(), data.size(), before, after, model.parameterCount(), model.memory(),
                    layers, history);
        } finally {
            if (training) {
                model.train();
            }
        }
    }

    private static Map<String, float[]> outputs(Layer model, Dataset data) {
        Map<String, float[]> outputs = new LinkedHashMap<>();
        int[] first = IntStream.range(0, Math.min(OBSERVED, data.size())).toArray();
        try (var _ = model.observe((path, output) -> {
            if (model.layers().get(path) instanceof TernaryLayer) {
                outputs.put(path, output.toArray());
            }
        })) {
            model.forward(data.batch(first));
        }
        return outputs;
    }

    /**
     * What packing costs: the accuracy of the training form minus that of the packed form. It is exactly 0 for layers
     * with int8 activations, since both compute the same integers.
     *
     * @return from -1 to 1; empty if the accuracy in training is not known
     */
    public OptionalDouble roundTripGap() {
        return trainingAccuracy.isEmpty() ? trainingAccuracy
                : OptionalDouble.of(trainingAccuracy.getAsDouble() - accuracy);
    }

    /**
     * The report in aligned lines of plain text.
     *
     * @return some lines, each ended
     */
    public String toText() {
        return TextReport.of(this);
    }

    /**
     * Writes the report as one HTML page, with pictures of the weights and activations of each layer and of the course
     * of training. It needs no other file and no network.
     *
     * @param file the page; replaced as a whole
     * @throws IOException if it can't be written; what stood there is unchanged
     */
    public void writeHtml(Path file) throws IOException {
        AtomicFile.replace(file, HtmlReport.of(this));
    }
}
