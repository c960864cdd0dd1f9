package io.bitlab.models.io.gguf;

import io.bitlab.core.parallel.Parallel;
import io.bitlab.core.quant.TernaryMatrix;
import io.bitlab.models.io.ModelFormatException;
import java.io.UncheckedIOException;

/**
 * Makes a {@link TernaryMatrix} of a tensor, rows in parallel.
 *
 * <p>A file has a scale for each block even where the model has one for each matrix. So the scales are reduced to one,
 * or one a row, where that changes no weight: a block whose trits are all 0 goes with any scale.
 */
final class TernaryRows {

    private final TritBlocks blocks;
    private final int rows;
    private final int columns;
    private final int rowBytes;
    private final int blocksPerRow;
    private final byte[] packed;

    /** For each row; NaN where all trits are 0, so that any scale will do. */
    private final float[] rowScales;

    /** For each block of each row; null if the type has one for the tensor. */
    private final float[] blockScales;

    private volatile boolean mixedRow;

    private TernaryRows(TritBlocks blocks, int rows, int columns, boolean scaledBlocks) {
        this.blocks = blocks;
        this.rows = rows;
        this.columns = columns;
        rowBytes = TernaryMatrix.packedRowBytes(columns);
        blocksPerRow = columns / blocks.blockSize();
        packed = new byte[rows * rowBytes];
        rowScales = new float[rows];
        blockScales = scaledBlocks ? new float[rows * blocksPerRow] : null;
    }

    /**
     * Reads a tensor.
     *
     * @param tensor of a ternary type
     * @throws ModelFormatException if it is no matrix, or larger than a {@link TernaryMatrix} can be
     * @throws UncheckedIOException with a {@link ModelFormatException} as cause if it is corrupt
     */
    static TernaryMatrix read(GgufTensor tensor, TritBlocks blocks, String source) throws ModelFormatException {
        int[] shape = tensor.shape();
        if (shape.length != 2) {
            throw new ModelFormatException(source, "tensor " + tensor + ": " + shape.length
                    + " dimensions, expected the 2 of a matrix; floats() reads any");
        }
        long packedBytes = (long) shape[0] * TernaryMatrix.packedRowBytes(shape[1]);
        if (shape[1] > TernaryMatrix.MAX_IN_FEATURES || packedBytes > Integer.MAX_VALUE - 8) {
            throw new ModelFormatException(source, "tensor " + tensor + ": too large for a ternary matrix, which has "
                    + "at most " + TernaryMatrix.MAX_IN_FEATURES + " columns and 2^31 - 9 packed bytes");
        }
        TernaryRows reader = new TernaryRows(blocks, shape[0], shape[1], tensor.type() != GgufType.I2_S);
        Parallel.current().forRange(shape[0], 1, tensor.elements(), reader::readRows);
        return reader.matrix();
    }

    private void readRows(int from, int to) {
        // a row of I2_S may begin and end within a block
        int most = columns / blocks.blockSize() + 2;
        byte[] trits = new byte[most * blocks.blockSize()];
        float[] scales = new float[most];
        try {
            for (int row = from; row < to; row++) {
                long begin = (long) row * columns;
                long firstBlock = begin / blocks.blockSize();
                int count = (int) (Math.ceilDiv(begin + columns, (long) blocks.blockSize()) - firstBlock);
                blocks.trits(firstBlock, count, trits, scales);
                int skipped = (int) (begin - firstBlock * blocks.blockSize());
                TernaryMatrix.packRow(trits, skipped, packed, row * rowBytes, columns);
                if (blockScales == null) {
                    rowScales[row] = scales[0];
                } else {
                    System.arraycopy(scales, 0, blockScales, row * blocksPerRow, blocksPerRow);
                    rowScales[row] = common(trits, scales);
                }
            }
        } catch (ModelFormatException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The scale of all blocks of a row that are not 0; NaN if all are. */
    private float common(byte[] trits, float[] scales) {
        float common = Float.NaN;
        for (int block = 0; block < blocksPerRow; block++) {
            if (isZero(trits, block * blocks.blockSize())) {
                continue;
            }
            if (Float.isNaN(common)) {
                common = scales[block];
            } else if (common != scales[block]) {
                mixedRow = true;
            }
        }
        return common;
    }

    private boolean isZero(byte[] trits, int from) {
        int any = 0;
        for (int i = from; i < from + blocks.blockSize(); i++) {
            any |= trits[i];
        }
        return any == 0;
    }

    private TernaryMatrix matrix() {
        if (mixedRow) {
            return TernaryMatrix.fromPacked(packed, rows, columns, blockScales, blocks.blockSize());
        }
        float common = Float.NaN;
        boolean equal = true;
        for (float scale : rowScales) {
            if (!Float.isNaN(scale)) {
                equal &= Float.isNaN(common) || common == scale;
                common = scale;
            }
        }
        if (equal) {
            float scale = Float.isNaN(common) ? blockScales[0] : common; // a matrix of zeros
            return TernaryMatrix.fromPacked(packed, rows, columns, new float[] {scale});
        }
        for (int row = 0; row < rows; row++) {
            if (Float.isNaN(rowScales[row])) {
                rowScales[row] = blockScales[row * blocksPerRow];
            }
        }
        return TernaryMatrix.fromPacked(packed, rows, columns, rowScales);
    }
}
