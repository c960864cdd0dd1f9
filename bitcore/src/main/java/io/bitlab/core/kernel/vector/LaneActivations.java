package io.bitlab.core.kernel.vector;

import io.bitlab.core.kernel.PreparedActivations;
import io.bitlab.core.memory.Workspace;
import io.bitlab.core.quant.QuantizedActivations;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/**
 * Int8 activations prepared for weights with rows in lanes: most rows in quads, which the kernels read interleaved, and
 * up to 3 single ones behind them.
 *
 * <p>Kernels add in 16 bits, so they must flush before the sum of {@code abs(a)} passes 32,767. Of any values {@link
 * #EXACT_COLUMNS} columns are safe. Real activations are mostly small next to their maximum, so for single rows, where
 * a flush costs most, the sums decide how many such stretches go together.
 */
abstract class LaneActivations implements PreparedActivations {

    /** Rows that are multiplied together. */
    static final int QUAD = 4;

    /** 127 times as many columns is the most that 16 bits hold. */
    static final int EXACT_COLUMNS = Short.MAX_VALUE / 127;

    private static final VectorSpecies<Short> SHORTS = ShortVector.SPECIES_PREFERRED;
    private static final VectorSpecies<Byte> BYTES =
            VectorSpecies.of(byte.class, VectorShape.forBitSize(SHORTS.vectorBitSize() / 2));

    private final QuantizedActivations activations;
    private final int groupColumns;
    private final int stretches;
    private final int[] ends; // for each single row and stretch: the group before which a flush must follow

    LaneActivations(QuantizedActivations activations, int groupColumns) {
        this.activations = activations;
        this.groupColumns = groupColumns;
        stretches = Math.ceilDiv(groups(), exactGroups());
        ends = Workspace.ints((rows() - quadRows()) * stretches);
        for (int row = quadRows(); row < rows(); row++) {
            findEnds(row);
        }
    }

    /** As many stretches together as fit, from the first one on. */
    private void findEnds(int row) {
        int at = (row - quadRows()) * stretches;
        int stretchColumns = exactGroups() * groupColumns;
        int first = 0;
        int sum = 0;
        for (int i = 0; i < stretches; i++) {
            int from = i * stretchColumns;
            int next = absoluteSum(
                    activations.values(), row * columns() + from, Math.min(stretchColumns, columns() - from));
            if (sum + next > Short.MAX_VALUE) {
                ends[at + first] = i * exactGroups();
                first = i;
                sum = 0;
            }
            sum += next;
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

    QuantizedActivations activations() {
        return activations;
    }

    @Override
    public int rows() {
        return activations.rows();
    }

    @Override
    public int columns() {
        return activations.columns();
    }

    /** Rows that stand in quads: those before this one. */
    final int quadRows() {
        return rows() / QUAD * QUAD;
    }

    /** Groups of columns in a row. */
    final int groups() {
        return Math.ceilDiv(columns(), groupColumns);
    }

    /** Groups that can be added up in 16 bits whatever the values. */
    final int exactGroups() {
        return EXACT_COLUMNS / groupColumns;
    }

    /** The group before which a single row's sum that began at a group must be flushed. */
    final int flushBefore(int row, int group) {
        return ends[(row - quadRows()) * stretches + group / exactGroups()];
    }
}
