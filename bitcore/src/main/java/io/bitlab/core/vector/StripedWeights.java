package io.bitlab.core.vector;

import io.bitlab.core.kernel.PackedWeights;
import io.bitlab.core.kernel.TernaryKernel;
import io.bitlab.core.kernel.schedule.RowParts;
import io.bitlab.core.parallel.Parallel;
import io.bitlab.core.quant.TernaryMatrix;
import java.util.Arrays;

/**
 * Weights of an {@link Int8Kernel}, in bands of rows and stripes of columns. A group of adjacent columns of a row is a
 * code of one or more parts, each a byte or a lane of 16 bits. A vector holds the same group of some rows, in the order
 * that the kernel chooses; it can be as wide as several of the machine.
 *
 * <p>Column j of a group adds {@code (trit + 1) * places[j]} to its code; columns and rows beyond the matrix are the
 * trit 0. The order in memory is {@code [band][stripe][tile][slot][vector of the tile][lane]}. For kernels that add up
 * in registers a tile has 4 vectors; after the last such tile come tiles of 2, 1 and, if rows remain that fill no
 * vector, 1, so that a small layer costs no more than its own size.
 *
 * <p>For kernels that add up in memory, a tile is a whole band, in two streams: all slots of the first halves of its
 * vectors, then those of the second halves. A thread reads both at once, since processors fetch only a few lines ahead
 * of each stream (2560 x 2560 weights in memory, one thread with 256 bits: 52 billion weights a second instead of 47).
 *
 * <p>A slot is one group of columns. Groups begin at multiples of their width regardless of the blocks of scales, so
 * that activations are prepared once for any weights: a group that a block boundary cuts has a slot in both blocks, in
 * which the other block's columns are 0.
 *
 * <p>A stripe has as many slots as can be summed in 16 bits. All tiles of a band and stripe are adjacent, so that the
 * part of the activations that they read, 5 KB of tables, stays in a first-level cache while the weights stream from
 * memory: the tables of 2560 columns, 55 KB, would take half of the outstanding cache-line requests from the weights.
 * Where a tile is a band, a slot's part of the activations is read once for all its rows, and their sums stay in the
 * cache; so there is one stripe for each block of scales.
 *
 * <p>A band has about 1280 rows, or 320 where it is a tile. With fewer, tables are read too often; and a thread that
 * computes whole bands, or halves of several tiles, reads one stream that no other thread interrupts (GB/s of 2560 x
 * 6912 weights in memory, one and two threads: tile by tile 14.5 and 26, in bands 24 and 32, a plain sum 28 and 33).
 */
final class StripedWeights implements PackedWeights, RowParts {

    /** Vectors of rows in a large tile. */
    static final int TILE_VECTORS = 4;

    /** The maximum number of columns whose products with activations up to 127 can be summed in 16 bits. */
    static final int EXACT_COLUMNS = Short.MAX_VALUE / 127;

    /** The most rows of a part, which is half a band; half as many if it is a band that is one tile. */
    private static final int MOST_ROWS_OF_PART = 640;

    private final Int8Kernel kernel;
    private final int out;
    private final int in;
    private final int rows; // of a vector
    private final int codeParts;
    private final int partBits;
    private final int partMask;
    private final int lanes; // 16-bit lanes of a vector
    private final boolean bandTiles;
    private final int streamLanes; // of a vector
    private final int[] places;
    private final int zeros; // a group of trits 0
    private final int paddedRows;
    private final int partRows;
    private final int blockColumns;
    private final int[] firstStripe; // of each block; one more at the end
    private final int[] firstSlot; // of each stripe; one more at the end
    private final int[] firstGroup; // of each stripe
    private final short[] packed;
    private final float[] given; // scales as the matrix has them
    private final float[] scales;

    /**
     * Packs a matrix.
     *
     * @param rows rows in a vector
     * @param codeParts parts of the code of a group of columns of a row, the lowest first; 32 bits at most
     * @param partBits bits of a part: 8 or 16
     * @param places for each column of a group, the value of one trit step; each at least 3 times the previous one
     * @param bandTiles whether a tile is a whole band
     */
    StripedWeights(Int8Kernel kernel, TernaryMatrix matrix, int rows, int codeParts, int partBits, int[] places,
            boolean bandTiles) {
        this.kernel = kernel;
        this.rows = rows;
        this.codeParts = codeParts;
        this.partBits = partBits;
        partMask = (1 << partBits) - 1;
        lanes = rows * codeParts * partBits / Short.SIZE;
        this.places = places;
        this.bandTiles = bandTiles;
        streamLanes = bandTiles ? lanes / 2 : lanes;
        zeros = Arrays.stream(places).sum();
        out = matrix.outFeatures();
        in = matrix.inFeatures();
        blockColumns = matrix.blockColumns();
        paddedRows = Math.ceilDiv(out, rows) * rows;
        int tiles = Math.ceilDiv(out, TILE_VECTORS * rows);
        int most = (bandTiles ? MOST_ROWS_OF_PART / 2 : MOST_ROWS_OF_PART) / (TILE_VECTORS * rows);
        int parts = 4 * Math.ceilDiv(tiles, 4 * most); // the same number for each of two or four threads
        partRows = Math.ceilDiv(tiles, parts) * TILE_VECTORS * rows;
        firstStripe = new int[matrix.blocks() + 1];
        for (int block = 0; block < matrix.blocks(); block++) {
            firstStripe[block + 1] = firstStripe[block] + Math.ceilDiv(groups(block), mostSlots(block));
        }
        firstSlot = new int[firstStripe[matrix.blocks()] + 1];
        firstGroup = new int[firstStripe[matrix.blocks()]];
        for (int block = 0; block < matrix.blocks(); block++) {
            for (int i = 0, stripe = firstStripe[block]; stripe < firstStripe[block + 1]; stripe++) {
                int slots = Math.min(mostSlots(block), groups(block) - i);
                firstGroup[stripe] = from(block) / places.length + i;
                firstSlot[stripe + 1] = firstSlot[stripe] + slots;
                i += slots;
            }
        }
        packed = pack(matrix);
        given = matrix.scales();
        scales = new float[matrix.blocks() * out];
        for (int i = 0; i < scales.length; i++) {
            scales[i] = matrix.scale(i % out, i / out);
        }
    }

    private short[] pack(TernaryMatrix matrix) {
        long size = (long) paddedRows / rows * lanes * firstSlot[firstGroup.length];
        if (size > Integer.MAX_VALUE - 8) {
            throw new IllegalArgumentException("Kernel '" + kernel.name() + "': " + matrix + " needs " + size
                    + " 16-bit lanes, more than an array holds; split it by rows");
        }
        short[] lane = new short[(int) size];
        Parallel.current().forRange(paddedRows, TILE_VECTORS * rows, paddedRows * (long) in, (from, to) -> {
            byte[] trits = new byte[in];
            int[] codes = new int[longestStripe()];
            for (int row = from; row < to; row++) {
                if (row < out) {
                    matrix.unpackRow(row, trits, 0);
                } else {
                    Arrays.fill(trits, (byte) 0);
                }
                encode(trits, row, codes, lane);
            }
        });
        return lane;
    }

    /**
     * Encodes all groups of a row; only the first and the last of a block can have columns outside the block.
     *
     * @param codes memory for those of a stripe
     */
    private void encode(byte[] trits, int row, int[] codes, short[] lane) {
        int step = step(row);
        int shift = kernel.shift(row % rows);
        for (int block = 0; block < blocks(); block++) {
            int from = from(block);
            int to = to(block);
            for (int stripe = firstStripe[block]; stripe < firstStripe[block + 1]; stripe++) {
                int slots = slots(stripe);
                int first = firstGroup[stripe] * places.length;
                for (int i = 0; i < slots; i++, first += places.length) {
                    codes[i] = first >= from && first + places.length <= to ? kernel.code(trits, first)
                            : code(trits, first, Math.max(0, from - first), Math.min(places.length, to - first));
                }
                for (int part = 0; part < codeParts; part++) {
                    store(codes, slots, part * partBits, shift, lane, lane(stripe, row, part), step);
                }
            }
        }
    }

    /** Adds a part of some codes to their lanes. */
    private void store(int[] codes, int count, int partShift, int shift, short[] lane, int at, int step) {
        for (int i = 0; i < count; i++) {
            lane[at + i * step] |= (short) ((codes[i] >>> partShift & partMask) << shift);
        }
    }

    /** The code of a group of which only some columns belong to its block. */
    private int code(byte[] trits, int first, int from, int to) {
        int code = zeros;
        for (int j = from; j < to; j++) {
            code += trits[first + j] * places[j];
        }
        return code;
    }

    /** Adds to codes what their lanes have of a part. */
    private void load(int[] codes, int count, int partShift, int shift, int at, int step) {
        for (int i = 0; i < count; i++) {
            codes[i] |= (packed[at + i * step] >>> shift & partMask) << partShift;
        }
    }

    private void decode(int code, byte[] trits, int block, int group) {
        int rest = code;
        for (int j = places.length - 1; j >= 0; j--) {
            int column = group * places.length + j;
            if (column >= from(block) && column < to(block)) {
                trits[column] = (byte) (Integer.divideUnsigned(rest, places[j]) - 1);
            }
            rest = Integer.remainderUnsigned(rest, places[j]);
        }
    }

    // ---------------------------------------------------------------- what the kernels read

    /** Vectors of the tile that begins at a row, of a kernel that adds up in registers: 4, 2 or 1. */
    int tileVectors(int row) {
        int full = (out - row) / rows;
        return full >= 4 ? 4 : full >= 2 ? 2 : 1;
    }

    private int tileStart(int row) {
        if (bandTiles) {
            return row - row % bandRows();
        }
        int start = row - row % (TILE_VECTORS * rows);
        while (start + tileVectors(start) * rows <= row) {
            start += tileVectors(start) * rows;
        }
        return start;
    }

    /** Rows of the tile that begins at a row, with those that fill up the last vector. */
    private int tileRows(int start) {
        return bandTiles ? Math.min(bandRows(), paddedRows - start) : tileVectors(start) * rows;
    }

    /** Rows of a tile from this one on, the first of a vector; a slot has them one after the other. */
    int adjacentRows(int row) {
        int start = tileStart(row);
        return start + tileRows(start) - row;
    }

    /** Lanes between one slot of a row's tile and the next. */
    int step(int row) {
        return tileRows(tileStart(row)) / rows * streamLanes;
    }

    /** Lanes between the two streams of a row's tile, where it has two. */
    int distance(int stripe, int row) {
        return slots(stripe) * step(row);
    }

    /** Rows in a vector. */
    int rowsOfVector() {
        return rows;
    }

    /** Columns of a slot. */
    int slotColumns() {
        return places.length;
    }

    /** All lanes. */
    short[] packed() {
        return packed;
    }

    /** Index of a row, the first of a vector, in the first slot of a stripe. */
    int position(int stripe, int row) {
        int band = row - row % bandRows();
        int bandVectors = Math.min(bandRows(), paddedRows - band) / rows;
        int start = tileStart(row);
        return (band / rows * firstSlot[firstGroup.length] + bandVectors * firstSlot[stripe]
                + (start - band) / rows * slots(stripe)) * lanes + (row - start) / rows * streamLanes;
    }

    /** Index of the lane of a part of a row's code in the first slot of a stripe. */
    private int lane(int stripe, int row, int part) {
        int lane = kernel.lane(row % rows, part);
        return position(stripe, row - row % rows) + lane / streamLanes * distance(stripe, row) + lane % streamLanes;
    }

    /** Rows of a band; single rows of activations are multiplied band by band. */
    int bandRows() {
        return bandTiles ? partRows : 2 * partRows;
    }

    int blocks() {
        return firstStripe.length - 1;
    }

    /** The first stripe of a block; for the number of blocks, the number of stripes. */
    int firstStripe(int block) {
        return firstStripe[block];
    }

    /** Slots, and so groups of columns, of a stripe. */
    int slots(int stripe) {
        return firstSlot[stripe + 1] - firstSlot[stripe];
    }

    /** The group of columns in the first slot of a stripe. */
    int firstGroup(int stripe) {
        return firstGroup[stripe];
    }

    /** {@code [blocks, outFeatures]}, row-major. */
    float[] laneScales() {
        return scales;
    }

    /** Groups with columns of a block. */
    private int groups(int block) {
        return Math.ceilDiv(to(block), places.length) - from(block) / places.length;
    }

    /** Slots of a stripe. Columns of other blocks are 0, so all slots of a narrow block fit, even with cut groups. */
    private int mostSlots(int block) {
        return bandTiles || blockColumns <= EXACT_COLUMNS ? groups(block) : EXACT_COLUMNS / places.length;
    }

    /** Slots of the longest stripe. */
    private int longestStripe() {
        int most = 0;
        for (int stripe = 0; stripe < firstGroup.length; stripe++) {
            most = Math.max(most, slots(stripe));
        }
        return most;
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
    public int partRows() {
        return partRows;
    }

    @Override
    public long bytes() {
        return (long) packed.length * Short.BYTES + ((long) given.length + scales.length) * Float.BYTES;
    }

    @Override
    public TernaryMatrix unpack() {
        byte[] trits = new byte[out * in];
        byte[] row = new byte[in];
        int[] codes = new int[longestStripe()];
        for (int o = 0; o < out; o++) {
            int step = step(o);
            int shift = kernel.shift(o % rows);
            for (int block = 0; block < blocks(); block++) {
                for (int stripe = firstStripe[block]; stripe < firstStripe[block + 1]; stripe++) {
                    int slots = slots(stripe);
                    Arrays.fill(codes, 0, slots, 0);
                    for (int part = 0; part < codeParts; part++) {
                        load(codes, slots, part * partBits, shift, lane(stripe, o, part), step);
                    }
                    for (int i = 0; i < slots; i++) {
                        decode(codes[i], row, block, firstGroup[stripe] + i);
                    }
                }
            }
            System.arraycopy(row, 0, trits, o * in, in);
        }
        return blocks() == 1 ? TernaryMatrix.of(trits, out, in, given)
                : TernaryMatrix.ofBlocks(trits, out, in, given, blockColumns);
    }
}
