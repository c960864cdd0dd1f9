package io.bitlab.core.gpu;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import io.bitlab.core.parallel.Parallel;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * A layer of a launch, or some of its output features.
 *
 * @param weights those of the whole layer
 * @param fromOut first output feature
 * @param toOut the output feature after the last
 * @param bias for all output features of the layer, or null
 * @param y row-major, for all rows and output features of the layer; receives the results. Null if they stay on the
 *     device
 */
record GpuLayer(GpuWeights weights, int fromOut, int toOut, float[] bias, float[] y) {

    private static final double NANOS_PER_RESULT = 1;

    /** All output features. */
    static GpuLayer whole(GpuWeights weights, float[] bias, float[] y) {
        return new GpuLayer(weights, 0, weights.outFeatures(), bias, y);
    }

    /** Whether both read activations that are padded alike. */
    boolean hasBlocksOf(GpuLayer other) {
        return weights.matrix().blockColumns() == other.weights.matrix().blockColumns();
    }

    int outs() {
        return toOut - fromOut;
    }

    /** Bytes of the results of several layers for some rows of activations. */
    static long bytes(List<GpuLayer> layers, int rows) {
        return layers.stream().mapToLong(layer -> layer.bytes(rows)).sum();
    }

    /** Bytes of the results for some rows of activations. */
    long bytes(int rows) {
        return (long) rows * outs() * Float.BYTES;
    }

    /**
     * Takes results {@code [rows, outs]}: multiplies them with the scales of their rows of activations, and adds the
     * bias.
     */
    void take(MemorySegment results, GpuActivations x, int firstRow, int rows) {
        Parallel.current().forRange(rows, 1, (long) (NANOS_PER_RESULT * rows * outs()), (from, to) -> {
            for (int row = from; row < to; row++) {
                float scale = x.activations().scale(firstRow + row);
                int first = (firstRow + row) * weights.outFeatures();
                long at = bytes(row) / Float.BYTES - fromOut;
                for (int out = fromOut; out < toOut; out++) {
                    y[first + out] = results.getAtIndex(JAVA_FLOAT, at + out) * scale
                            + (bias == null ? 0f : bias[out]); // with +0, -0 becomes +0
                }
            }
        });
    }
}
