package io.bitlab.models.pretrained;

import io.bitlab.core.embedding.EmbeddingTable;
import io.bitlab.core.math.Bfloat16;
import io.bitlab.core.tensor.Tensor;
import io.bitlab.layers.StateDict;

/** The rows of a float tensor or a table; of a vector, the only one. */
public final class FloatRows {

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

    /**
     * The rows of an entry that is not ternary.
     *
     * @param state has it
     * @param name its path
     * @return its rows, live
     */
    public static FloatRows of(StateDict state, String name) {
        if (state.isEmbeddingTable(name)) {
            EmbeddingTable table = state.embeddingTable(name);
            return new FloatRows(null, table, table.rows(), table.columns());
        }
        Tensor tensor = state.tensor(name);
        int columns = tensor.length(tensor.rank() - 1);
        return new FloatRows(tensor, null, tensor.data().length / columns, columns);
    }

    /**
     * How many rows there are.
     *
     * @return at least 1
     */
    public int rows() {
        return rows;
    }

    /**
     * Values of a row.
     *
     * @return at least 1
     */
    public int columns() {
        return columns;
    }

    /**
     * Reads a row.
     *
     * @param row which
     * @param into its values, as many as there are columns
     */
    public void row(int row, float[] into) {
        if (table != null) {
            table.row(row, into, 0);
        } else {
            System.arraycopy(tensor.data(), row * columns, into, 0, columns);
        }
    }

    /** Whether the upper halves of the floats hold all of it. */
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
