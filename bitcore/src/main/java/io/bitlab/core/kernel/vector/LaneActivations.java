package io.bitlab.core.kernel.vector;

import io.bitlab.core.kernel.PreparedActivations;
import io.bitlab.core.memory.Workspace;
import io.bitlab.core.parallel.Parallel;
import io.bitlab.core.quant.QuantizedActivations;
import java.util.Arrays;
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

    /** Rows that are filled in together. */
    static final int SLICE = 64;

    /** 127 times as many columns is the most that 16 bits hold. */
    static final int EXACT_COLUMNS = Short.MAX_VALUE / 127;

    /** Quads share their weights, and so where they flush; of this many stretches the weights stay in a cache. */
    private static final int QUAD_STRETCHES = 4;

    private static final VectorSpecies<Short> SHORTS = ShortVector.SPECIES_PREFERRED;
    private static final VectorSpecies<Byte> BYTES =
            VectorSpecies.of(byte.class, VectorShape.forBitSize(SHORTS.vectorBitSize() / 2));

    private final QuantizedActivations activations;
    private final int groupColumns;
    private final int quadRows;
    private final int stretches;
    private final boolean[] filled; // for each slice of a large batch; guarded by its monitor. Null: all is filled in
    private final int[] ends; // [quads, then each single row][stretch]: the group before which a flush must follow

    /**
     * Finds where to flush.
     *
     * @param groupColumns columns in a 16-bit lane of weights
     * @param quads whether there are any; if not, all rows are single ones
     */
    LaneActivations(QuantizedActivations activations, int groupColumns, boolean quads) {
        this.activations = activations;
        this.groupColumns = groupColumns;
        quadRows = quads ? activations.rows() / QUAD * QUAD : 0;
        filled = rows() <= SLICE ? null : new boolean[Math.ceilDiv(rows(), SLICE)];
        stretches = Math.ceilDiv(groups(), exactGroups());
        ends = Workspace.ints((1 + rows() - quadRows) * stretches);
        int[] sums = Workspace.ints(2 * rows());
        if (quadRows > 0) {
            findEnds(0, quadRows, QUAD_STRETCHES, 0, sums);
        }
        for (int row = quadRows; row < rows(); row++) {
            findEnds(row, 1, stretches, (1 + row - quadRows) * stretches, sums);
        }
    }

    /** From the first stretch on, as many together as no row's sum forbids. */
    private void findEnds(int row, int rows, int most, int at, int[] sums) {
        int stretchColumns = exactGroups() * groupColumns;
        int first = 0;
        Arrays.fill(sums, 0, rows, 0);
        for (int i = 0; i < stretches; i++) {
            int from = i * stretchColumns;
            int count = Math.min(stretchColumns, columns() - from);
            int largest = 0;
            for (int r = 0; r < rows; r++) {
                int next = absoluteSum(activations.values(), (row + r) * columns() + from, count);
                sums[rows + r] = next;
                sums[r] += next;
                largest = Math.max(largest, sums[r]);
            }
            if (largest > Short.MAX_VALUE || i - first == most) {
                ends[at + first] = i * exactGroups();
                first = i;
                System.arraycopy(sums, rows, sums, 0, rows);
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

    /** Fills in what the kernel reads for some rows. */
    abstract void fill(int from, int to);

    /** What the constructor of a subclass ends with: fills in a small batch, on all threads if it is worth it. */
    final void fillSmall(int columnsPerNano) {
        if (filled == null) {
            Parallel.current().forRange(rows(), QUAD, (long) rows() * columns() / columnsPerNano, this::fill);
        }
    }

    /** Called before a slice of rows is read. */
    final void require(int slice) {
        if (filled == null) {
            return;
        }
        synchronized (filled) {
            if (!filled[slice]) {
                fill(slice * SLICE, Math.min(rows(), slice * SLICE + SLICE));
                filled[slice] = true;
            }
        }
    }

    final QuantizedActivations activations() {
        return activations;
    }

    @Override
    public final int rows() {
        return activations.rows();
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
