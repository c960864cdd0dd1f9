package io.bitlab.core.vector;

import io.bitlab.core.BitQuantConfig;
import io.bitlab.core.quant.QuantizedActivations;
import java.util.Optional;
import jdk.incubator.vector.ByteVector;

/**
 * {@code lookup-128}: int8 activations by table lookup in vectors of 128 bits, 2 bits a weight. For machines whose
 * vectors are no wider: with 256 bits {@link MultiplyKernel} is faster, with 512 {@link LookupKernel}.
 *
 * <p>Two adjacent trits of a row form an index from 0 to 8, and a byte holds two indices. Every two activations have
 * two tables of 16 bytes, made once and read by all rows: an instruction looks up a byte for each of 16 rows. A sum of
 * two activations does not fit into a byte, so one table has its quotient by 23 and the other the remainder; see
 * {@link ByteLookupTables}. Batches are looked up in memory, see {@link BatchProduct}.
 *
 * <p><b>Thread safety:</b> immutable.
 */
public final class ByteLookupKernel extends Int8Kernel implements BatchProduct.QuartetCodes {

    private static final int BITS = 128;

    /** Two 4-bit indices of two trits each. */
    private static final int[] PLACES = {1, 3, 1 << 4, 3 << 4};

    /** Creates the kernel. */
    public ByteLookupKernel() {
        super("lookup-" + BITS, ByteLookupTiles.ROWS, Byte.SIZE, PLACES, ByteLookupTables.GROUP_BYTES);
    }

    @Override
    public int priority() {
        return 250;
    }

    @Override
    public double nanosPerWeight() {
        return 1 / 40.0;
    }

    @Override
    public Optional<String> refusal(BitQuantConfig config, int out, int in) {
        int bits = ByteVector.SPECIES_PREFERRED.vectorBitSize();
        if (bits > BITS) {
            return Optional.of("uses vectors of " + BITS + " bits, and this machine has " + bits
                    + ": nothing to do, a faster kernel takes its place");
        }
        return super.refusal(config, out, in);
    }

    /** The rows of the second half of a vector are in the upper bytes, so that even and odd bytes are adjacent rows. */
    @Override
    int lane(int row) {
        return row % ByteLookupTiles.LANES;
    }

    @Override
    int shift(int row) {
        return row / ByteLookupTiles.LANES * Byte.SIZE;
    }

    @Override
    int scratch(int weightRows) {
        return ByteLookupTiles.PARTIAL_SUMS;
    }

    @Override
    int weighed(byte[] t, int i) {
        return t[i] + 3 * t[i + 1] + 16 * (t[i + 2] + 3 * t[i + 3]);
    }

    @Override
    boolean isBatch(int rows) {
        return rows >= BatchProduct.LEAST_ROWS;
    }

    @Override
    Int8KernelActivations memoryFor(QuantizedActivations activations, int rows) {
        return isBatch(activations.rows())
                ? new TransposedActivations(this, activations, rows)
                : new ByteLookupTables(this, activations, rows);
    }

    @Override
    void add(StripedWeights w, int stripe, int from, int to, Int8KernelActivations x, int row, int rows,
            short[] scratch, float[] sums, int o, int stride) {
        ByteLookupTables tables = (ByteLookupTables) x;
        int slots = w.slots(stripe);
        int first = tables.position(row, rows, w.firstGroup(stripe));
        int at = w.position(stripe, from);
        int step;
        for (int tile = from; tile < to; tile += 2 * step, at += step * slots) {
            step = w.tileVectors(tile) * ByteLookupTiles.LANES;
            addTile(w.packed(), at, step, tables.tables(), first, slots, rows, scratch, sums, o + tile - from, stride);
        }
    }

    private static void addTile(short[] w, int at, int step, byte[] t, int first, int groups, int rows,
            short[] scratch, float[] sums, int o, int stride) {
        int vectors = step / ByteLookupTiles.LANES;
        for (int v = 0; v < vectors; v++) {
            int weights = at + v * ByteLookupTiles.LANES;
            int sum = o + v * ByteLookupTiles.ROWS;
            if (rows == 2) {
                ByteLookupTiles.oneByTwo(w, weights, step, t, first, groups, scratch, sums, sum, stride);
            } else if (v + 1 < vectors) {
                ByteLookupTiles.twoByOne(w, weights, step, t, first, groups, scratch, sums, sum);
                v++;
            } else {
                ByteLookupTiles.oneByOne(w, weights, step, t, first, groups, scratch, sums, sum);
            }
        }
    }

    @Override
    public void positions(int vectors, short[] w, int at, int distance, short[] positions, int o, int stride) {
        BatchTables.ofPairs(w, at, vectors * ByteLookupTiles.LANES, positions, o);
    }

    @Override
    public int place(int row) {
        return row;
    }
}
