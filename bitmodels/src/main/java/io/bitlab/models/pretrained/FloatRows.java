package io.bitlab.models.pretrained;

import io.bitlab.core.embedding.EmbeddingTable;
import io.bitlab.core.math.Bfloat16;
import io.bitlab.core.tensor.Tensor;
import io.bitlab.layers.StateDict;

/** The rows of a float tensor or an embedding table. A vector is one row. */
final class FloatRows {

    private final Tensor tensor;
    private final EmbeddingTable table;
    private final int rows;
    private final int columns;

    private FloatRows(Tensor tensor, EmbeddingTable table, int rows, int columns) {
        this.tensor = tensor;
        this.table = table;
        this.rows = rows;
        this.columns = columns;
    }

    /** The rows of an entry that is not ternary; a view, not a copy. */
    static FloatRows of(StateDict state, String name) {
        if (state.isEmbeddingTable(name)) {
            EmbeddingTable table = state.embeddingTable(name);
            return new FloatRows(null, table, table.rows(), table.columns());
        }
        Tensor tensor = state.tensor(name);
        int columns = tensor.length(tensor.rank() - 1);
        return new FloatRows(tensor, null, tensor.data().length / columns, columns);
    }

    int rows() {
        return rows;
    }

    int columns() {
        return columns;
    }

    /** Copies a row into an array of as many columns. */
    void row(int row, float[] into) {
        if (table != null) {
            table.row(row, into, 0);
        } else {
            System.arraycopy(tensor.data(), row * columns, into, 0, columns);
        }
    }

    /** Whether all values are bfloat16 numbers. */
    boolean isBfloat16() {
        float[] values = new float[columns];
        for (int r = 0; r < rows; r++) {
            row(r, values);
            for (float value : values) {
                if (!Bfloat16.isExact(value)) {
                    return false;
                }
            }
        }
        return true;
    }
}
