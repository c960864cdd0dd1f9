package io.bitlab.models.report;

import io.bitlab.core.quant.TernaryMatrix;
import io.bitlab.layers.TernaryLayer;
import java.util.Optional;

/** Measures a layer for its {@link LayerReport}. */
final class LayerStatistics {

    private static final int BINS = 61; // odd, so that in symmetric data zero is in the middle of a bin

    private LayerStatistics() {
    }

    static LayerReport of(String path, TernaryLayer layer, float[] outputs) {
        TernaryMatrix weight = layer.ternaryWeight();
        int out = weight.outFeatures();
        int in = weight.inFeatures();
        long[] counts = new long[3];
        byte[] row = new byte[in];
        for (int o = 0; o < out; o++) {
            weight.unpackRow(o, row, 0);
            for (byte trit : row) {
                counts[trit + 1]++;
            }
        }
        float smallest = Float.POSITIVE_INFINITY;
        float largest = Float.NEGATIVE_INFINITY;
        double sum = 0;
        float[] scales = weight.scales();
        for (float scale : scales) {
            smallest = Math.min(smallest, scale);
            largest = Math.max(largest, scale);
            sum += scale;
        }
        double total = (double) out * in;
        Optional<Histogram> latent = layer.namedParameters().containsKey("weight")
                ? Optional.of(Histogram.of(layer.weight().data(), BINS)) : Optional.empty();
        double outputSum = 0;
        double largestOutput = 0;
        int zeros = 0;
        for (float value : outputs) {
            outputSum += value;
            largestOutput = Math.max(largestOutput, Math.abs(value));
            zeros += value == 0 ? 1 : 0;
        }
        return new LayerReport(path, out, in, layer.kernel().name(), smallest, (float) (sum / scales.length), largest,
                counts[0] / total, counts[1] / total, counts[2] / total, (long) out * in * Float.BYTES,
                layer.kernel().pack(weight).bytes(), latent, Histogram.of(outputs, BINS), largestOutput,
                outputSum / outputs.length, zeros / (double) outputs.length);
    }
}
