package io.bitlab.core.quant;

import io.bitlab.core.internal.MatrixShape;

/**
 * Float activations, used as they are. NaN and infinity are allowed and propagate.
 *
 * @param values {@code [rows, columns]}, row-major; kept, not copied, so it must not change while this is in use
 * @param rows samples or tokens, at least 1
 * @param columns features, at least 1
 */
public record FloatActivations(float[] values, int rows, int columns) implements Activations {
    /**
     * Checks the sizes.
     *
     * @throws IllegalArgumentException if a size is zero or negative, or the array has another length
     */
    public FloatActivations {
        MatrixShape.check("FloatActivations", rows, columns, values.length);
    }

    @Override
    public String toString() {
        return "FloatActivations(" + rows + " x " + columns + ")";
    }
}
