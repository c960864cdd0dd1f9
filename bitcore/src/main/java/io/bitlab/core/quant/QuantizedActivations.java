package io.bitlab.core.quant;

import io.bitlab.core.internal.MatrixShape;
import io.bitlab.core.memory.Workspace;
import io.bitlab.core.parallel.Parallel;

/**
 * Activations rounded to int8: feature c of row r has the value {@code values[r * columns + c] * scale(r)}.
 *
 * <p>Made by {@link ActivationQuantizer}. The arrays are kept, not copied: they must not change while this is in use.
 *
 * @param values {@code [rows, columns]}, row-major, each in -127..127. Kernels rely on this range; it is not checked,
 *     since that would cost another pass over the data
 * @param scales one for each row, or one for all rows; finite
 * @param rows samples or tokens, at least 1
 * @param columns features, at least 1
 */
public record QuantizedActivations(byte[] values, float[] scales, int rows, int columns) implements Activations {

    private static final double NANOS_PER_VALUE = 0.2; // of dequantising, roughly

    /**
     * Checks the sizes and the scales.
     *
     * @throws IllegalArgumentException if a size is zero or negative, an array has another length, or a scale is NaN or
     *     infinite
     */
    public QuantizedActivations {
        MatrixShape.check("QuantizedActivations", rows, columns, values.length);
        if (scales.length == 0 || rows % scales.length != 0) {
            throw new IllegalArgumentException("QuantizedActivations: " + rows + " x " + columns
                    + " values need 1 scale, " + rows + " (one a row), or one for each sample of several rows; got "
                    + scales.length);
        }
        MatrixShape.checkScales("QuantizedActivations", scales);
    }

    /**
     * The scale of a row.
     *
     * @param row 0 to rows - 1
     * @return the factor of the int8 values of that row
     */
    public float scale(int row) {
        return scales.length == 1 ? scales[0] : scales.length == rows ? scales[row]
                : scales[row / (rows / scales.length)];
    }

    /**
     * The values as floats.
     *
     * @return {@code [rows, columns]}, row-major, each {@code value * scale}, in an array from the bound {@link
     *     Workspace}, if there is one
     */
    public float[] dequantize() {
        float[] x = Workspace.floats(values.length);
        Parallel.current().forRange(rows, 1, (long) (NANOS_PER_VALUE * x.length), (from, to) -> {
            for (int row = from; row < to; row++) {
                float scale = scale(row);
                for (int i = row * columns; i < (row + 1) * columns; i++) {
                    x[i] = values[i] * scale;
                }
            }
        });
        return x;
    }

    @Override
    public String toString() {
        return "QuantizedActivations(" + rows + " x " + columns + ", " + scales.length
                + (scales.length == 1 ? " scale)" : " scales)");
    }
}
