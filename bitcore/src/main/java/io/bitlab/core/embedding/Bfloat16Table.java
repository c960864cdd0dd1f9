package io.bitlab.core.embedding;

import io.bitlab.core.embedding.loops.EmbeddingLoops;
import io.bitlab.core.math.Bfloat16;

/** The upper halves of the floats, in {@link RowBlocks}. */
final class Bfloat16Table extends EmbeddingTable {

    private static final EmbeddingLoops LOOPS = EmbeddingLoops.get();

    private final RowBlocks blocks;
    private final short[] values; // [block, column, row of the block]

    Bfloat16Table(int rows, int columns) {
        super(rows, columns);
        blocks = new RowBlocks(rows, columns);
        values = new short[blocks.length()];
    }

    @Override
    public EmbeddingFormat format() {
        return EmbeddingFormat.BFLOAT16;
    }

    @Override
    public long bytes() {
        return (long) values.length * Short.BYTES;
    }

    @Override
    void setRow(int row, float[] from, int at) {
        for (int c = 0; c < columns(); c++) {
            values[blocks.place(row, c)] = Bfloat16.fromFloat(from[at + c]);
        }
    }

    @Override
    void copyRow(int row, float[] to, int at) {
        for (int c = 0; c < columns(); c++) {
            to[at + c] = Bfloat16.toFloat(values[blocks.place(row, c)]);
        }
    }

    @Override
    void product(float[] x, int n, float[] y) {
        blocks.multiply(x, n, y, 1, this::multiplyBlock);
    }

    private void multiplyBlock(int first, float[] x, int xAt, int together, float[] sums) {
        LOOPS.bfloat16(values, first * columns(), columns(), x, xAt, sums);
    }
}
