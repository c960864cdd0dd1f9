package io.bitlab.core.vector;

import io.bitlab.core.quant.QuantizedActivations;

/**
 * {@code multiply-512}, {@code multiply-256} and {@code multiply-128}: int8 activations by multiplication, in the
 * widest vectors of this machine, 2 bits a weight.
 *
 * <p>A 16-bit lane holds eight 2-bit codes of a row, the other lanes the same eight columns of other rows; each code is
 * multiplied with its activation and added in 16 bits, see {@link MultiplyFactors}. It needs no tables, which suits
 * small layers and machines with narrow permutations. For many rows of activations it unpacks the weights first.
 *
 * <p><b>Thread safety:</b> immutable.
 */
public final class MultiplyKernel extends Int8Kernel {

    /** A code of two bits for each of eight columns. */
    private static final int[] PLACES = {1, 1 << 2, 1 << 4, 1 << 6, 1 << 8, 1 << 10, 1 << 12, 1 << 14};

    /** With as many rows, unpacking the weights first is worth it; vectors of 512 bits have registers for quads. */
    private static final int LEAST_UNPACKED_ROWS = 16;

    /** Of a stripe, in which a block of scales can begin and end within a group. */
    private static final int MOST_COLUMNS = StripedWeights.EXACT_COLUMNS + 2 * MultiplyFactors.GROUP_COLUMNS;

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
    Int8KernelActivations memoryFor(QuantizedActivations activations, int rows) {
        return MultiplyTiles.BITS < 512 && rows >= LEAST_UNPACKED_ROWS
                ? new QuadActivations(this, activations, rows)
                : new MultiplyFactors(this, activations, rows);
    }

    /** The rows of the first half of a vector are in the even lanes: shifts of 32 bits then part adjacent rows. */
    @Override
    int lane(int row) {
        int half = MultiplyTiles.LANES / 2;
        return 2 * (row % half) + row / half;
    }

    @Override
    int scratch(Int8KernelActivations x) {
        return x instanceof QuadActivations ? 2 * MultiplyTiles.LANES * MOST_COLUMNS : 0;
    }

    @Override
    void add(int vectors, short[] w, int at, Int8KernelActivations x, int row, int rows, int group, int groups,
            short[] scratch, float[] sums, int o, int stride) {
        if (x instanceof QuadActivations quads) {
            addUnpacked(vectors, w, at, quads, row, rows, group, groups, scratch, sums, o, stride);
            return;
        }
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

    private static void addUnpacked(int vectors, short[] w, int at, QuadActivations x, int row, int rows, int group,
            int groups, short[] trits, float[] sums, int o, int stride) {
        int lanes = MultiplyTiles.LANES;
        int together = vectors == 1 ? 1 : 2;
        for (int v = 0; v < vectors; v += together) {
            for (int i = 0; i < together; i++) {
                UnpackedTiles.unpack(w, at + (v + i) * lanes, vectors * lanes, groups, trits, i * lanes,
                        together * lanes);
            }
            int columns = groups * MultiplyFactors.GROUP_COLUMNS;
            int quad;
            for (int r = row; r < row + rows; r += quad) {
                quad = x.together(r);
                int p = x.position(r, quad, group);
                int sum = o + v * lanes + (r - row) * stride;
                if (together == 2 && quad == 4) {
                    UnpackedTiles.twoByFour(trits, x.factors(), p, columns, sums, sum, stride);
                } else if (together == 2) {
                    UnpackedTiles.twoByOne(trits, x.factors(), p, columns, sums, sum);
                } else if (quad == 4) {
                    UnpackedTiles.oneByFour(trits, x.factors(), p, columns, sums, sum, stride);
                } else {
                    UnpackedTiles.oneByOne(trits, x.factors(), p, columns, sums, sum);
                }
            }
        }
    }
}
