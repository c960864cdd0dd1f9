package io.bitlab.core.embedding;

import io.bitlab.core.internal.MatrixShape;
import io.bitlab.core.parallel.Parallel;

/**
 * A float matrix {@code [rows, columns]} that no longer changes, in one of the {@linkplain EmbeddingFormat#inMemory
 * formats in memory}: the embedding and the output head of a language model, which are not ternary.
 *
 * {@snippet class="io.bitlab.core.snippets.EmbeddingSnippets" region="table"}
 *
 * <p>{@link #multiply} computes {@code y[n, r] = sum_c(x[n, c] * value(r, c))} for float activations, as one chain over
 * the columns, ascending; INT8 multiplies the chain over its integers by the scale of the row. NF4 rounds the products
 * of 64 columns that share a scale to 16-bit integers, adds these exactly, and chains over the sums (a relative error
 * of about 0.001, compared with 0.1 of NF4 itself). The bits of the results therefore don't depend on vector width,
 * threads or the number of activation rows.
 *
 * <p><b>Thread safety:</b> immutable, safe for any number of threads.
 */
public abstract sealed class EmbeddingTable permits Float32Table, Bfloat16Table, QuantizedTable {

    /** Rows that are stored together. Different threads may {@linkplain Builder#put fill} different blocks of rows. */
    public static final int BLOCK_ROWS = 128;

    private final int rows;
    private final int columns;

    EmbeddingTable(int rows, int columns) {
        if ((rows + (long) BLOCK_ROWS) * columns > Integer.MAX_VALUE - 8) {
            throw new IllegalArgumentException("EmbeddingTable: " + rows + " x " + columns
                    + " values are more than one table can hold, 2^31; take fewer rows or columns");
        }
        this.rows = rows;
        this.columns = columns;
    }

    /**
     * Makes a table from floats.
     *
     * @param format how to store them
     * @param values {@code [rows, columns]}, row-major; not modified
     * @param rows number of rows
     * @param columns number of columns
     * @return the table
     * @throws IllegalArgumentException if the sizes don't match, the format is FLOAT16, or a value is NaN or infinite
     *     and the format is INT8 or NF4
     */
    public static EmbeddingTable of(EmbeddingFormat format, float[] values, int rows, int columns) {
        MatrixShape.check("EmbeddingTable", rows, columns, values.length);
        Builder builder = builder(format, rows, columns);
        Parallel.current().forRange(rows, BLOCK_ROWS, (long) rows * columns * 2, (from, to) -> {
            for (int row = from; row < to; row++) {
                builder.put(row, values, row * columns);
            }
        });
        return builder.build();
    }

    /**
     * Starts a table of zeros that is filled row by row, so that the floats need never be in memory all at once.
     *
     * @param format how to store the values
     * @param rows number of rows
     * @param columns number of columns
     * @return a builder
     * @throws IllegalArgumentException if a size is less than 1, there are 2^31 values or more, or the format is
     *     FLOAT16
     */
    public static Builder builder(EmbeddingFormat format, int rows, int columns) {
        return new Builder(format, rows, columns);
    }

    /**
     * Fills a table row by row. Several threads may put rows of different blocks of {@value #BLOCK_ROWS}; otherwise not
     * thread-safe.
     */
    public static final class Builder {
        private final EmbeddingTable table;
        private boolean built;

        private Builder(EmbeddingFormat format, int rows, int columns) {
            if (rows < 1 || columns < 1) {
                throw new IllegalArgumentException(
                        "EmbeddingTable: " + rows + " x " + columns + ", expected at least 1 x 1");
            }
            table = switch (format.requireInMemory("EmbeddingTable")) {
                case FLOAT32 -> new Float32Table(rows, columns);
                case BFLOAT16 -> new Bfloat16Table(rows, columns);
                case INT8 -> new Int8Table(rows, columns);
                case NF4 -> new Nf4Table(rows, columns);
                case FLOAT16 -> throw new AssertionError(); // refused above
            };
        }

        /**
         * Rounds a row to the format and stores it. A row is put once.
         *
         * @param row index of the row
         * @param values its values, from {@code at}; not modified
         * @param at index of the first value
         * @return this builder
         * @throws IllegalArgumentException if a value is NaN or infinite and the format is INT8 or NF4
         * @throws IllegalStateException if the table is built already
         * @throws IndexOutOfBoundsException if there is no such row, or the array has too few values
         */
        public Builder put(int row, float[] values, int at) {
            requireNotBuilt();
            MatrixShape.checkRow("EmbeddingTable.put", row, table.rows);
            MatrixShape.checkRoom("EmbeddingTable.put", at, table.columns, values.length);
            table.setRow(row, values, at);
            return this;
        }

        /**
         * Stores a row as {@link QuantizedTable#codes} returns it. A row is put once.
         *
         * @param row index of the row
         * @param codes INT8: one value per byte; NF4: two codes per byte, the first in the lower half; not modified
         * @param scales INT8: one; NF4: one per 64 columns; not modified
         * @return this builder
         * @throws IllegalArgumentException if a length or a scale is wrong
         * @throws IllegalStateException if the format has no codes, or the table is built already
         * @throws IndexOutOfBoundsException if there is no such row
         */
        public Builder putCodes(int row, byte[] codes, float[] scales) {
            requireNotBuilt();
            QuantizedTable quantized = quantized();
            MatrixShape.checkRow("EmbeddingTable.putCodes", row, table.rows);
            quantized.requireLengths(row, codes, scales);
            for (float scale : scales) {
                if (!(scale >= 0f && scale <= Float.MAX_VALUE)) {
                    throw new IllegalArgumentException("EmbeddingTable: row " + row + " has the scale " + scale
                            + ", expected a finite number that is not negative");
                }
            }
            quantized.setCodes(row, codes, scales);
            return this;
        }

        /**
         * Scales of a row, for {@link #putCodes}.
         *
         * @return INT8: 1; NF4: one per 64 columns, rounded up
         * @throws IllegalStateException if the format has no codes
         */
        public int scalesPerRow() {
            return quantized().scalesPerRow();
        }

        private QuantizedTable quantized() {
            if (table instanceof QuantizedTable quantized) {
                return quantized;
            }
            throw new IllegalStateException(
                    "EmbeddingTable: " + table.format().jsonName() + " has no codes; use the values");
        }

        private void requireNotBuilt() {
            if (built) {
                throw new IllegalStateException("EmbeddingTable.put: " + table + " is built and no longer changes; "
                        + "start another builder");
            }
        }

        /**
         * Ends the filling.
         *
         * @return the table; rows that were not put are 0
         */
        public EmbeddingTable build() {
            built = true;
            return table;
        }
    }

    /** Stores a row that is still 0; the arguments are checked. */
    abstract void setRow(int row, float[] values, int at);

    /** Copies a row; the arguments are checked. */
    abstract void copyRow(int row, float[] values, int at);

    /** Computes {@link #multiply}; the arguments are checked. */
    abstract void product(float[] x, int n, float[] y);

    /**
     * How the values are stored.
     *
     * @return the format; never FLOAT16
     */
    public abstract EmbeddingFormat format();

    /**
     * Number of rows.
     *
     * @return at least 1
     */
    public final int rows() {
        return rows;
    }

    /**
     * Number of columns.
     *
     * @return at least 1
     */
    public final int columns() {
        return columns;
    }

    /**
     * The memory of this table.
     *
     * @return bytes, including padding and scales
     */
    public abstract long bytes();

    /**
     * Copies a row.
     *
     * @param row index of the row, from 0
     * @param values receives the row's values from {@code at} on
     * @param at index of the first value
     * @throws IndexOutOfBoundsException if there is no such row, or no room for it
     */
    public final void row(int row, float[] values, int at) {
        MatrixShape.checkRow("EmbeddingTable.row", row, rows);
        MatrixShape.checkRoom("EmbeddingTable.row", at, columns, values.length);
        copyRow(row, values, at);
    }

    /**
     * Multiplies rows of activations with the transposed table, on the threads of {@link Parallel#current()}.
     *
     * @param x {@code [n, columns]}, row-major; not modified
     * @param n rows of activations
     * @param y receives {@code [n, rows]}, row-major
     * @throws IndexOutOfBoundsException if n is negative, or an array is too short
     */
    public final void multiply(float[] x, int n, float[] y) {
        MatrixShape.checkRoom("EmbeddingTable.multiply", 0, (long) n * columns, x.length);
        MatrixShape.checkRoom("EmbeddingTable.multiply", 0, (long) n * rows, y.length);
        product(x, n, y);
    }

    @Override
    public String toString() {
        return "EmbeddingTable(" + rows + " x " + columns + ", " + format().jsonName() + ")";
    }
}
