package io.bitlab.core.vector;

import io.bitlab.core.memory.Workspace;
import io.bitlab.core.parallel.Parallel;
import io.bitlab.core.quant.QuantizedActivations;
import java.util.Arrays;

/**
 * Activations for {@link BatchTables}: tiles of {@value #TILE_ROWS} rows, whose values of a column are adjacent. The
 * order is {@code [tile][column][row of the tile]}. Columns beyond the last, and rows that fill up the last tile, are
 * 0. A few rows at the end, for which a tile would not be worth it, are held apart.
 */
final class TransposedActivations extends Int8KernelActivations {

    /** Rows of a tile: a vector of 256 bits, or two of 128. */
    static final int TILE_ROWS = 16;

    /** As many rows one by one take as long as a further tile. */
    private static final int LEAST_TILE_ROWS = 7;

    /** Columns that are transposed at a time, so that a first-level cache holds them. */
    private static final int BLOCK = 64;

    /** Weight rows for which tables are worth making. */
    private static final int LEAST_PART_ROWS = 256;

    private final int tileValues; // of a tile
    private final short[] values;
    private final Int8KernelActivations rest;

    TransposedActivations(Int8Kernel kernel, QuantizedActivations activations, int most) {
        super(kernel, activations, BatchTables.QUARTET_COLUMNS, BatchTables.QUARTET_COLUMNS, 1);
        tileValues = tileValues(activations.columns());
        values = Workspace.shorts(Math.multiplyExact(Math.ceilDiv(most - apart(most), TILE_ROWS), tileValues));
        rest = kernel.memoryForRows(activations, Math.max(apart(most), apart(activations.rows() % most)));
    }

    /** With the columns after the last group that a product reads along with it. */
    private static int tileValues(int columns) {
        return (columns + 2 * BatchTables.COLUMNS) * TILE_ROWS;
    }

    /** Memory of tiles with so many rows. */
    static long tileBytes(int rows, int columns) {
        return (long) Math.ceilDiv(rows, TILE_ROWS) * tileValues(columns) * Short.BYTES;
    }

    /** Of so many rows, those at the end that are held apart. */
    static int apart(int rows) {
        int last = rows % TILE_ROWS;
        return last < LEAST_TILE_ROWS ? last : 0;
    }

    @Override
    void hold(int firstRow, int rows, Parallel threads) {
        int tiled = rows - apart(rows);
        super.hold(firstRow, tiled, threads);
        rest.hold(firstRow + tiled, rows - tiled, threads);
    }

    /** The rows that are held apart, which {@link #heldRows} does not count. */
    Int8KernelActivations rest() {
        return rest;
    }

    @Override
    public int leastPartRows() {
        return LEAST_PART_ROWS;
    }

    @Override
    int columnsPerNano() {
        return 2;
    }

    @Override
    void fill(int from, int to) {
        int end = to < heldRows() ? to : tiles() * TILE_ROWS;
        for (int first = 0; first < columns(); first += BLOCK) {
            int last = Math.min(columns(), first + BLOCK);
            for (int row = from; row < to; row++) {
                int x = valuesAt(row);
                int at = valueAt(row, 0);
                for (int c = first; c < last; c++) {
                    values[at + c * TILE_ROWS] = values()[x + c];
                }
            }
            for (int row = to; row < end; row++) {
                for (int c = first; c < last; c++) {
                    values[valueAt(row, c)] = 0;
                }
            }
        }
        for (int tile = from / TILE_ROWS; tile * TILE_ROWS < end; tile++) {
            Arrays.fill(values, at(tile, columns()), (tile + 1) * tileValues, (short) 0);
        }
    }

    private int valueAt(int row, int column) {
        return at(row / TILE_ROWS, column) + row % TILE_ROWS;
    }

    int tiles() {
        return Math.ceilDiv(heldRows(), TILE_ROWS);
    }

    /** Index of the first row's value of a column. */
    int at(int tile, int column) {
        return tile * tileValues + column * TILE_ROWS;
    }

    short[] transposed() {
        return values;
    }
}
