package io.bitlab.core.vector;

import io.bitlab.core.memory.Workspace;
import io.bitlab.core.quant.QuantizedActivations;
import java.util.Arrays;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * The tables of signed sums of every three adjacent activations: entry {@code d0 + 3 d1 + 9 d2} is
 * {@code (d0 - 1) a0 + (d1 - 1) a1 + (d2 - 1) a2}.
 *
 * <p>The order is {@code [group of 9 columns][table of the group][row of the pair][entry]}, pair after pair; a single
 * row is like a pair of one. Columns beyond the last have arbitrary values: their weights are 0.
 */
final class LookupTables extends Int8KernelActivations {

    /** 27, rounded up to the range of 5-bit indices: the lanes of a vector. */
    static final int ENTRIES = 32;

    private static final int GROUP_COLUMNS = 9;
    private static final int GROUP_TABLES = 3;

    /** Entries of all tables of a group. */
    static final int GROUP_ENTRIES = GROUP_TABLES * ENTRIES;

    /** The tables of two rows are 11 KB a stripe, and stay in the first-level cache; those of four did not. */
    private static final int TOGETHER = 2;

    private static final VectorSpecies<Short> SHORTS = ShortVector.SPECIES_512;
    private static final VectorSpecies<Byte> BYTES = ByteVector.SPECIES_256;

    /** Lanes 0-8: the nine activations of a group. Lanes 9-17: their negatives. The other lanes: 0. */
    private static final short[] SPREAD = new short[ENTRIES];
    private static final short[] SIGNS = new short[ENTRIES];
    private static final int NEGATIVE = GROUP_COLUMNS;
    private static final int ZERO = 2 * GROUP_COLUMNS;

    /** For each column of a group, the one of these lanes that each entry of its table takes. */
    private static final short[] TAKEN = new short[GROUP_COLUMNS * ENTRIES];

    static {
        for (int i = 0; i < ZERO; i++) {
            SPREAD[i] = (short) (i % GROUP_COLUMNS);
            SIGNS[i] = (short) (i < NEGATIVE ? 1 : -1);
        }
        int[] powers = {1, 3, 9};
        for (int i = 0; i < TAKEN.length; i++) {
            int column = i / ENTRIES;
            int digit = i % ENTRIES / powers[column % GROUP_TABLES] % 3;
            TAKEN[i] = (short) (digit == 0 ? NEGATIVE + column : digit == 1 ? ZERO : column);
        }
    }

    private final short[] tables;

    LookupTables(Int8Kernel kernel, QuantizedActivations activations, int most) {
        super(kernel, activations, GROUP_COLUMNS, GROUP_ENTRIES, TOGETHER);
        tables = Workspace.shorts(Math.multiplyExact(most, groups() * GROUP_ENTRIES));
    }

    @Override
    int columnsPerNano() {
        return 2;
    }

    @Override
    void fill(int from, int to) {
        for (int row = from; row < to; row++) {
            int rows = together(row);
            int start = position(row / rows * rows, rows, 0) + row % rows * ENTRIES;
            fillRow(values(), valuesAt(row), start, rows);
        }
    }

    short[] tables() {
        return tables;
    }

    private void fillRow(byte[] values, int from, int at, int rows) {
        int safe = Math.clamp(Math.floorDiv(values.length - BYTES.length() - from, GROUP_COLUMNS) + 1, 0, groups());
        fillGroups(values, from, safe, tables, at, rows * ENTRIES);
        if (safe < groups()) {
            // The last loads would exceed the array: they read a padded copy.
            int rest = from + safe * GROUP_COLUMNS;
            byte[] padded = Workspace.bytes(2 * BYTES.length());
            Arrays.fill(padded, (byte) 0);
            System.arraycopy(values, rest, padded, 0, from + columns() - rest);
            fillGroups(padded, 0, groups() - safe, tables, at + safe * rows * GROUP_ENTRIES, rows * ENTRIES);
        }
    }

    /** One vector holds all nine activations; permutations distribute them. */
    private static void fillGroups(byte[] values, int from, int groups, short[] t, int at, int stride) {
        ShortVector spread = ShortVector.fromArray(SHORTS, SPREAD, 0);
        ShortVector signs = ShortVector.fromArray(SHORTS, SIGNS, 0);
        ShortVector k0 = ShortVector.fromArray(SHORTS, TAKEN, 0);
        ShortVector k1 = ShortVector.fromArray(SHORTS, TAKEN, ENTRIES);
        ShortVector k2 = ShortVector.fromArray(SHORTS, TAKEN, 2 * ENTRIES);
        ShortVector k3 = ShortVector.fromArray(SHORTS, TAKEN, 3 * ENTRIES);
        ShortVector k4 = ShortVector.fromArray(SHORTS, TAKEN, 4 * ENTRIES);
        ShortVector k5 = ShortVector.fromArray(SHORTS, TAKEN, 5 * ENTRIES);
        ShortVector k6 = ShortVector.fromArray(SHORTS, TAKEN, 6 * ENTRIES);
        ShortVector k7 = ShortVector.fromArray(SHORTS, TAKEN, 7 * ENTRIES);
        ShortVector k8 = ShortVector.fromArray(SHORTS, TAKEN, 8 * ENTRIES);
        for (int g = 0; g < groups; g++) {
            ShortVector nine = (ShortVector) ByteVector.fromArray(BYTES, values, from + g * GROUP_COLUMNS)
                    .convertShape(VectorOperators.B2S, SHORTS, 0);
            ShortVector v = spread.selectFrom(nine).mul(signs);
            int o = at + g * GROUP_TABLES * stride;
            k0.selectFrom(v).add(k1.selectFrom(v)).add(k2.selectFrom(v)).intoArray(t, o);
            k3.selectFrom(v).add(k4.selectFrom(v)).add(k5.selectFrom(v)).intoArray(t, o + stride);
            k6.selectFrom(v).add(k7.selectFrom(v)).add(k8.selectFrom(v)).intoArray(t, o + 2 * stride);
        }
    }
}
