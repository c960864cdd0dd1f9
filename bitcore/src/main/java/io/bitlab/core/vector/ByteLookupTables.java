package io.bitlab.core.vector;

import io.bitlab.core.memory.Workspace;
import io.bitlab.core.quant.QuantizedActivations;
import java.util.Arrays;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * Tables in bytes of the signed sums of every two adjacent activations. Entry {@code i = d0 + 3 d1} stands for
 * {@code s = (d0 - 1) a0 + (d1 - 1) a1}, from -254 to 254: one table has the quotients of {@code s + 264} by 23, a
 * second the remainders. Both are at most 22, so that eleven of them add up in a byte.
 *
 * <p>The order is {@code [group of 4 columns][row of the pair][first and second two columns][quotients, remainders]},
 * pair of rows after pair; a single row is like a pair of one. Columns beyond the last are 0.
 */
final class ByteLookupTables extends Int8KernelActivations {

    /** What a quotient counts. */
    static final short RADIX = 23;

    /** What the two lookups of a group add to a sum: 11 * 23 + 11 each, the middle of both tables. */
    static final int GROUP_BIAS = 2 * (11 * RADIX + 11);

    /** Columns of a group of weights. */
    static final int GROUP_COLUMNS = 4;

    private static final int PAIR_BYTES = 2 * ByteVector.SPECIES_128.length();

    /** Size of the tables of a group. */
    static final int GROUP_BYTES = 2 * PAIR_BYTES;

    private static final int TOGETHER = 2;

    /** For {@code s + 264 <= 518}: {@code (s + 264) / 23 = ((s + 264) * 89 + 22) / 2048}, without leaving 16 bits. */
    private static final short RECIPROCAL = 89;
    private static final short CORRECTION = 22;
    private static final int RECIPROCAL_BITS = 11;

    private static final VectorSpecies<Short> S = ShortVector.SPECIES_128;
    private static final VectorSpecies<Byte> HALF = ByteVector.SPECIES_64;

    /** The first eight entries' signs of both activations. The ninth entry is the first with the other sign. */
    private static final short[] FIRST = {-1, 0, 1, -1, 0, 1, -1, 0};
    private static final short[] SECOND = {-1, -1, -1, 0, 0, 0, 1, 1};
    private static final int LAST = 8;
    private static final int LARGEST = RADIX - 1;

    private final byte[] tables;

    ByteLookupTables(Int8Kernel kernel, QuantizedActivations activations, int most) {
        super(kernel, activations, GROUP_COLUMNS, GROUP_BYTES, TOGETHER);
        tables = Workspace.bytes(Math.multiplyExact(most, groups() * GROUP_BYTES));
    }

    @Override
    int columnsPerNano() {
        return 1;
    }

    @Override
    void fill(int from, int to) {
        int whole = columns() / GROUP_COLUMNS;
        for (int row = from; row < to; row++) {
            int rows = together(row);
            int at = position(row / rows * rows, rows, 0) + row % rows * GROUP_BYTES;
            fillGroups(values(), valuesAt(row), whole, tables, at, rows * GROUP_BYTES);
            if (whole < groups()) {
                int rest = valuesAt(row) + whole * GROUP_COLUMNS;
                byte[] padded = Arrays.copyOf(Arrays.copyOfRange(values(), rest, valuesAt(row) + columns()),
                        GROUP_COLUMNS);
                fillGroups(padded, 0, 1, tables, at + whole * rows * GROUP_BYTES, 0);
            }
        }
    }

    byte[] tables() {
        return tables;
    }

    private static void fillGroups(byte[] values, int from, int groups, byte[] t, int at, int stride) {
        ShortVector first = ShortVector.fromArray(S, FIRST, 0);
        ShortVector second = ShortVector.fromArray(S, SECOND, 0);
        for (int i = 0; i < 2 * groups; i++) {
            int k = from + 2 * i;
            int o = at + i / 2 * stride + i % 2 * PAIR_BYTES;
            ShortVector sum = first.mul(values[k]).add(second.mul(values[k + 1])).add((short) (GROUP_BIAS / 2));
            ShortVector quotient = sum.mul(RECIPROCAL).add(CORRECTION).lanewise(VectorOperators.LSHR, RECIPROCAL_BITS);
            ShortVector remainder = sum.sub(quotient.mul(RADIX));
            ((ByteVector) quotient.convertShape(VectorOperators.S2B, HALF, 0)).intoArray(t, o);
            ((ByteVector) remainder.convertShape(VectorOperators.S2B, HALF, 0)).intoArray(t, o + PAIR_BYTES / 2);
            t[o + LAST] = (byte) (LARGEST - t[o]);
            t[o + PAIR_BYTES / 2 + LAST] = (byte) (LARGEST - t[o + PAIR_BYTES / 2]);
        }
    }
}
