package io.bitlab.core.quant;

import io.bitlab.core.internal.MatrixShape;
import java.util.Arrays;

/**
 * The scales of a ternary matrix: one for the matrix, one for each row, or one for each block of columns of each row.
 *
 * @param values 1, {@code rows}, or {@code rows * blocks} values, row-major; kept
 * @param blockColumns columns of a block; the last block of a row may be shorter
 * @param blocks blocks of a row
 */
record MatrixScales(float[] values, int blockColumns, int blocks) {

    /** One scale, or one for each row; not checked. */
    static MatrixScales ofRows(float[] values, int columns) {
        return new MatrixScales(values, columns, 1);
    }

    /** One scale, or one for each row; checked and copied. */
    static MatrixScales checkedRows(String title, int rows, int columns, float[] values) {
        if (values.length != 1 && values.length != rows) {
            throw new IllegalArgumentException(title + ": got " + values.length
                    + " scales, expected 1 for the matrix or " + rows + ", one a row");
        }
        MatrixShape.checkScales(title, values);
        return ofRows(values.clone(), columns);
    }

    /** One scale for each block of each row; checked and copied. */
    static MatrixScales checkedBlocks(String title, int rows, int columns, float[] values, int blockColumns) {
        if (blockColumns < 1) {
            throw new IllegalArgumentException(title + ": blockColumns is " + blockColumns + ", expected at least 1");
        }
        int blocks = Math.ceilDiv(columns, blockColumns);
        if (values.length != (long) rows * blocks) {
            throw new IllegalArgumentException(title + ": got " + values.length + " scales, expected " + rows + " x "
                    + blocks + ", one for each block of " + blockColumns + " columns of each row");
        }
        MatrixShape.checkScales(title, values);
        return new MatrixScales(values.clone(), Math.min(blockColumns, columns), blocks);
    }

    /** The scale of a block of a row, neither of which is checked. */
    float of(int row, int block) {
        return values.length == 1 ? values[0] : values[row * blocks + block];
    }

    /** The scales of some rows. */
    MatrixScales rows(int from, int to) {
        return values.length == 1 ? this
                : new MatrixScales(Arrays.copyOfRange(values, from * blocks, to * blocks), blockColumns, blocks);
    }

    /** Writes the scales of the first rows, one for each block of each row. */
    void copyTo(float[] target, int at, int rows) {
        for (int i = 0; i < rows * blocks; i++) {
            target[at + i] = of(i / blocks, i % blocks);
        }
    }

    /** Multiplies the trits of a row with their scales. */
    void dequantizeRow(int row, byte[] trits, float[] weights, int at) {
        for (int block = 0; block < blocks; block++) {
            float scale = of(row, block);
            int end = (int) Math.min(trits.length, (block + 1L) * blockColumns);
            for (int column = block * blockColumns; column < end; column++) {
                weights[at + column] = trits[column] * scale;
            }
        }
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof MatrixScales s && blockColumns == s.blockColumns && Arrays.equals(values, s.values);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(values);
    }

    @Override
    public String toString() {
        return blocks > 1 ? "a scale for each " + blockColumns + " columns of a row"
                : values.length > 1 ? "a scale a row"
                : "1 scale";
    }
}
