package io.bitlab.core.embedding;

import io.bitlab.core.internal.MatrixShape;
import io.bitlab.core.quant.loops.QuantizerLoops;

/**
 * An {@link EmbeddingTable} of INT8 or NF4: integer codes, and scales that turn them into values. Files store these
 * instead of the values, see {@link Builder#putCodes}.
 */
public abstract sealed class QuantizedTable extends EmbeddingTable permits Int8Table, Nf4Table {

    QuantizedTable(int rows, int columns) {
        super(rows, columns);
    }

    /**
     * Bytes of a row of codes.
     *
     * @return INT8: one per column; NF4: one per two columns, rounded up
     */
    public abstract int codeBytes();

    /**
     * Scales of a row.
     *
     * @return INT8: 1; NF4: one per 64 columns, rounded up
     */
    public abstract int scalesPerRow();

    /**
     * Copies the codes and scales of a row.
     *
     * @param row index of the row, from 0
     * @param codes receives {@link #codeBytes} bytes; of two NF4 codes in a byte, the first is in the lower half
     * @param scales receives {@link #scalesPerRow} scales
     * @throws IllegalArgumentException if an array has another length
     * @throws IndexOutOfBoundsException if there is no such row
     */
    public final void codes(int row, byte[] codes, float[] scales) {
        MatrixShape.checkRow("EmbeddingTable.codes", row, rows());
        requireLengths(row, codes, scales);
        copyCodes(row, codes, scales);
    }

    final void requireLengths(int row, byte[] codes, float[] scales) {
        if (codes.length != codeBytes() || scales.length != scalesPerRow()) {
            throw new IllegalArgumentException("EmbeddingTable: row " + row + " has " + codes.length + " bytes and "
                    + scales.length + " scales, expected " + codeBytes() + " and " + scalesPerRow());
        }
    }

    /** Stores a row that is still 0; the arguments are checked. */
    abstract void setCodes(int row, byte[] codes, float[] scales);

    /** Copies a row; the arguments are checked. */
    abstract void copyCodes(int row, byte[] codes, float[] scales);

    /** The largest absolute value, from which a scale follows. */
    final float absMax(int row, float[] values, int at, int length) {
        float max = QuantizerLoops.get().absMax(values, at, at + length);
        if (!(max <= Float.MAX_VALUE)) {
            throw new IllegalArgumentException("EmbeddingTable: row " + row + " has NaN or an infinite value, which "
                    + format().jsonName() + " cannot represent; keep the table as float32, or train again");
        }
        return max;
    }
}
