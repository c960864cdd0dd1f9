package io.bitlab.core.kernel.vector;

import io.bitlab.core.BitQuantConfig;
import io.bitlab.core.quant.QuantizedActivations;
import java.util.Optional;
import jdk.incubator.vector.ShortVector;

/**
 * {@code lookup-512}: int8 activations by table lookup in vectors of 512 bits, 1.78 bits a weight.
 *
 * <p>Three neighbouring trits of a row are an index from 0 to 26, and a 16-bit lane holds three of them. For every
 * three activations there is a table of their 27 signed sums, made once and read by all rows: one permutation looks up
 * 32 rows at a time. The idea is that of bitnet.cpp's TL kernels (arXiv:2502.11880), with lanes wide enough that
 * nothing is rounded and nothing overflows.
 *
 * <p><b>Thread safety:</b> immutable.
 */
public final class LookupKernel extends LaneKernel {

    private static final int BITS = 512;

    /** Three 5-bit indices of three trits each. */
    private static final int[] PLACES = {1, 3, 9, 1 << 5, 3 << 5, 9 << 5, 1 << 10, 3 << 10, 9 << 10};

    /** Makes the kernel; it has no state, one is like another. */
    public LookupKernel() {
        super("lookup-" + BITS, LookupTables.ENTRIES, PLACES, LookupTables.GROUP_ENTRIES * Short.BYTES);
    }

    @Override
    public int priority() {
        return 300;
    }

    @Override
    public double nanosPerWeight() {
        return 1 / 150.0;
    }

    @Override
    public Optional<String> refusal(BitQuantConfig config, int out, int in) {
        int bits = ShortVector.SPECIES_PREFERRED.vectorBitSize();
        if (bits < BITS) {
            return Optional.of("needs 16-bit lanes in vectors of " + BITS + " bits (AVX-512BW), and this machine has "
                    + bits + ": nothing to do, the multiply kernel takes its place");
        }
        return super.refusal(config, out, in);
    }

    @Override
    int weighed(byte[] t, int i) {
        return index(t, i) + (index(t, i + 3) << 5) + (index(t, i + 6) << 10);
    }

    private static int index(byte[] t, int i) {
        return t[i] + 3 * (t[i + 1] + 3 * t[i + 2]);
    }

    @Override
    LaneActivations memoryFor(QuantizedActivations activations, int rows) {
        return new LookupTables(activations, rows);
    }

    @Override
    boolean reads(LaneActivations x) {
        return x instanceof LookupTables;
    }

    @Override
    void add(int vectors, short[] w, int at, LaneActivations x, int row, int rows, int group, int groups,
            float[] sums, int o, int stride) {
        LookupTables tables = (LookupTables) x;
        short[] t = tables.tables();
        int first = tables.position(row, rows, group);
        if (rows == 1) {
            switch (vectors) {
                case 4 -> LookupTiles.fourByOne(w, at, t, first, groups, sums, o);
                case 2 -> LookupTiles.twoByOne(w, at, t, first, groups, sums, o);
                default -> LookupTiles.oneByOne(w, at, t, first, groups, sums, o);
            }
        } else if (vectors == 1) {
            LookupTiles.oneByFour(w, at, t, first, groups, sums, o, stride);
        } else {
            int lanes = LookupTables.ENTRIES;
            for (int v = 0; v < vectors; v += 2) {
                LookupTiles.twoByFour(w, at + v * lanes, vectors * lanes, t, first, groups, sums, o + v * lanes,
                        stride);
            }
        }
    }
}
