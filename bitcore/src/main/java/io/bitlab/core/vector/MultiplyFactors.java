package io.bitlab.core.vector;

import io.bitlab.core.memory.Workspace;
import io.bitlab.core.quant.QuantizedActivations;

/**
 * What the packed codes are multiplied with.
 *
 * <p>A lane holds eight codes {@code c[j] = trit + 1} of two bits. Shifted right by 2j it is {@code c[j]} plus 4 times
 * what it is shifted by 2(j + 1). So no mask is needed to get at a code: with {@code f[j] = a[j] - 4 a[j - 1]}, where
 * {@code a[-1] = a[8] = 0},
 *
 * <pre>sum of (lane >>> 2j) * f[j] over j = 0..8  =  sum of c[j] * a[j]  =  sum of trit[j] * a[j]  +  sum of a[j]</pre>
 *
 * <p>modulo 2^16. The ninth term would be 0; with it, the equation holds as well if the shifts are those of 32-bit
 * lanes, in which the codes of the upper half follow those of the lower, and which are faster (C2 shifts 16-bit lanes
 * by a count in a register only). As the sum of trit times a fits in 16 bits, it is found exactly by starting at minus
 * the sum of a, whatever overflows on the way.
 *
 * <p>The order is {@code [column][row of the quad]}, quad after quad; a single row is like a quad of one. Columns
 * beyond the last are activations of 0.
 */
final class MultiplyFactors extends Int8KernelActivations {

    /** Columns in a 16-bit lane. */
    static final int GROUP_COLUMNS = 8;

    /** One for each column, and one more. */
    static final int GROUP_FACTORS = GROUP_COLUMNS + 1;

    /** Narrow vectors come in sixteens, too few for a tile of quads: 29 G/s at 256 bits, and 50 row by row. */
    private static final boolean QUADS = MultiplyTiles.BITS >= 512;

    private final short[] factors;
    private final int[] sums; // for each row, of the activations before each group, and of all

    MultiplyFactors(Int8Kernel kernel, QuantizedActivations activations, int most) {
        super(kernel, activations, GROUP_COLUMNS, QUADS);
        factors = Workspace.shorts(Math.multiplyExact(most, groups() * GROUP_FACTORS));
        sums = Workspace.ints(most * (groups() + 1));
    }

    @Override
    int columnsPerNano() {
        return 1;
    }

    @Override
    void fill(int from, int to) {
        byte[] last = Workspace.bytes(GROUP_COLUMNS);
        int whole = columns() / GROUP_COLUMNS;
        for (int row = from; row < to; row++) {
            int quad = together(row);
            int at = position(row / quad * quad, quad, 0) + row % quad;
            int sumsAt = row * (groups() + 1);
            sums[sumsAt] = 0;
            fillGroups(values(), valuesAt(row), whole, at, quad, sumsAt);
            if (whole < groups()) {
                for (int j = 0; j < GROUP_COLUMNS; j++) {
                    int column = whole * GROUP_COLUMNS + j;
                    last[j] = column < columns() ? values()[valuesAt(row) + column] : 0;
                }
                fillGroups(last, 0, 1, at + whole * GROUP_FACTORS * quad, quad, sumsAt + whole);
            }
        }
    }

    private void fillGroups(byte[] values, int from, int groups, int at, int step, int sumsAt) {
        int sum = sums[sumsAt];
        for (int g = 0; g < groups; g++) {
            int before = 0;
            for (int j = 0; j < GROUP_COLUMNS; j++) {
                int value = values[from + g * GROUP_COLUMNS + j];
                factors[at + (g * GROUP_FACTORS + j) * step] = (short) (value - 4 * before);
                before = value;
                sum += value;
            }
            factors[at + (g * GROUP_FACTORS + GROUP_COLUMNS) * step] = (short) (-4 * before);
            sums[sumsAt + g + 1] = sum;
        }
    }

    short[] factors() {
        return factors;
    }

    /** Where the factors of a group of columns begin, for a single row or the quad that begins with a row. */
    int position(int row, int rows, int group) {
        return (row * groups() + group * rows) * GROUP_FACTORS;
    }

    /** Minus the sum of a row's activations in some groups, modulo 2^16: what a lane begins with. */
    short start(int row, int group, int groups) {
        int at = row * (groups() + 1) + group;
        return (short) (sums[at] - sums[at + groups]);
    }
}
