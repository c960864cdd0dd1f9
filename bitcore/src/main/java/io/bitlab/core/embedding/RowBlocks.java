package io.bitlab.core.embedding;

import io.bitlab.core.embedding.loops.EmbeddingLoops;
import io.bitlab.core.parallel.Parallel;

/**
 * The layout of int8 and bfloat16 tables: blocks of {@value EmbeddingLoops#ROWS} rows, each in {@linkplain
 * EmbeddingLoops#streamRows streams} of rows that are stored column by column. The last block is padded with zeros.
 *
 * @param rows rows of the table
 * @param columns columns of the table
 */
record RowBlocks(int rows, int columns) {

    private static final int BLOCK = EmbeddingLoops.ROWS;
    private static final int STREAM = EmbeddingLoops.get().streamRows();
    private static final double VALUES_PER_NANO = 20;

    /**
     * Multiplies a block of rows, the first of them {@code first}, with some rows of activations, the first of which
     * begins at {@code xAt}; leaves {@code [together, BLOCK]} sums.
     */
    @FunctionalInterface
    interface BlockProduct {
        void multiply(int first, float[] x, int xAt, int together, float[] sums);
    }

    int paddedRows() {
        return Math.multiplyExact(Math.ceilDiv(rows, BLOCK), BLOCK);
    }

    /** Values of the table, including padding. */
    int length() {
        return Math.multiplyExact(paddedRows(), columns);
    }

    /** Index of a value. */
    int place(int row, int column) {
        return row / STREAM * STREAM * columns + column * STREAM + row % STREAM;
    }

    /**
     * Computes {@link EmbeddingTable#multiply} block by block.
     *
     * @param quad rows of activations that the product takes together; those left over are single
     */
    void multiply(float[] x, int n, float[] y, int quad, BlockProduct product) {
        Parallel parallel = Parallel.current();
        float[][] ofThread = new float[parallel.threads()][Math.min(n, quad) * BLOCK];
        parallel.forRange(rows, BLOCK, (long) ((double) n * rows * columns / VALUES_PER_NANO),
                (thread, from, to) -> {
                    float[] sums = ofThread[thread];
                    int together;
                    for (int first = from; first < to; first += BLOCK) {
                        for (int i = 0; i < n; i += together) {
                            together = n - i < quad ? 1 : quad;
                            product.multiply(first, x, i * columns, together, sums);
                            for (int row = 0; row < together; row++) {
                                System.arraycopy(sums, row * BLOCK, y, (i + row) * rows + first,
                                        Math.min(BLOCK, rows - first));
                            }
                        }
                    }
                });
    }
}
