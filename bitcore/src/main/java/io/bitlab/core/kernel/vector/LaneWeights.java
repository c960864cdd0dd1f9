package io.bitlab.core.kernel.vector;

import io.bitlab.core.kernel.PackedWeights;
import io.bitlab.core.kernel.TernaryKernel;
import io.bitlab.core.parallel.Parallel;
import io.bitlab.core.quant.TernaryMatrix;
import java.util.Arrays;

/**
 * Weights with rows in lanes: a 16-bit lane holds a group of neighbouring columns of one row, a vector the same group
 * of as many rows as it has lanes.
 *
 * <p>Column j of a group adds {@code (trit + 1) * places[j]} to the lane; columns and rows beyond the matrix are the
 * trit 0. The order in memory is {@code [tile][slot][vector of the tile][lane]}. A tile is 4 vectors, and behind those
 * 2, 1 and, if rows are left that fill no vector, 1: so a small layer costs no more than its own size.
 *
 * <p>A slot is one group of columns. Groups begin at multiples of their width whatever the blocks of scales, so that
 * activations are prepared once for any weights: a group that a block boundary cuts has a slot in each of the two
 * blocks, in which the columns of the other one are 0.
 */
final class LaneWeights implements PackedWeights {

    /** Vectors of rows in a large tile. */
    static final int TILE_VECTORS = 4;

    private final LaneKernel kernel;
    private final int out;
    private final int in;
    private final int lanes;
    private final int[] places;
    private final int zeros; // a lane whose trits are all 0
    private final int blockColumns;
    private final int[] firstSlot; // of each block; one more at the end
    private final boolean oneScale;
    private final short[] packed;
    private final float[] scales;

    /**
     * Packs a matrix.
     *
     * @param lanes rows in a vector
     * @param places what one step of a trit adds to the lane, for each column of a group; each at least 3 times the one
     *     before
     */
    LaneWeights(LaneKernel kernel, TernaryMatrix matrix, int lanes, int[] places) {
        this.kernel = kernel;
        this.lanes = lanes;
        this.places = places;
        zeros = Arrays.stream(places).sum();
        out = matrix.outFeatures();
        in = matrix.inFeatures();
        blockColumns = matrix.blockColumns();
        firstSlot = new int[matrix.blocks() + 1];
        for (int block = 0; block < matrix.blocks(); block++) {
            firstSlot[block + 1] = firstSlot[block] + groups(block);
        }
        packed = pack(matrix);
        float[] given = matrix.scales();
        oneScale = given.length == 1;
        scales = new float[matrix.blocks() * out];
        for (int i = 0; i < scales.length; i++) {
            scales[i] = oneScale ? given[0] : given[i % out * matrix.blocks() + i / out];
        }
    }

    private short[] pack(TernaryMatrix matrix) {
        int rows = Math.ceilDiv(out, lanes) * lanes;
        long size = (long) rows * slots();
        if (size > Integer.MAX_VALUE - 8) {
            throw new IllegalArgumentException("Kernel '" + kernel.name() + "': " + matrix + " needs " + size
                    + " 16-bit lanes, more than an array holds; split it by rows");
        }
        short[] lane = new short[(int) size];
        Parallel.current().forRange(rows, TILE_VECTORS * lanes, rows * (long) in, (from, to) -> {
            byte[] trits = new byte[in];
            for (int row = from; row < to; row++) {
                if (row < out) {
                    matrix.unpackRow(row, trits, 0);
                } else {
                    Arrays.fill(trits, (byte) 0);
                }
                encode(trits, row, lane);
            }
        });
        return lane;
    }

    /** All groups of a row; only the first and the last of a block can have columns outside of it. */
    private void encode(byte[] trits, int row, short[] lane) {
        int step = tileVectors(tileStart(row)) * lanes;
        for (int block = 0; block < blocks(); block++) {
            int at = position(row, firstSlot[block]);
            int groups = groups(block);
            int first = firstGroup(block) * places.length;
            for (int i = 0; i < groups; i++, at += step, first += places.length) {
                boolean whole = first >= from(block) && first + places.length <= to(block);
                lane[at] = (short) (zeros + (whole ? kernel.weighed(trits, first)
                        : weighed(trits, first, Math.max(0, from(block) - first),
                                Math.min(places.length, to(block) - first))));
            }
        }
    }

    /** What the trits of some of a group's columns add to a lane of zeros. */
    private int weighed(byte[] trits, int first, int from, int to) {
        int sum = 0;
        for (int j = from; j < to; j++) {
            sum += trits[first + j] * places[j];
        }
        return sum;
    }

    private void decode(int lane, byte[] trits, int block, int group) {
        int rest = lane & 0xffff;
        for (int j = places.length - 1; j >= 0; j--) {
            int column = group * places.length + j;
            if (column >= from(block) && column < to(block)) {
                trits[column] = (byte) (rest / places[j] - 1);
            }
            rest %= places[j];
        }
    }

    /** Where the lane of a row and slot is. */
    private int position(int row, int slot) {
        int start = tileStart(row);
        int inTile = row - start;
        return start * slots() + (slot * tileVectors(start) + inTile / lanes) * lanes + inTile % lanes;
    }

    private int tileStart(int row) {
        int start = row - row % (TILE_VECTORS * lanes);
        while (start + tileVectors(start) * lanes <= row) {
            start += tileVectors(start) * lanes;
        }
        return start;
    }

    // ---------------------------------------------------------------- what the kernels read

    /** Vectors of the tile that begins at a row: 4, 2 or 1. */
    int tileVectors(int row) {
        int full = (out - row) / lanes;
        return full >= 4 ? 4 : full >= 2 ? 2 : 1;
    }

    /** All lanes; those of the tile that begins at a row begin at {@code row * slots()}. */
    short[] packed() {
        return packed;
    }

    /** Slots of a row. */
    int slots() {
        return firstSlot[firstSlot.length - 1];
    }

    int blocks() {
        return firstSlot.length - 1;
    }

    /** Columns that share a scale. */
    int blockColumns() {
        return blockColumns;
    }

    /** The slot with which a block begins. */
    int firstSlot(int block) {
        return firstSlot[block];
    }

    /** The group of columns that stands in the first slot of a block. */
    int firstGroup(int block) {
        return from(block) / places.length;
    }

    /** Slots of a block. */
    int groups(int block) {
        return Math.ceilDiv(to(block), places.length) - firstGroup(block);
    }

    /** {@code [blocks, outFeatures]}, row-major. */
    float[] laneScales() {
        return scales;
    }

    private int from(int block) {
        return block * blockColumns;
    }

    private int to(int block) {
        return (int) Math.min((block + 1L) * blockColumns, in);
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
        return (long) packed.length * Short.BYTES + (long) scales.length * Float.BYTES;
    }

    @Override
    public TernaryMatrix unpack() {
        byte[] trits = new byte[out * in];
        byte[] row = new byte[in];
        for (int o = 0; o < out; o++) {
            for (int block = 0; block < blocks(); block++) {
                for (int i = 0; i < groups(block); i++) {
                    decode(packed[position(o, firstSlot[block] + i)], row, block, firstGroup(block) + i);
                }
            }
            System.arraycopy(row, 0, trits, o * in, in);
        }
        if (oneScale && blocks() == 1) {
            return TernaryMatrix.of(trits, out, in, new float[] {scales[0]});
        }
        float[] byRow = new float[scales.length];
        for (int i = 0; i < scales.length; i++) {
            byRow[i % out * blocks() + i / out] = scales[i];
        }
        return blocks() == 1
                ? TernaryMatrix.of(trits, out, in, byRow)
                : TernaryMatrix.ofBlocks(trits, out, in, byRow, blockColumns);
    }
}
