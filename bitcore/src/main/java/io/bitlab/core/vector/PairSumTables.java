package io.bitlab.core.vector;

import io.bitlab.core.kernel.PreparedActivations;
import io.bitlab.core.quant.FloatActivations;

/**
 * Float activations and, unless there are very many, a table for each pair of columns.
 *
 * @param kernel the kernel that reads the tables
 * @param activations what they were made from
 * @param tables {@code [rows, pairs of columns, tableLength of the kernel]}, or null: then each multiplication makes
 *     them for a few rows at a time
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
