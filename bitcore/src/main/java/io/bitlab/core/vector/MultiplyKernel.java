package io.bitlab.core.vector;

import io.bitlab.core.quant.QuantizedActivations;
import java.util.Arrays;

/**
 * {@code multiply-512}, {@code multiply-256} and {@code multiply-128}: int8 activations by multiplication, in the
 * widest vectors of this machine, 2 bits a weight.
 *
 * <p>A code of 32 bits holds sixteen trits of a row, two bits each; each is multiplied with its activation and added in
 * 16 bits, see {@link MultiplyFactors}. It needs no permutations, which suits machines where they are narrow. Batches
 * in vectors narrower than 512 bits are looked up in memory instead, see {@link BatchProduct}.
 *
 * <p><b>Thread safety:</b> immutable.
 */
public final class MultiplyKernel extends Int8Kernel implements BatchProduct.QuartetCodes {

    private static final int ROWS = 2 * MultiplyLoops.ROWS;

    /** The halves of a code, in adjacent lanes. */
    private static final int CODE_PARTS = 2;

    /** A code of two bits for each of sixteen columns. */
    private static final int[] PLACES = new int[MultiplyFactors.GROUP_COLUMNS];

    static {
        Arrays.setAll(PLACES, j -> 1 << 2 * j);
    }

    /** Creates the kernel for this machine. */
    public MultiplyKernel() {
        super("multiply-" + MultiplyLoops.BITS, ROWS, CODE_PARTS, Short.SIZE, PLACES,
                MultiplyFactors.GROUP_FACTORS * Integer.BYTES);
    }

    @Override
    public int priority() {
        return 200;
    }

    @Override
    public double nanosPerWeight() {
        return MultiplyLoops.BITS >= 256 ? 1 / 60.0 : 1 / 25.0;
    }

    @Override
    int code(byte[] trits, int first) {
        return TritCodes.twoBits(trits, first);
    }

    @Override
    boolean isBatch(int rows) {
        return MultiplyLoops.BITS < 512 && rows >= BatchProduct.LEAST_ROWS;
    }

    @Override
    Int8KernelActivations memoryForRows(QuantizedActivations activations, int rows) {
        return new MultiplyFactors(this, activations, rows);
    }

    @Override
    int lane(int row, int part) {
        return CODE_PARTS * row + part;
    }

    @Override
    boolean addsInMemory() {
        return true;
    }

    @Override
    int scratch(int weightRows) {
        return Math.ceilDiv(weightRows, ROWS) * ROWS * CODE_PARTS;
    }

    @Override
    void add(StripedWeights w, int stripe, int from, int to, Int8KernelActivations x, int row, int rows,
            short[] scratch, float[] sums, int o, int stride) {
        MultiplyFactors factors = (MultiplyFactors) x;
        int lanes = Math.ceilDiv(to - from, ROWS) * MultiplyLoops.LANES;
        int step = w.step(from);
        int distance = w.distance(stripe, from);
        int at = w.position(stripe, from);
        int group = w.firstGroup(stripe);
        int end = group + w.slots(stripe);
        while (group < end) {
            int some = factors.groupsThatFit(row, group, end - group);
            Arrays.fill(scratch, 0, 2 * lanes, (short) 0);
            MultiplyLoops.addSlots(w.packed(), at, step, distance, factors.factors(), factors.position(row, 1, group),
                    factors.position(row, 1, group + some), scratch, lanes);
            MultiplyLoops.flush(scratch, factors.start(row, group, some), sums, o, to - from);
            group += some;
            at += some * step;
        }
    }

    @Override
    public void positions(int vectors, short[] w, int at, int distance, short[] positions, int quartet, int row) {
        BatchTables.ofTwoBitCodes(w, at, distance, vectors * ROWS, positions, quartet, row);
    }

    @Override
    public int place(int row) {
        return 2 * (row % MultiplyLoops.ROWS) + row / MultiplyLoops.ROWS;
    }
}
