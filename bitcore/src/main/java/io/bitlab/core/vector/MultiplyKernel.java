package io.bitlab.core.vector;

import io.bitlab.core.quant.QuantizedActivations;

/**
 * {@code multiply-512}, {@code multiply-256} and {@code multiply-128}: int8 activations by multiplication, in the
 * widest vectors of this machine, 2 bits a weight.
 *
 * <p>A 16-bit lane holds eight 2-bit codes of a row, the other lanes the same eight columns of other rows; each code is
 * multiplied with its activation and added in 16 bits, see {@link MultiplyFactors}. It needs no tables, which suits
 * small layers and machines with narrow permutations. Batches in vectors narrower than 512 bits are looked up in memory
 * instead, see {@link BatchProduct}.
 *
 * <p><b>Thread safety:</b> immutable.
 */
public final class MultiplyKernel extends Int8Kernel implements BatchProduct.QuartetCodes {

    /** A code of two bits for each of eight columns. */
    private static final int[] PLACES = {1, 1 << 2, 1 << 4, 1 << 6, 1 << 8, 1 << 10, 1 << 12, 1 << 14};

    /** Creates the kernel for this machine. */
    public MultiplyKernel() {
        super("multiply-" + MultiplyTiles.BITS, MultiplyTiles.LANES, PLACES,
                MultiplyFactors.GROUP_FACTORS * Short.BYTES);
    }

    @Override
    public int priority() {
        return 200;
    }

    @Override
    public double nanosPerWeight() {
        return MultiplyTiles.BITS >= 512 ? 1 / 60.0 : MultiplyTiles.BITS >= 256 ? 1 / 50.0 : 1 / 15.0;
    }

    @Override
    int weighed(byte[] t, int i) {
        return t[i] + 4 * (t[i + 1] + 4 * (t[i + 2] + 4 * (t[i + 3] + 4 * (t[i + 4] + 4 * (t[i + 5] + 4 * (t[i + 6]
                + 4 * t[i + 7]))))));
    }

    @Override
    boolean isBatch(int rows) {
        return MultiplyTiles.BITS < 512 && rows >= BatchProduct.LEAST_ROWS;
    }

    @Override
    Int8KernelActivations memoryFor(QuantizedActivations activations, int rows) {
        return isBatch(activations.rows())
                ? new TransposedActivations(this, activations, rows)
                : new MultiplyFactors(this, activations, rows);
    }

    /** The rows of the first half of a vector are in the even lanes: shifts of 32 bits then part adjacent rows. */
    @Override
    int lane(int row) {
        int half = MultiplyTiles.LANES / 2;
        return 2 * (row % half) + row / half;
    }

    @Override
    void add(int vectors, short[] w, int at, Int8KernelActivations x, int row, int rows, int group, int groups,
            short[] scratch, float[] sums, int o, int stride) {
        MultiplyFactors factors = (MultiplyFactors) x;
        short[] f = factors.factors();
        int first = factors.position(row, rows, group);
        short start = factors.start(row, group, groups);
        int lanes = MultiplyTiles.LANES;
        if (rows == 1) {
            switch (vectors) {
                case 4 -> MultiplyTiles.fourByOne(w, at, f, first, groups, start, sums, o);
                case 2 -> MultiplyTiles.twoByOne(w, at, f, first, groups, start, sums, o);
                default -> MultiplyTiles.oneByOne(w, at, f, first, groups, start, sums, o);
            }
        } else {
            short start1 = factors.start(row + 1, group, groups);
            short start2 = factors.start(row + 2, group, groups);
            short start3 = factors.start(row + 3, group, groups);
            if (vectors == 1) {
                MultiplyTiles.oneByFour(w, at, f, first, groups, start, start1, start2, start3, sums, o, stride);
            }
            for (int v = 0; v < vectors / 2 * 2; v += 2) {
                MultiplyTiles.twoByFour(w, at + v * lanes, vectors * lanes, f, first, groups, start, start1, start2,
                        start3, sums, o + v * lanes, stride);
            }
        }
    }

    @Override
    public void positions(int vectors, short[] w, int at, short[] positions, int o, int stride) {
        BatchTables.ofTwoBitCodes(w, at, vectors * MultiplyTiles.LANES, positions, o, stride);
    }
}
