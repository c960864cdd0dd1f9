package io.bitlab.core.embedding;

import io.bitlab.core.internal.MatrixShape;
import io.bitlab.core.math.FloatMath;
import io.bitlab.core.parallel.Parallel;
import io.bitlab.core.platform.VectorPlatform;
import io.bitlab.core.quant.loops.QuantizerLoops;

/**
 * A float matrix {@code [rows, columns]} that no longer changes, in the memory that a {@link EmbeddingFormat} takes:
 * the embedding and the output head of a language model, which are not ternary.
 *
 * <p>Products are taken with float activations: {@code y[n, r] = sum_c(x[n, c] * value(r, c))}, one chain over the
 * columns, ascending. For NF4, the products of {@value EmbeddingLoops#GROUP} columns that share a scale are rounded to
 * whole numbers of 16 bits, added, and a chain goes over these sums (a relative error of about 0.001, where NF4 itself
 * has 0.1). So the bits don't depend on vectors, threads or how many rows of activations there are.
 *
 * <p>Rows stand in blocks of {@value EmbeddingLoops#ROWS}, column by column, so that a product reads the table in one
 * stream.
 *
 * <p><b>Thread safety:</b> immutable once {@link Builder#build built}.
 */
public final class EmbeddingTable {

    private static final EmbeddingLoops LOOPS =
            VectorPlatform.current().counterpartOf(EmbeddingLoops.class).orElseGet(EmbeddingLoops.Scalar::new);
    private static final int BLOCK = EmbeddingLoops.ROWS;
    private static final int GROUP = EmbeddingLoops.GROUP;
    private static final double VALUES_PER_NANO = 20;

    private final EmbeddingFormat format;
    private final int rows;
    private final int columns;
    private final float[] floats; // row-major
    private final short[] halves; // [block, column, BLOCK]
    private final byte[] bytes; // [block, column, BLOCK], and EmbeddingLoops.BYTES_BEHIND more
    private final float[] scales; // of INT8: [block, BLOCK]
    private final Nf4Table nf4;

    private EmbeddingTable(EmbeddingFormat format, int rows, int columns) {
        if (rows < 1 || columns < 1) {
            throw new IllegalArgumentException("WeightTable: " + rows + " x " + columns + ", expected at least 1 x 1");
        }
        this.format = format.requireInMemory("EmbeddingTable");
        this.rows = rows;
        this.columns = columns;
        int blocks = Math.ceilDiv(rows, BLOCK);
        floats = format == EmbeddingFormat.FLOAT32 ? new float[Math.multiplyExact(rows, columns)] : null;
        halves = format == EmbeddingFormat.BFLOAT16 ? new short[values(blocks, columns)] : null;
        bytes = format == EmbeddingFormat.INT8 ? new byte[values(blocks, columns) + EmbeddingLoops.BYTES_BEHIND] : null;
        scales = format == EmbeddingFormat.INT8 ? new float[blocks * BLOCK] : null;
        nf4 = format == EmbeddingFormat.NF4 ? new Nf4Table(LOOPS, rows, columns) : null;
    }

    private static int values(int blocks, int each) {
        return Math.multiplyExact(Math.multiplyExact(blocks, BLOCK), each);
    }

    /**
     * A table of values.
     *
     * @param format how to keep them
     * @param values {@code [rows, columns]}, row-major; not modified
     * @param rows how many rows
     * @param columns how many columns
     * @return the table
     * @throws IllegalArgumentException if a value is NaN or infinite and the format has whole numbers
     */
    public static EmbeddingTable of(EmbeddingFormat format, float[] values, int rows, int columns) {
        MatrixShape.check("WeightTable", rows, columns, values.length);
        Builder builder = new Builder(format, rows, columns);
        Parallel.current().forRange(rows, BLOCK, (long) rows * columns * 2, (from, to) -> {
            for (int row = from; row < to; row++) {
                builder.put(row, values, row * columns);
            }
        });
        return builder.build();
    }

    /**
     * Fills a table row by row, so that the floats need never be there all at once. Several threads may put rows of
     * different blocks of {@value EmbeddingLoops#ROWS}.
     */
    public static final class Builder {
        private final EmbeddingTable table;

        /**
         * A table of zeros.
         *
         * @param format how to keep the values
         * @param rows how many rows
         * @param columns how many columns
         */
        public Builder(EmbeddingFormat format, int rows, int columns) {
            table = new EmbeddingTable(format, rows, columns);
        }

        /**
         * Rounds a row and puts it in its place.
         *
         * @param row which
         * @param values its values, from {@code at}; not modified
         * @param at index of the first
         * @throws IllegalArgumentException if a value is NaN or infinite and the format has whole numbers
         * @throws IndexOutOfBoundsException if there is no such row, or there are not enough values
         */
        public void put(int row, float[] values, int at) {
            MatrixShape.checkRow("WeightTable.put", row, table.rows);
            MatrixShape.checkRoom("WeightTable.put", at, table.columns, values.length);
            table.put(row, values, at);
        }

        /**
         * Puts a row as {@link EmbeddingTable#codes} gives it.
         *
         * @param row which
         * @param codes INT8: one value a byte; NF4: two a byte, the first in the lower half
         * @param rowScales INT8: one; NF4: one for every 64 columns
         * @throws IllegalArgumentException if a length or a scale is wrong
         * @throws IllegalStateException if the format has no codes
         * @throws IndexOutOfBoundsException if there is no such row
         */
        public void putCodes(int row, byte[] codes, float[] rowScales) {
            MatrixShape.checkRow("WeightTable.putCodes", row, table.rows);
            table.putCodes(row, codes, rowScales);
        }

        /**
         * The table.
         *
         * @return the table; nothing may be put any more
         */
        public EmbeddingTable build() {
            return table;
        }
    }

    // ---------------------------------------------------------------- filling

    private void put(int row, float[] values, int at) {
        switch (format) {
            case FLOAT16 -> throw new IllegalStateException();
            case FLOAT32 -> System.arraycopy(values, at, floats, row * columns, columns);
            case BFLOAT16 -> {
                for (int c = 0; c < columns; c++) {
                    halves[place(row, c)] = bfloat16(values[at + c]);
                }
            }
            case INT8 -> {
                float max = absMax(row, values, at, columns);
                scales[row] = max / 127;
                for (int c = 0; c < columns; c++) {
                    bytes[place(row, c)] = max == 0f ? 0 : (byte) Math.rint(values[at + c] * (127 / max));
                }
            }
            case NF4 -> {
                for (int g = 0; g < nf4.groups(); g++) {
                    int from = g * GROUP;
                    int to = Math.min(columns, from + GROUP);
                    float max = absMax(row, values, at + from, to - from);
                    nf4.setScale(row, g, max);
                    for (int c = from; c < to; c++) {
                        nf4.setCode(row, c, Nf4Table.nearestLevel(max == 0f ? 0f : values[at + c] / max));
                    }
                }
            }
        }
    }

    private float absMax(int row, float[] values, int at, int length) {
        float max = QuantizerLoops.get().absMax(values, at, at + length);
        if (!(max <= Float.MAX_VALUE)) {
            throw new IllegalArgumentException("WeightTable: row " + row + " has NaN or an infinite value, which "
                    + format.jsonName() + " cannot represent; keep the table as float32, or train again");
        }
        return max;
    }

    /** Where (row, column) stands in blocks of rows. */
    private int place(int row, int column) {
        return row / BLOCK * BLOCK * columns + column * BLOCK + row % BLOCK;
    }

    /**
     * Rounds to the upper half of a float, half to even; NaN stays NaN.
     *
     * @param x any float
     * @return its upper 16 bits
     */
    public static short bfloat16(float x) {
        int bits = Float.floatToRawIntBits(x);
        if (Float.isNaN(x)) {
            return (short) (bits >>> 16 | 0x40);
        }
        return (short) (bits + 0x7FFF + (bits >>> 16 & 1) >>> 16);
    }

    private void putCodes(int row, byte[] codes, float[] rowScales) {
        requireCodes();
        requireLengths(row, codes, rowScales);
        for (float scale : rowScales) {
            if (!(scale >= 0f && scale <= Float.MAX_VALUE)) {
                throw new IllegalArgumentException("WeightTable: row " + row + " has the scale " + scale
                        + ", expected a finite number that is not negative");
            }
        }
        if (format == EmbeddingFormat.INT8) {
            scales[row] = rowScales[0];
            for (int c = 0; c < columns; c++) {
                bytes[place(row, c)] = codes[c];
            }
        } else {
            nf4.setRow(row, codes, rowScales);
        }
    }

    private void requireLengths(int row, byte[] codes, float[] rowScales) {
        if (codes.length != codeBytes() || rowScales.length != scalesOfRow()) {
            throw new IllegalArgumentException("WeightTable: row " + row + " has " + codes.length + " bytes and "
                    + rowScales.length + " scales, expected " + codeBytes() + " and " + scalesOfRow());
        }
    }

    private void requireCodes() {
        if (scales == null && nf4 == null) {
            throw new IllegalStateException("WeightTable: " + format.jsonName() + " has no codes; use the values");
        }
    }

    // ---------------------------------------------------------------- looking

    /**
     * How the values are kept.
     *
     * @return the format
     */
    public EmbeddingFormat format() {
        return format;
    }

    /**
     * How many rows there are.
     *
     * @return at least 1
     */
    public int rows() {
        return rows;
    }

    /**
     * How many columns there are.
     *
     * @return at least 1
     */
    public int columns() {
        return columns;
    }

    /**
     * The memory of this table.
     *
     * @return bytes, with padding and scales
     */
    public long bytes() {
        return switch (format) {
            case FLOAT32 -> (long) floats.length * Float.BYTES;
            case BFLOAT16 -> (long) halves.length * Short.BYTES;
            case INT8 -> bytes.length - EmbeddingLoops.BYTES_BEHIND + (long) scales.length * Float.BYTES;
            case NF4 -> nf4.bytes();
            case FLOAT16 -> throw new IllegalStateException();
        };
    }

    /**
     * Copies a row.
     *
     * @param row which, from 0
     * @param values gets the row's values; modified from {@code at}
     * @param at index of the first
     * @throws IndexOutOfBoundsException if there is no such row, or no room for it
     */
    public void row(int row, float[] values, int at) {
        MatrixShape.checkRow("WeightTable.row", row, rows);
        MatrixShape.checkRoom("WeightTable.row", at, columns, values.length);
        switch (format) {
            case FLOAT16 -> throw new IllegalStateException();
            case FLOAT32 -> System.arraycopy(floats, row * columns, values, at, columns);
            case BFLOAT16 -> {
                for (int c = 0; c < columns; c++) {
                    values[at + c] = Float.intBitsToFloat(halves[place(row, c)] << 16);
                }
            }
            case INT8 -> {
                for (int c = 0; c < columns; c++) {
                    values[at + c] = bytes[place(row, c)] * scales[row];
                }
            }
            case NF4 -> {
                for (int c = 0; c < columns; c++) {
                    values[at + c] = nf4.value(row, c);
                }
            }
        }
    }

    /**
     * How many bytes {@link #codes} needs.
     *
     * @return bytes of one row
     */
    public int codeBytes() {
        requireCodes();
        return format == EmbeddingFormat.INT8 ? columns : Math.ceilDiv(columns, 2);
    }

    /**
     * How many scales a row has.
     *
     * @return 1 for INT8, one for every 64 columns for NF4
     */
    public int scalesOfRow() {
        requireCodes();
        return format == EmbeddingFormat.INT8 ? 1 : nf4.groups();
    }

    /**
     * The codes and scales of a row of INT8 or NF4, for a file.
     *
     * @param row which, from 0
     * @param codes {@link #codeBytes} bytes; overwritten
     * @param rowScales {@link #scalesOfRow} scales; overwritten
     * @throws IllegalStateException if the format has no codes
     * @throws IllegalArgumentException if a length is wrong
     * @throws IndexOutOfBoundsException if there is no such row
     */
    public void codes(int row, byte[] codes, float[] rowScales) {
        requireCodes();
        MatrixShape.checkRow("WeightTable.codes", row, rows);
        requireLengths(row, codes, rowScales);
        if (format == EmbeddingFormat.INT8) {
            rowScales[0] = scales[row];
            for (int c = 0; c < columns; c++) {
                codes[c] = bytes[place(row, c)];
            }
        } else {
            nf4.copyRow(row, codes, rowScales);
        }
    }

    // ---------------------------------------------------------------- computing

    /**
     * Multiplies rows of activations with the table, on the threads of {@link Parallel#current()}.
     *
     * @param x {@code [n, columns]}, row-major; not modified
     * @param n rows of activations
     * @param y {@code [n, rows]}, row-major; overwritten
     * @throws IndexOutOfBoundsException if n is negative, or an array too short
     */
    public void multiply(float[] x, int n, float[] y) {
        MatrixShape.checkRoom("WeightTable.multiply", 0, (long) n * columns, x.length);
        MatrixShape.checkRoom("WeightTable.multiply", 0, (long) n * rows, y.length);
        switch (format) {
            case FLOAT16 -> throw new IllegalStateException();
            case FLOAT32 -> FloatMath.get().gemmTransposedB(n, rows, columns, x, 0, floats, 0, y, 0, false);
            case NF4 -> nf4.multiply(x, n, y);
            case BFLOAT16, INT8 -> multiplyBlocks(x, n, y);
        }
    }

    private void multiplyBlocks(float[] x, int n, float[] y) {
        Parallel.current().forRange(rows, BLOCK, (long) ((double) n * rows * columns / VALUES_PER_NANO),
                (from, to) -> {
                    float[] sums = new float[BLOCK];
                    for (int first = from; first < to; first += BLOCK) {
                        for (int i = 0; i < n; i++) {
                            multiplyBlock(first, x, i * columns, sums);
                            System.arraycopy(sums, 0, y, i * rows + first, Math.min(BLOCK, rows - first));
                        }
                    }
                });
    }

    private void multiplyBlock(int first, float[] x, int xAt, float[] sums) {
        if (format == EmbeddingFormat.BFLOAT16) {
            LOOPS.bfloat16(halves, first * columns, columns, x, xAt, sums);
            return;
        }
        LOOPS.int8(bytes, first * columns, columns, x, xAt, sums);
        for (int r = 0; r < BLOCK; r++) {
            sums[r] *= scales[first + r];
        }
    }

    @Override
    public String toString() {
        return "WeightTable(" + rows + " x " + columns + ", " + format.jsonName() + ")";
    }
}
