package io.bitlab.core.embedding;

import io.bitlab.core.embedding.loops.EmbeddingLoops;
import io.bitlab.core.quant.loops.QuantizerLoops;
import java.util.Arrays;

/** Integers from -127 to 127 in {@link RowBlocks}, and one scale per row. */
final class Int8Table extends QuantizedTable {

    private static final EmbeddingLoops LOOPS = EmbeddingLoops.get();
    private static final int MAX_CODE = 127;

    private final RowBlocks blocks;
    private final byte[] codes; // [block, column, row of the block], and EmbeddingLoops.PADDING_BYTES
    private final float[] scales; // [padded rows]

    Int8Table(int rows, int columns) {
        super(rows, columns);
        blocks = new RowBlocks(rows, columns);
        codes = new byte[blocks.length() + EmbeddingLoops.PADDING_BYTES];
        scales = new float[blocks.paddedRows()];
    }

    @Override
    public EmbeddingFormat format() {
        return EmbeddingFormat.INT8;
    }

    @Override
    public long bytes() {
        return codes.length - EmbeddingLoops.PADDING_BYTES + (long) scales.length * Float.BYTES;
    }

    @Override
    public int codeBytes() {
        return columns();
    }

    @Override
    public int scalesPerRow() {
        return 1;
    }

    @Override
    void setRow(int row, float[] from, int at) {
        float max = absMax(row, from, at, columns());
        float factor = MAX_CODE / max;
        byte[] rounded = new byte[columns()];
        if (Float.isFinite(factor)) { // else zero, or so small that it can't be told from zero
            QuantizerLoops.get().round(Arrays.copyOfRange(from, at, at + columns()), 0, columns(), factor, rounded);
        }
        setCodes(row, rounded, new float[] {max / MAX_CODE});
    }

    @Override
    void copyRow(int row, float[] to, int at) {
        for (int c = 0; c < columns(); c++) {
            to[at + c] = codes[blocks.place(row, c)] * scales[row];
        }
    }

    @Override
    void setCodes(int row, byte[] rowCodes, float[] rowScales) {
        scales[row] = rowScales[0];
        for (int c = 0; c < columns(); c++) {
            codes[blocks.place(row, c)] = rowCodes[c];
        }
    }

    @Override
    void copyCodes(int row, byte[] rowCodes, float[] rowScales) {
        rowScales[0] = scales[row];
        for (int c = 0; c < columns(); c++) {
            rowCodes[c] = codes[blocks.place(row, c)];
        }
    }

    @Override
    void product(float[] x, int n, float[] y) {
        blocks.multiply(x, n, y, EmbeddingLoops.QUAD, this::multiplyBlock);
    }

    private void multiplyBlock(int first, float[] x, int xAt, int together, float[] sums) {
        if (together == 1) {
            LOOPS.int8(codes, first * columns(), columns(), x, xAt, sums);
        } else {
            LOOPS.int8Quad(codes, first * columns(), columns(), x, xAt, sums);
        }
        for (int i = 0; i < together * EmbeddingLoops.ROWS; i++) {
            sums[i] *= scales[first + i % EmbeddingLoops.ROWS];
        }
    }
}
