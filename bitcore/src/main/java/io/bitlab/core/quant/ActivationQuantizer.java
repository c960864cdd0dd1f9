package io.bitlab.core.quant;

import io.bitlab.core.Granularity;
import io.bitlab.core.internal.MatrixShape;
import io.bitlab.core.memory.Workspace;
import io.bitlab.core.parallel.Parallel;
import io.bitlab.core.quant.loops.QuantizerLoops;

/**
 * Rounds float activations {@code [rows, columns]} to int8.
 *
 * {@snippet class="io.bitlab.core.snippets.QuantSnippets" region="activations"}
 *
 * <p>For each group of values that shares a scale, in float32:
 *
 * <pre>
 * m     = max(max(abs(x)), 1e-5)
 * scale = m / 127
 * q     = clamp(rint(x * (127 / m)), -127, 127)        rint rounds half to even
 * </pre>
 *
 * <p>This is the absmax quantisation of BitNet b1.58 (arXiv:2402.17764), with a symmetric range: -128 never occurs.
 */
public final class ActivationQuantizer {
    /** Keeps the scale of an all-zero row above zero. */
    private static final float SMALLEST_MAXIMUM = 1e-5f;

    private static final double NANOS_PER_VALUE = 0.2; // measured
    private static final int SHARED_VALUES = 1 << 17; // fewer are not worth waking a thread

    private static final QuantizerLoops LOOPS = QuantizerLoops.get();

    private ActivationQuantizer() {
    }

    /**
     * Quantises a batch of rows.
     *
     * @param x {@code [rows, columns]}, row-major; not modified
     * @param rows samples or tokens, at least 1
     * @param columns features, at least 1
     * @param granularity {@link Granularity#PER_CHANNEL}: one scale for each row. {@link Granularity#PER_TENSOR}: one
     *     for all rows, so that the result of a row depends on the rest of the batch. {@link Granularity#PER_SAMPLE}:
     *     each row is a sample
     * @param layer the layer that the activations enter; opens every message
     * @return the rounded values; their arrays come from the bound {@link Workspace}, if there is one
     * @throws IllegalArgumentException if a size is wrong, or a value is NaN or infinite: the message names the layer,
     *     row, column and value
     */
    public static QuantizedActivations quantize(
            float[] x, int rows, int columns, Granularity granularity, String layer) {
        return quantize(x, rows, columns, rows, granularity, layer);
    }

    /**
     * Quantises a batch of samples, each of several rows.
     *
     * @param x {@code [rows, columns]}, row-major; not modified
     * @param rows tokens, patches or pixels, at least 1
     * @param columns features, at least 1
     * @param samples number of samples, a divisor of the rows; consecutive rows belong to a sample
     * @param granularity as above; {@link Granularity#PER_SAMPLE}: one scale for the rows of a sample
     * @param layer the layer that the activations enter; opens every message
     * @return the rounded values, as above
     * @throws IllegalArgumentException as above
     */
    public static QuantizedActivations quantize(float[] x, int rows, int columns, int samples, Granularity granularity,
            String layer) {
        MatrixShape.check(layer, rows, columns, x.length);
        if (samples < 1 || rows % samples != 0) {
            throw new IllegalArgumentException(layer + ": " + rows + " rows are not " + samples
                    + " samples of equal size");
        }
        int groups = switch (granularity) {
            case PER_TENSOR -> 1;
            case PER_CHANNEL -> rows;
            case PER_SAMPLE -> samples;
        };
        byte[] values = Workspace.bytes(x.length);
        float[] scales = Workspace.floats(groups);
        if (x.length < SHARED_VALUES) { // directly: C2 inlines only so deep, and would leave vectors as objects
            quantize(x, columns, 0, groups, values, scales, layer);
        } else {
            Parallel.current().forRange(groups, 1, (long) (x.length * NANOS_PER_VALUE),
                    (from, to) -> quantize(x, columns, from, to, values, scales, layer));
        }
        return new QuantizedActivations(values, scales, rows, columns);
    }

    /** Quantises some groups, each of which has a scale. */
    private static void quantize(float[] x, int columns, int fromGroup, int toGroup, byte[] values, float[] scales,
            String layer) {
        int groupSize = x.length / scales.length;
        for (int group = fromGroup; group < toGroup; group++) {
            int from = group * groupSize;
            int to = from + groupSize;
            float absMax = LOOPS.absMax(x, from, to);
            // The maximum propagates NaN, so this one comparison covers every value of the group.
            if (!(absMax <= Float.MAX_VALUE)) {
                throw notFinite(x, from, columns, layer);
            }
            float m = Math.max(absMax, SMALLEST_MAXIMUM);
            scales[group] = m / 127;
            LOOPS.round(x, from, to, 127 / m, values); // at most 127.00001
        }
    }

    private static NonFiniteException notFinite(float[] x, int from, int columns, String layer) {
        int i = from;
        while (Float.isFinite(x[i])) {
            i++;
        }
        return new NonFiniteException(layer + ": the input in row " + i / columns + ", column " + i % columns
                + " is " + x[i] + ", which int8 cannot represent. Look for where it arises: bad input data, or "
                + "training that diverged. (Layers with float32 activations let it pass.)");
    }
}
