package io.bitlab.core.vector;

import io.bitlab.core.kernel.PackedWeights;
import io.bitlab.core.kernel.TernaryKernel;
import io.bitlab.core.quant.TernaryMatrix;

/**
 * Weights of a {@link WideKernel}, 16 bits each: pairs of columns, in the order {@code [panel][pair][vector of the
 * panel][feature][column of the pair]}. A panel has two vectors of output features, the last one or two. Features and
 * columns beyond the matrix are 0; each block of columns begins a pair.
 */
final class WideWeights implements PackedWeights {

    /** Vectors in a panel. */
    static final int PANEL_VECTORS = 2;

    /** Output features in a panel. */
    static final int PANEL = PANEL_VECTORS * WideTiles.FEATURES;

    private final WideKernel kernel;
    private final int outFeatures;
    private final int inFeatures;
    private final int blockColumns;
    private final int blocks;
    private final int pairs;
    private final float[] scales; // as the matrix has them
    private final float[] rowScales; // [block][output feature]
    private final short[] packed;

    WideWeights(WideKernel kernel, TernaryMatrix matrix) {
        this.kernel = kernel;
        outFeatures = matrix.outFeatures();
        inFeatures = matrix.inFeatures();
        blockColumns = matrix.blockColumns();
        blocks = Math.ceilDiv(inFeatures, blockColumns);
        pairs = firstPair(blocks - 1) + (inFeatures - (blocks - 1) * blockColumns + 1) / 2;
        scales = matrix.scales();
        rowScales = new float[blocks * outFeatures];
        packed = new short[Math.multiplyExact(vectors() * WideTiles.LANES, pairs)];
        byte[] trits = new byte[inFeatures];
        for (int o = 0; o < outFeatures; o++) {
            matrix.unpackRow(o, trits, 0);
            for (int block = 0; block < blocks; block++) {
                rowScales[block * outFeatures + o] = matrix.scale(o, block);
            }
            if (blocks == 1) {
                packRow(trits, index(o, 0), panelVectors(o - o % PANEL) * WideTiles.LANES);
            }
            for (int i = 0; blocks > 1 && i < inFeatures; i++) {
                packed[index(o, i)] = trits[i];
            }
        }
    }

    private void packRow(byte[] trits, int first, int step) {
        int at = first;
        for (int i = 0; i < inFeatures / 2; i++, at += step) {
            packed[at] = trits[2 * i];
            packed[at + 1] = trits[2 * i + 1];
        }
        if (inFeatures % 2 == 1) {
            packed[at] = trits[inFeatures - 1];
        }
    }

    private int vectors() {
        return Math.ceilDiv(outFeatures, WideTiles.FEATURES);
    }

    /** The vectors of the panel that begins with an output feature. */
    int panelVectors(int o) {
        return Math.min(PANEL_VECTORS, vectors() - o / WideTiles.FEATURES);
    }

    /** Index of the first weight of the panel that begins with an output feature. */
    int panel(int o) {
        return o / WideTiles.FEATURES * pairs * WideTiles.LANES;
    }

    private int index(int o, int column) {
        int first = o - o % PANEL;
        int block = column / blockColumns;
        int inBlock = column - block * blockColumns;
        int pair = firstPair(block) + inBlock / 2;
        int vector = o % PANEL / WideTiles.FEATURES;
        return panel(first) + (pair * panelVectors(first) + vector) * WideTiles.LANES + o % WideTiles.FEATURES * 2
                + inBlock % 2;
    }

    short[] packed() {
        return packed;
    }

    /** The scale of each output feature for each block, {@code [block, out]}. */
    float[] rowScales() {
        return rowScales;
    }

    int blocks() {
        return blocks;
    }

    int blockColumns() {
        return blockColumns;
    }

    /** The pair that a block begins with. */
    int firstPair(int block) {
        return block * Math.ceilDiv(blockColumns, 2);
    }

    /** Pairs of a row. */
    int pairs() {
        return pairs;
    }

    @Override
    public TernaryKernel kernel() {
        return kernel;
    }

    @Override
    public int outFeatures() {
        return outFeatures;
    }

    @Override
    public int inFeatures() {
        return inFeatures;
    }

    @Override
    public long bytes() {
        return (long) packed.length * Short.BYTES + (long) rowScales.length * Float.BYTES;
    }

    @Override
    public TernaryMatrix unpack() {
        byte[] trits = new byte[outFeatures * inFeatures];
        for (int o = 0; o < outFeatures; o++) {
            for (int i = 0; i < inFeatures; i++) {
                trits[o * inFeatures + i] = (byte) packed[index(o, i)];
            }
        }
        return blocks == 1
                ? TernaryMatrix.of(trits, outFeatures, inFeatures, scales)
                : TernaryMatrix.ofBlocks(trits, outFeatures, inFeatures, scales, blockColumns);
    }
}
