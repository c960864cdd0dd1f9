package io.bitlab.core.vector;

import static jdk.incubator.vector.VectorOperators.LSHR;
import static jdk.incubator.vector.VectorOperators.S2B;

import io.bitlab.core.memory.Workspace;
import io.bitlab.core.quant.QuantizedActivations;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Tables in bytes of the signed sums of every two adjacent activations, for the codes of a {@link ByteLookupKernel}.
 * Entry {@code i = d0 + 3 d1} stands for {@code s = (d0 - 1) a0 + (d1 - 1) a1}, from -254 to 254: one table has the
 * quotients of {@code s + 256} by 32, a second the remainders. Both are below 32, so that the eight of a group add up
 * in a byte.
 *
 * <p>The order is {@code [row][group][pair of columns][quotients, remainders]}. Columns beyond the last are 0.
 */
final class ByteLookupTables extends Int8KernelActivations {

    /** What a quotient counts. */
    static final short RADIX = 32;

    static final int RADIX_BITS = Integer.numberOfTrailingZeros(RADIX);

    /** Columns of a group. */
    static final int GROUP_COLUMNS = 16;

    /** Size of a table, of which nine bytes are in use. */
    static final int TABLE_BYTES = ByteVector.SPECIES_128.length();

    /** Size of the tables of a group. */
    static final int GROUP_BYTES = GROUP_COLUMNS * TABLE_BYTES;

    /** What the tables of two columns add to a sum. */
    private static final short BIAS = 256;

    /** What the tables of a group add to a sum. */
    static final int GROUP_BIAS = GROUP_COLUMNS / 2 * BIAS;

    private static final VectorSpecies<Short> S = ShortVector.SPECIES_128;
    private static final VectorSpecies<Byte> HALF = ByteVector.SPECIES_64;

    /** The first eight entries' signs of both activations. The ninth entry is the first with the other sign. */
    private static final short[] FIRST = {-1, 0, 1, -1, 0, 1, -1, 0};
    private static final short[] SECOND = {-1, -1, -1, 0, 0, 0, 1, 1};
    private static final int LAST = 8;

    private final byte[] tables;

    ByteLookupTables(Int8Kernel kernel, QuantizedActivations activations, int most) {
        super(kernel, activations, GROUP_COLUMNS, GROUP_BYTES, 1);
        tables = Workspace.bytes(Math.multiplyExact(most, groups() * GROUP_BYTES));
    }

    @Override
    int columnsPerNano() {
        return 1;
    }

    @Override
    void fill(int from, int to) {
        byte[] a = values();
        for (int row = from; row < to; row++) {
            int first = valuesAt(row);
            int o = position(row, 1, 0);
            for (int j = 0; j < groups() * GROUP_COLUMNS; j += 2, o += 2 * TABLE_BYTES) {
                int a0 = j < columns() ? a[first + j] : 0;
                int a1 = j + 1 < columns() ? a[first + j + 1] : 0;
                fillTables((short) a0, (short) a1, tables, o);
            }
        }
    }

    byte[] tables() {
        return tables;
    }

    private static void fillTables(short a0, short a1, byte[] t, int o) {
        ShortVector sums = ShortVector.fromArray(S, FIRST, 0).mul(a0)
                .add(ShortVector.fromArray(S, SECOND, 0).mul(a1)).add(BIAS);
        ((ByteVector) sums.lanewise(LSHR, RADIX_BITS).convertShape(S2B, HALF, 0)).intoArray(t, o);
        ((ByteVector) sums.and((short) (RADIX - 1)).convertShape(S2B, HALF, 0)).intoArray(t, o + TABLE_BYTES);
        int last = a0 + a1 + BIAS;
        t[o + LAST] = (byte) (last >>> RADIX_BITS);
        t[o + TABLE_BYTES + LAST] = (byte) (last & RADIX - 1);
    }
}
