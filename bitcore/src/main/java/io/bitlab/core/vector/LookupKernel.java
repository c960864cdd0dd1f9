package io.bitlab.core.vector;

import io.bitlab.core.BitQuantConfig;
import io.bitlab.core.quant.QuantizedActivations;
import java.util.Optional;
import jdk.incubator.vector.ShortVector;

/**
 * {@code lookup-512}: int8 activations by table lookup in vectors of 512 bits, 1.78 bits a weight.
 *
 * <p>Three adjacent trits of a row form an index from 0 to 26, and a 16-bit lane holds three indices. Every three
 * activations have a table of their 27 signed sums, made once and read by all rows: one permutation looks up 32 rows.
 * The idea comes from bitnet.cpp's TL kernels (arXiv:2502.11880), with lanes wide enough that nothing is rounded or
 * overflows.
 *
 * <p><b>Thread safety:</b> immutable.
 */
public final class LookupKernel extends Int8Kernel {

    private static final int BITS = 512;

    private static final long PLACES_IN_BYTES = 9 + (3 << 8) + (1 << 16);

    /** Three 5-bit indices of three trits each. */
    private static final int[] PLACES = {1, 3, 9, 1 << 5, 3 << 5, 9 << 5, 1 << 10, 3 << 10, 9 << 10};

    /** Creates the kernel. */
    public LookupKernel() {
        super("lookup-" + BITS, LookupTables.ENTRIES, 1, Short.SIZE, PLACES,
                LookupTables.GROUP_ENTRIES * Short.BYTES);
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
                    + bits + ": nothing to do, another kernel takes its place");
        }
        return super.refusal(config, out, in);
    }

    /** In the product of eight bytes with the places of three trits every third byte is an index; no byte overflows. */
    @Override
    int code(byte[] trits, int first) {
        long firstEight = TritCodes.digits(trits, first) * PLACES_IN_BYTES;
        long lastEight = TritCodes.digits(trits, first + 1) * PLACES_IN_BYTES;
        return (int) (firstEight >>> 16 & 0xff) + ((int) (firstEight >>> 40 & 0xff) << 5)
                + ((int) (lastEight >>> 56) << 10);
    }

    @Override
    Int8KernelActivations memoryForRows(QuantizedActivations activations, int rows) {
        return new LookupTables(this, activations, rows);
    }

    @Override
    void add(StripedWeights w, int stripe, int from, int to, Int8KernelActivations x, int row, int rows,
            short[] scratch, float[] sums, int o, int stride) {
        LookupTables tables = (LookupTables) x;
        int slots = w.slots(stripe);
        int first = tables.position(row, rows, w.firstGroup(stripe));
        int at = w.position(stripe, from);
        int step;
        for (int tile = from; tile < to; tile += step, at += step * slots) {
            int vectors = w.tileVectors(tile);
            addTile(vectors, w.packed(), at, tables.tables(), first, slots, rows, sums, o + tile - from, stride);
            step = vectors * LookupTables.ENTRIES;
        }
    }

    private static void addTile(int vectors, short[] w, int at, short[] t, int first, int groups, int rows,
            float[] sums, int o, int stride) {
        if (rows == 1) {
            switch (vectors) {
                case 4 -> LookupTiles.fourByOne(w, at, t, first, groups, sums, o);
                case 2 -> LookupTiles.twoByOne(w, at, t, first, groups, sums, o);
                default -> LookupTiles.oneByOne(w, at, t, first, groups, sums, o);
            }
        } else {
            switch (vectors) {
                case 4 -> LookupTiles.fourByTwo(w, at, t, first, groups, sums, o, stride);
                case 2 -> LookupTiles.twoByTwo(w, at, t, first, groups, sums, o, stride);
                default -> LookupTiles.oneByTwo(w, at, t, first, groups, sums, o, stride);
            }
        }
    }
}
