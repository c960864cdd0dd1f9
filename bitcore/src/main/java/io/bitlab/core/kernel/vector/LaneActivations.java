package io.bitlab.core.kernel.vector;

import io.bitlab.core.kernel.PreparedActivations;
import io.bitlab.core.memory.Workspace;
import io.bitlab.core.parallel.Parallel;
import io.bitlab.core.quant.QuantizedActivations;
import java.util.Arrays;
import java.util.function.Supplier;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/**
 * Int8 activations prepared for weights with rows in lanes: most rows in quads, which the kernels read interleaved, and
 * single ones behind them.
 *
 * <p>Kernels add in 16 bits, so they must flush before the sum of {@code abs(a)} passes 32,767. Of any values a stretch
 * of {@link #EXACT_COLUMNS} columns is safe. Real activations are mostly small next to their maximum, so their sums
 * decide how many stretches go together.
 *
 * <p>What the kernels read is filled in at once for a small batch. That of a large one would have left the caches
 * before it is read; so each slice of rows is filled in when it is first needed, by the thread that needs it.
 */
abstract class LaneActivations implements PreparedActivations {

    /** Rows that are multiplied together. */
    static final int QUAD = 4;

    /** 127 times as many columns is the most that 16 bits hold. */
    static final int EXACT_COLUMNS = Short.MAX_VALUE / 127;

    /** Quads share their weights, and so where they flush; of this many stretches the weights stay in a cache. */
    private static final int QUAD_STRETCHES = 4;

    private static final VectorSpecies<Short> SHORTS = ShortVector.SPECIES_PREFERRED;
    private static final VectorSpecies<Byte> BYTES =
            VectorSpecies.of(byte.class, VectorShape.forBitSize(SHORTS.vectorBitSize() / 2));

    private final QuantizedActivations activations;
    private final int groupColumns;
    private final boolean quads;
    private final int stretches;
    private final int[] sums; // scratch
    private final int[] ends; // [quads, then each single row][stretch]: the group before which a flush must follow

    private LaneActivations[] copies = {}; // for the threads from 1 on

    private int firstRow;
    private int rows;
    private int quadRows;

    /**
     * Takes memory; {@link #hold} must follow.
     *
     * @param most how many rows are held at a time
     * @param groupColumns columns in a 16-bit lane of weights
     * @param quads whether there are any; if not, all rows are single ones
     */
    LaneActivations(QuantizedActivations activations, int most, int groupColumns, boolean quads) {
        this.activations = activations;
        this.groupColumns = groupColumns;
        this.quads = quads;
        stretches = Math.ceilDiv(groups(), exactGroups());
        sums = Workspace.ints(2 * most);
        ends = Workspace.ints((1 + (quads ? Math.min(most, QUAD - 1) : most)) * stretches);
    }

    /** Prepares some rows of the activations on these threads, in place of those that were held before. */
    final void hold(int firstRow, int rows, Parallel threads) {
        this.firstRow = firstRow;
        this.rows = rows;
        quadRows = quads ? rows / QUAD * QUAD : 0;
        if (quadRows > 0) {
            findEnds(0, quadRows, QUAD_STRETCHES, 0);
        }
        for (int row = quadRows; row < rows; row++) {
            findEnds(row, 1, stretches, (1 + row - quadRows) * stretches);
        }
        long nanos = (long) rows * columns() / columnsPerNano();
        threads.forRange(rows, QUAD, nanos, this::fill);
    }

    /** Takes memory for other threads' copies, each of which is filled when its thread first asks for it. */
    final void allowCopies(int count, Supplier<LaneActivations> memory) {
        copies = new LaneActivations[count];
        Arrays.setAll(copies, i -> memory.get());
    }

    @Override
    public final PreparedActivations forThread(int thread) {
        if (thread == 0 || thread > copies.length) {
            return this;
        }
        LaneActivations copy = copies[thread - 1];
        synchronized (copy) { // a thread of another pool may have the same number
            if (copy.rows == 0) {
                copy.hold(firstRow, rows, Parallel.sequential());
            }
        }
        return copy;
    }

    /** From the first stretch on, as many together as no row's sum forbids. */
    private void findEnds(int row, int count, int most, int at) {
        int stretchColumns = exactGroups() * groupColumns;
        int first = 0;
        Arrays.fill(sums, 0, count, 0);
        for (int i = 0; i < stretches; i++) {
            int from = i * stretchColumns;
            int columns = Math.min(stretchColumns, columns() - from);
            int largest = 0;
            for (int r = 0; r < count; r++) {
                int next = absoluteSum(activations.values(), valuesAt(row + r) + from, columns);
                sums[count + r] = next;
                sums[r] += next;
                largest = Math.max(largest, sums[r]);
            }
            if (largest > Short.MAX_VALUE || i - first == most) {
                ends[at + first] = i * exactGroups();
                first = i;
                System.arraycopy(sums, count, sums, 0, count);
            }
        }
        ends[at + first] = groups();
    }

    /** Of at most {@link #EXACT_COLUMNS} values, so that the lanes can't overflow. */
    private static int absoluteSum(byte[] values, int from, int count) {
        ShortVector sums = ShortVector.zero(SHORTS);
        int i = 0;
        for (; i <= count - BYTES.length(); i += BYTES.length()) {
            ShortVector next = (ShortVector) ByteVector.fromArray(BYTES, values, from + i)
                    .convertShape(VectorOperators.B2S, SHORTS, 0);
            sums = sums.add(next.lanewise(VectorOperators.ABS));
        }
        int sum = sums.reduceLanes(VectorOperators.ADD);
        for (; i < count; i++) {
            sum += Math.abs(values[from + i]);
        }
        return sum;
    }

    /** Fills in what the kernel reads for some of the rows that are held; from a multiple of {@link #QUAD} on. */
    abstract void fill(int from, int to);

    /** How many columns a nanosecond are filled in. */
    abstract int columnsPerNano();

    /** All values; those of a row that is held begin at {@link #valuesAt}. */
    final byte[] values() {
        return activations.values();
    }

    final int valuesAt(int row) {
        return (firstRow + row) * columns();
    }

    /** The scale of a row that is held. */
    final float scale(int row) {
        return activations.scale(firstRow + row);
    }

    /** Of the rows that are held, the first one's index in the batch. */
    final int firstRow() {
        return firstRow;
    }

    @Override
    public final int rows() {
        return rows;
    }

    @Override
    public final int columns() {
        return activations.columns();
    }

    /** Rows that stand in quads: those before this one. */
    final int quadRows() {
        return quadRows;
    }

    /** Groups of columns in a row. */
    final int groups() {
        return Math.ceilDiv(columns(), groupColumns);
    }

    /** Groups that can be added up in 16 bits whatever the values: a stretch. */
    final int exactGroups() {
        return EXACT_COLUMNS / groupColumns;
    }

    /** The group before which sums that began at the beginning of a stretch must be flushed, for all quads. */
    final int flushQuadsBefore(int group) {
        return ends[group / exactGroups()];
    }

    /** The group before which sums that began at the beginning of a stretch must be flushed, for a single row. */
    final int flushBefore(int row, int group) {
        return ends[(1 + row - quadRows) * stretches + group / exactGroups()];
    }
}
