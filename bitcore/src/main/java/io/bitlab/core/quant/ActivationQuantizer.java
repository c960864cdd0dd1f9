package io.bitlab.core.quant;

import io.bitlab.core.Granularity;
import io.bitlab.core.internal.MatrixShape;
import io.bitlab.core.memory.Workspace;
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
     *     for all rows, so that the result of a row depends on the rest of the batch
     * @param layer the layer that the activations enter; opens every message
     * @return the rounded values; their arrays come from the bound {@link Workspace}, if there is one
     * @throws IllegalArgumentException if a size is wrong, or a value is NaN or infinite: the message names the layer,
     *     row, column and value
     */
    public static QuantizedActivations quantize(
            float[] x, int rows, int columns, Granularity granularity, String layer) {
        MatrixShape.check(layer, rows, columns, x.length);
        int groups = granularity == Granularity.PER_CHANNEL ? rows : 1;
        int groupSize = x.length / groups;
        byte[] values = Workspace.bytes(x.length);
        float[] scales = Workspace.floats(groups);
        for (int group = 0; group < groups; group++) {
            int from = group * groupSize;
            int to = from + groupSize;
            float absMax = LOOPS.absMax(x, from, to);
            // The maximum propagates NaN, so this one comparison covers every value of the group.
            if (!(absMax <= Float.MAX_VALUE)) {
                throw notFinite(x, from, columns, layer);
            }
            float m = Math.max(absMax, SMALLEST_MAXIMUM);
            scales[group] = m / 127;
            LOOPS.round(x, from, to, 127 / m, 127, values);
        }
        return new QuantizedActivations(values, scales, rows, columns);
    }

    private static IllegalArgumentException notFinite(float[] x, int from, int columns, String layer) {
        int i = from;
        while (Float.isFinite(x[i])) {
            i++;
        }
        return new IllegalArgumentException(layer + ": the input in row " + i / columns + ", column " + i % columns
                + " is " + x[i] + ", which int8 cannot represent. Look for where it arises: bad input data, or "
                + "training that diverged. (Layers with float32 activations let it pass.)");
    }
}
