package io.bitlab.core.vector;

import io.bitlab.core.kernel.PreparedActivations;
import io.bitlab.core.quant.FloatActivations;

/**
 * Activations prepared for a {@link FloatKernel}: a table of signed sums for each pair of columns, unless there are too
 * many.
 *
 * @param kernel the kernel that reads the tables
 * @param activations the activations that the tables are made from
 * @param tables {@code [rows, pairs of columns, tableLength of the kernel]}; null if each multiplication makes the
 *     tables of a few rows at a time
 */
record PairSumTables(FloatKernel kernel, FloatActivations activations, int[] tables) implements PreparedActivations {
    @Override
    public int rows() {
        return activations.rows();
    }

    @Override
    public int columns() {
        return activations.columns();
    }
}
