package io.bitlab.core.vector;

import io.bitlab.core.memory.Workspace;
import io.bitlab.core.quant.QuantizedActivations;

/**
 * Activations for weights that are unpacked. An int holds an activation twice, because 32 bits from memory are spread
 * over the lanes of a vector at once, and 16 bits are not. The order is {@code [column][row of the quad]}, quad after
 * quad; a single row is like a quad of one. Columns beyond the last are 0.
 */
final class QuadActivations extends Int8KernelActivations {

    private static final int GROUP_COLUMNS = MultiplyFactors.GROUP_COLUMNS;

    private final int[] factors;

    QuadActivations(Int8Kernel kernel, QuantizedActivations activations, int most) {
        super(kernel, activations, GROUP_COLUMNS, GROUP_COLUMNS, QUAD);
        factors = Workspace.ints(Math.multiplyExact(most, groups() * GROUP_COLUMNS));
    }

    @Override
    boolean tileByTile() {
        return true;
    }

    @Override
    int columnsPerNano() {
        return 2;
    }

    @Override
    void fill(int from, int to) {
        byte[] values = values();
        int padded = groups() * GROUP_COLUMNS;
        for (int row = from; row < to; row++) {
            int quad = together(row);
            int at = position(row / quad * quad, quad, 0) + row % quad;
            int start = valuesAt(row);
            for (int c = 0; c < columns(); c++) {
                factors[at + c * quad] = (values[start + c] & 0xffff) * 0x10001;
            }
            for (int c = columns(); c < padded; c++) {
                factors[at + c * quad] = 0;
            }
        }
    }

    int[] factors() {
        return factors;
    }
}
