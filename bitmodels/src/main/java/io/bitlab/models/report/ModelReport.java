package io.bitlab.models.report;

import io.bitlab.layers.Dropout;
import io.bitlab.layers.Layer;
import io.bitlab.layers.MemoryFootprint;
import io.bitlab.layers.TernaryLayer;
import io.bitlab.models.io.AtomicFile;
import io.bitlab.models.train.EpochResult;
import io.bitlab.models.train.Evaluation;
import io.bitlab.models.train.SampleSource;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.stream.IntStream;

/**
 * Accuracy, memory and per-layer statistics of a trained classifier, as text or as an HTML page. Immutable.
 *
 * {@snippet class="io.bitlab.models.snippets.ReportSnippets" region="report"}
 *
 * @param model the model's layers, printed as text
 * @param samples number of samples on which the accuracies were measured
 * @param trainingAccuracy accuracy of the model in training mode, in [0, 1]; empty if it was not in training, or has
 *     dropout
 * @param accuracy accuracy with packed weights, in [0, 1]
 * @param parameters number of parameters
 * @param memory bytes of the parameters: as floats, in files, and now
 * @param layers the ternary layers, in the order of the model
 * @param history results of the training epochs; may be empty
 */
public record ModelReport(String model, int samples, OptionalDouble trainingAccuracy, double accuracy, long parameters,
        MemoryFootprint memory, List<LayerReport> layers, List<EpochResult> history) {

    /** Samples on which the outputs of the layers are measured. */
    private static final int OBSERVED_SAMPLES = 256;

    /** Copies the lists. */
    public ModelReport {
        layers = List.copyOf(layers);
        history = List.copyOf(history);
    }

    /**
     * Measures a model. A model in training is put into evaluation meanwhile, then back into training.
     *
     * @param model a classifier, {@code [n, ...sampleShape]} to {@code [n, classes]}
     * @param data samples that were not used for training
     * @param history results of the training epochs; may be empty
     * @return the report
     */
    public static ModelReport of(Layer model, SampleSource data, List<EpochResult> history) {
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

    private static Map<String, float[]> outputs(Layer model, SampleSource data) {
        Map<String, float[]> outputs = new LinkedHashMap<>();
        int[] observed = IntStream.range(0, Math.min(OBSERVED_SAMPLES, data.size())).toArray();
        try (var _ = model.observe((path, output) -> {
            if (model.layers().get(path) instanceof TernaryLayer) {
                outputs.put(path, output.toArray());
            }
        })) {
            model.forward(data.batch(observed));
        }
        return outputs;
    }

    /**
     * The accuracy lost by packing the weights: accuracy in training mode minus accuracy with packed weights. Exactly 0
     * for layers with int8 activations, because both modes compute the same integers.
     *
     * @return from -1 to 1; empty if {@link #trainingAccuracy} is
     */
    public OptionalDouble roundTripGap() {
        return trainingAccuracy.isEmpty() ? trainingAccuracy
                : OptionalDouble.of(trainingAccuracy.getAsDouble() - accuracy);
    }

    /**
     * The report as plain text.
     *
     * @return aligned lines, each with a line separator at its end
     */
    public String toText() {
        return TextReport.of(this);
    }

    /**
     * Writes the report as one self-contained HTML page, with the training curves and with histograms of each layer's
     * weights and outputs.
     *
     * @param file the page to write; replaced as a whole
     * @throws IOException if it can't be written; an existing file is unchanged
     */
    public void writeHtml(Path file) throws IOException {
        AtomicFile.replace(file, HtmlReport.of(this));
    }
}
