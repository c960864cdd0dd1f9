package io.bitlab.core.vector;

import io.bitlab.core.kernel.PackedWeights;
import io.bitlab.core.kernel.TernaryKernel;
import io.bitlab.core.quant.TernaryMatrix;

/**
 * Weights of a {@link FloatKernel}. A 32-bit lane holds eight pairs of adjacent columns of one row, four bits a pair,
 * the first pair in the lowest bits; a vector holds the same sixteen columns of as many rows as it has lanes.
 *
 * <p>The order in memory is {@code [tile][slot][vector of the tile][lane]}. A tile has {@value #TILE_VECTORS} vectors
 * of rows; rows after the last full tile form tiles of one vector. A slot is sixteen columns; each block of columns
 * that shares a scale begins in a new slot. Bits beyond the matrix are 0 and have no meaning: kernels don't read pairs
 * beyond a block, and discard rows beyond the last.
 */
final class PairWeights implements PackedWeights {

    /** Vectors of rows in a large tile. */
    static final int TILE_VECTORS = 4;

    /** Pairs of columns in a lane. */
    static final int SLOT_PAIRS = 8;

    /** Bits of a pair. */
    static final int PAIR_BITS = 4;

    private final TernaryKernel kernel;
    private final int out;
    private final int in;
    private final int blockColumns;
    private final int blocks;
    private final int lanes;
    private final int[] pairCodes;
    private final int[] codes;
    private final float[] given; // scales as the matrix has them
    private final float[] scales;

    /**
     * Packs a matrix.
     *
     * @param lanes rows in a vector
     * @param pairCodes the four bits of each pair of trits (v, w), at {@code (v + 1) + 3 * (w + 1)}
     */
    PairWeights(TernaryKernel kernel, TernaryMatrix matrix, int lanes, int[] pairCodes) {
        this.kernel = kernel;
        this.lanes = lanes;
        this.pairCodes = pairCodes;
        out = matrix.outFeatures();
        in = matrix.inFeatures();
        blockColumns = matrix.blockColumns();
        blocks = matrix.blocks();
        codes = pack(matrix);
        given = matrix.scales();
        scales = new float[blocks * out];
        for (int i = 0; i < scales.length; i++) {
            scales[i] = matrix.scale(i % out, i / out);
        }
    }

    private int[] pack(TernaryMatrix matrix) {
        long size = (long) Math.ceilDiv(out, lanes) * lanes * slots();
        if (size > Integer.MAX_VALUE - 8) {
            throw new IllegalArgumentException("Kernel '" + kernel.name() + "': " + matrix + " needs " + size
                    + " 32-bit lanes, more than an array holds; split it by rows");
        }
        int[] packed = new int[(int) size];
        byte[] trits = new byte[in];
        for (int row = 0; row < out; row++) {
            matrix.unpackRow(row, trits, 0);
            for (int block = 0; block < blocks; block++) {
                for (int pair = 0; pair < pairs(block); pair++) {
                    int column = block * blockColumns + 2 * pair;
                    int second = column + 1 < end(block) ? trits[column + 1] : 0;
                    int code = pairCodes[trits[column] + 1 + 3 * (second + 1)];
                    packed[position(row, block, pair)] |= code << shift(pair);
                }
            }
        }
        return packed;
    }

    /** Index of the lane of a row and pair. */
    private int position(int row, int block, int pair) {
        int tile = tileStart(row);
        int slot = block * blockSlots() + pair / SLOT_PAIRS;
        int rowInTile = row - tile;
        return tile * slots() + (slot * tileVectors(tile) + rowInTile / lanes) * lanes + rowInTile % lanes;
    }

    private static int shift(int pair) {
        return pair % SLOT_PAIRS * PAIR_BITS;
    }

    private int tileStart(int row) {
        int large = row - row % (TILE_VECTORS * lanes);
        return tileVectors(large) == TILE_VECTORS ? large : row - row % lanes;
    }

    private int end(int block) {
        return (int) Math.min((block + 1L) * blockColumns, in);
    }

    // ---------------------------------------------------------------- what the kernels read

    /** Vectors of the tile that begins at a row. */
    int tileVectors(int row) {
        return row % (TILE_VECTORS * lanes) == 0 && out - row >= TILE_VECTORS * lanes ? TILE_VECTORS : 1;
    }

    /** All lanes; those of the tile that begins at a row begin at {@code row * slots()}. */
    int[] codes() {
        return codes;
    }

    /** Slots of a row. */
    int slots() {
        return blocks * blockSlots();
    }

    /** Slots of a block. */
    int blockSlots() {
        return Math.ceilDiv(blockColumns, 2 * SLOT_PAIRS);
    }

    int blocks() {
        return blocks;
    }

    /** Columns that share a scale. */
    int blockColumns() {
        return blockColumns;
    }

    /** Pairs of columns in a block; a last odd column counts as a pair. */
    int pairs(int block) {
        return Math.ceilDiv(end(block) - block * blockColumns, 2);
    }

    /** {@code [blocks, outFeatures]}, row-major. */
    float[] laneScales() {
        return scales;
    }

    // ---------------------------------------------------------------- PackedWeights

    @Override
    public TernaryKernel kernel() {
        return kernel;
    }

    @Override
    public int outFeatures() {
        return out;
    }

    @Override
    public int inFeatures() {
        return in;
    }

    @Override
    public long bytes() {
        return (long) codes.length * Integer.BYTES + ((long) given.length + scales.length) * Float.BYTES;
    }

    @Override
    public TernaryMatrix unpack() {
        int[] pairOfCode = new int[1 << PAIR_BITS];
        for (int i = 0; i < pairCodes.length; i++) {
            pairOfCode[pairCodes[i]] = i;
        }
        byte[] trits = new byte[out * in];
        for (int row = 0; row < out; row++) {
            for (int block = 0; block < blocks; block++) {
                for (int pair = 0; pair < pairs(block); pair++) {
                    int code = codes[position(row, block, pair)] >>> shift(pair) & (1 << PAIR_BITS) - 1;
                    int column = block * blockColumns + 2 * pair;
                    trits[row * in + column] = (byte) (pairOfCode[code] % 3 - 1);
                    if (column + 1 < end(block)) {
                        trits[row * in + column + 1] = (byte) (pairOfCode[code] / 3 - 1);
                    }
                }
            }
        }
        return blocks == 1 ? TernaryMatrix.of(trits, out, in, given)
                : TernaryMatrix.ofBlocks(trits, out, in, given, blockColumns);
    }
}
