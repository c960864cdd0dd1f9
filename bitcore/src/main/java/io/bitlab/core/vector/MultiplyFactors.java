package io.bitlab.core.vector;

import io.bitlab.core.memory.Workspace;
import io.bitlab.core.quant.QuantizedActivations;

/**
 * The factors of the packed codes of a {@link MultiplyKernel}.
 *
 * <p>A lane holds eight codes {@code c[j] = trit + 1} of two bits. Shifted right by 2j, it equals {@code c[j]} plus 4
 * times the lane shifted by 2(j + 1). So codes need no mask: with {@code f[j] = a[j] - 4 a[j - 1]}, where {@code a[-1]
 * = a[8] = 0},
 *
 * <pre>sum of (lane >>> 2j) * f[j] over j = 0..8  =  sum of c[j] * a[j]  =  sum of trit[j] * a[j]  +  sum of a[j]</pre>
 *
 * <p>modulo 2^16. With shifts of 16-bit lanes the ninth term is 0. With it the equation also holds for shifts of 32-bit
 * lanes, where the codes of the upper half follow those of the lower, and which are faster (C2 shifts 16-bit lanes only
 * by a count in a register). The sum of trit times a fits in 16 bits, so starting at minus the sum of a gives it
 * exactly, even if intermediate sums overflow.
 *
 * <p>The order is {@code [column][row of the quad]}, quad after quad; a single row is like a quad of one. Columns
 * beyond the last are activations of 0.
 */
final class MultiplyFactors extends Int8KernelActivations {

    /** Columns in a 16-bit lane. */
    static final int GROUP_COLUMNS = 8;

    /** One factor for each column, and one more. */
    static final int GROUP_FACTORS = GROUP_COLUMNS + 1;

    /** With 16 vector registers, tiles of quads spill: 29 G products/s at 256 bits, against 50 row by row. */
    private static final int TOGETHER = MultiplyTiles.BITS >= 512 ? QUAD : 1;

    private final short[] factors;
    private final int[] sums; // for each row, the sums of the activations before each group, and of all

    MultiplyFactors(Int8Kernel kernel, QuantizedActivations activations, int most) {
        super(kernel, activations, GROUP_COLUMNS, GROUP_FACTORS, TOGETHER);
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

    /** Minus the sum of a row's activations in some groups, modulo 2^16: the initial value of a lane. */
    short start(int row, int group, int groups) {
        int at = row * (groups() + 1) + group;
        return (short) (sums[at] - sums[at + groups]);
    }
}
