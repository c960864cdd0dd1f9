package io.bitlab.core.vector;

import io.bitlab.core.BitQuantConfig;
import io.bitlab.core.quant.QuantizedActivations;
import java.util.Arrays;
import java.util.Optional;
import jdk.incubator.vector.ByteVector;

/**
 * {@code lookup-128}: int8 activations by table lookup in vectors of 128 bits, 2 bits a weight. For machines whose
 * vectors are no wider: with 256 bits {@link MultiplyKernel} is faster, with 512 {@link LookupKernel}.
 *
 * <p>Two adjacent trits of a row form an index from 0 to 8; a code of 32 bits has eight. Every two activations have two
 * tables of 16 bytes, made once and read by all rows: an instruction looks up a byte for each of 16 rows. A sum of two
 * activations does not fit into a byte, so one table has its quotient by 32 and the other the remainder; see {@link
 * ByteLookupTables}. Batches are looked up in memory, see {@link BatchProduct}.
 *
 * <p><b>Thread safety:</b> immutable.
 */
public final class ByteLookupKernel extends Int8Kernel implements BatchProduct.QuartetCodes {

    private static final int BITS = 128;

    /** Bytes of a code, each in another vector of 128 bits. */
    private static final int CODE_PARTS = 4;

    /** Eight 4-bit indices of two trits each. */
    private static final int[] PLACES = new int[ByteLookupTables.GROUP_COLUMNS];

    static {
        Arrays.setAll(PLACES, j -> (1 + j % 2 * 2) << 4 * (j / 2));
    }

    /** More do not add up in 16 bits. */
    private static final int MOST_SLOTS = StripedWeights.EXACT_COLUMNS / ByteLookupTables.GROUP_COLUMNS;

    /** Creates the kernel. */
    public ByteLookupKernel() {
        super("lookup-" + BITS, ByteLookupLoops.ROWS, CODE_PARTS, Byte.SIZE, PLACES, ByteLookupTables.GROUP_BYTES);
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
    int lane(int row, int part) {
        return part * ByteLookupLoops.LANES + row % ByteLookupLoops.LANES;
    }

    @Override
    int shift(int row) {
        return row / ByteLookupLoops.LANES * Byte.SIZE;
    }

    @Override
    boolean addsInMemory() {
        return true;
    }

    @Override
    int scratch(int weightRows) {
        return Math.ceilDiv(weightRows, ByteLookupLoops.ROWS) * ByteLookupLoops.ROWS;
    }

    @Override
    int code(byte[] trits, int first) {
        return TritCodes.pairs(trits, first);
    }

    @Override
    boolean isBatch(int rows) {
        return rows >= BatchProduct.LEAST_ROWS;
    }

    @Override
    Int8KernelActivations memoryForRows(QuantizedActivations activations, int rows) {
        return new ByteLookupTables(this, activations, rows);
    }

    @Override
    void add(StripedWeights w, int stripe, int from, int to, Int8KernelActivations x, int row, int rows,
            short[] scratch, float[] sums, int o, int stride) {
        ByteLookupTables tables = (ByteLookupTables) x;
        int lanes = scratch(to - from);
        int step = w.step(from);
        int distance = w.distance(stripe, from);
        int at = w.position(stripe, from);
        int group = w.firstGroup(stripe);
        int end = group + w.slots(stripe);
        while (group < end) {
            int some = Math.min(MOST_SLOTS, end - group);
            Arrays.fill(scratch, 0, lanes, (short) 0);
            for (int slot = 0; slot < some; slot++, group++, at += step) {
                ByteLookupLoops.addSlot(w.packed(), at, distance, tables.tables(), tables.position(row, 1, group),
                        scratch, lanes / ByteLookupLoops.ROWS);
            }
            ByteLookupLoops.flush(scratch, (short) (some * ByteLookupTables.GROUP_BIAS), sums, o, to - from);
        }
    }

    @Override
    public void positions(int vectors, short[] w, int at, int distance, short[] positions, int quartet, int row) {
        for (int part = 0; part < CODE_PARTS; part++) {
            int first = at + part / 2 * distance + part % 2 * ByteLookupLoops.LANES;
            BatchTables.ofPairs(w, first, ByteLookupLoops.ROWS, vectors, positions, quartet + part, row);
        }
    }

    @Override
    public int place(int row) {
        return row;
    }
}
