package io.bitlab.core.gpu;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import java.lang.foreign.MemorySegment;

/**
 * A layer of a launch, or some of its output features.
 *
 * @param weights those of the whole layer
 * @param fromOut first output feature
 * @param toOut the output feature after the last
 * @param bias for all output features of the layer, or null
 * @param y row-major, for all rows and output features of the layer; receives the results
 */
record GpuLayer(GpuWeights weights, int fromOut, int toOut, float[] bias, float[] y) {

    /** Whether both read activations that are padded alike. */
    boolean hasBlocksOf(GpuLayer other) {
        return weights.matrix().blockColumns() == other.weights.matrix().blockColumns();
    }

    int outs() {
        return toOut - fromOut;
    }

    /** Bytes of the results for some rows of activations. */
    long bytes(int rows) {
        return (long) rows * outs() * Float.BYTES;
    }

    /** Copies results {@code [rows, outs]} to their places. */
    void take(MemorySegment results, int firstRow, int rows) {
        for (int row = 0; row < rows; row++) {
            MemorySegment.copy(results, JAVA_FLOAT, bytes(row), y, (firstRow + row) * weights.outFeatures() + fromOut,
                    outs());
        }
    }

    /** Multiplies the results with the scales of their rows of activations, and adds the bias. */
    void finish(GpuActivations x) {
        for (int row = 0; row < x.rows(); row++) {
            int first = row * weights.outFeatures();
            float scale = x.activations().scale(row);
            for (int out = fromOut; out < toOut; out++) {
                y[first + out] = y[first + out] * scale + (bias == null ? 0f : bias[out]); // with +0, -0 becomes +0
            }
        }
    }
}
