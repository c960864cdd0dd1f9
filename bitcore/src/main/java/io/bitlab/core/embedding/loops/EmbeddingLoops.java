package io.bitlab.core.embedding.loops;

import io.bitlab.core.math.Bfloat16;
import io.bitlab.core.math.Fma;
import java.util.Arrays;

/**
 * The inner loops of products with embedding tables: {@value #ROWS} rows of a table times one row of activations. The
 * result of a table row is one chain over the columns, ascending, {@code acc = fma(w, x, acc)}; the scalar and the
 * vector form return the same bits.
 *
 * <p><b>Thread safety:</b> implementations have no state.
 */
public interface EmbeddingLoops {

    /** Rows of a block, which stores its values column by column. */
    int ROWS = 128;

    /** Rows of activations that are multiplied together, so that a table's values are widened once for all. */
    int QUAD = 4;

    /** Columns of NF4 that share a scale. */
    int GROUP = 64;

    /** NF4 codes per short, the first in the lowest bits. */
    int CODES_PER_SHORT = 4;

    /**
     * Products of an activation with the NF4 levels, as stored: the 16 products twice, so that a lookup may index with
     * one bit more than the code has.
     */
    int PRODUCTS = 32;

    /** Added to a float whose rounded value has at most 22 bits, leaves that integer in the lowest bits. */
    float TO_INTEGER = 3 << 22;

    /** Bytes behind the values of an int8 table, which a loop may load but does not use. */
    int PADDING_BYTES = 4;

    /**
     * The fastest form that runs in this JVM.
     *
     * @return always the same object
     */
    static EmbeddingLoops get() {
        return ChosenEmbeddingLoops.INSTANCE;
    }

    /**
     * Rows of a block of int8 or bfloat16 whose values of a column are adjacent. A block is {@code [streams, columns,
     * streamRows]}, with {@link #ROWS} / {@code streamRows} streams.
     *
     * @return a divisor of {@link #ROWS}
     */
    default int streamRows() {
        return ROWS;
    }

    /**
     * Products with int8 values, without their scales.
     *
     * @param w the {@linkplain #streamRows streams} of a block, from {@code at}, followed by at least {@value
     *     #PADDING_BYTES} bytes; not modified
     * @param at index of the block's first value
     * @param columns number of columns
     * @param x activations; not modified
     * @param xAt index of the first activation
     * @param sums receives ROWS results from index 0
     */
    void int8(byte[] w, int at, int columns, float[] x, int xAt, float[] sums);

    /**
     * As {@link #int8}, with the same results, for {@value #QUAD} rows of activations.
     *
     * @param w the {@linkplain #streamRows streams} of a block, from {@code at}, followed by at least {@value
     *     #PADDING_BYTES} bytes; not modified
     * @param at index of the block's first value
     * @param columns number of columns
     * @param x activations {@code [QUAD, columns]} from {@code xAt}; not modified
     * @param xAt index of the first activation
     * @param sums receives {@code [QUAD, ROWS]} results from index 0
     */
    void int8Quad(byte[] w, int at, int columns, float[] x, int xAt, float[] sums);

    /**
     * Products with bfloat16 values.
     *
     * @param w the {@linkplain #streamRows streams} of a block, from {@code at}; not modified
     * @param at index of the block's first value
     * @param columns number of columns
     * @param x activations; not modified
     * @param xAt index of the first activation
     * @param sums receives ROWS results from index 0
     */
    void bfloat16(short[] w, int at, int columns, float[] x, int xAt, float[] sums);

    /**
     * Position of a code within a group of columns of a block of rows.
     *
     * @param row from 0 to {@value #ROWS} - 1
     * @param column from 0 to {@value #GROUP} - 1
     * @param shorts shorts per row, each with {@value #CODES_PER_SHORT} columns
     * @return the index of the code's four bits, counted from the lowest of the first short
     */
    int nf4Place(int row, int column, int shorts);

    /**
     * Products of activations with the NF4 levels, rounded to integers: {@code level * (x * factor)}, half to even.
     *
     * @param levels the 16 values that the codes represent; not modified
     * @param x activations; not modified
     * @param xAt index of the first activation
     * @param columns number of columns, at most {@value #GROUP}; the products of columns up to the next multiple of
     *     {@value #CODES_PER_SHORT} become 0
     * @param factor small enough for the products to fit 16 bits
     * @param products receives {@value #PRODUCTS} shorts per column, in the form that {@link #nf4} reads
     * @param at index of the first product
     */
    void nf4Products(float[] levels, float[] x, int xAt, int columns, float factor, short[] products, int at);

    /**
     * Adds one group of NF4 columns for a block of rows.
     *
     * @param codes {@code shorts * ROWS} from {@code at}, in the order of {@link #nf4Place}; not modified
     * @param at index of the block's first short
     * @param shorts shorts per row, each with {@value #CODES_PER_SHORT} columns
     * @param products from {@link #nf4Products}, small enough that no sum exceeds 16 bits; they are not modified, but
     *     shorts that hold none may be
     * @param productsAt index of the first product
     * @param scales ROWS scales from {@code scalesAt}; not modified
     * @param scalesAt index of the first scale
     * @param unit the value of 1 in the products
     * @param sums ROWS results from {@code sumsAt}, updated: {@code sum = fma(group's sum, scale * unit, sum)}
     * @param sumsAt index of the first result
     */
    void nf4(short[] codes, int at, int shorts, short[] products, int productsAt, float[] scales, int scalesAt,
            float unit, float[] sums, int sumsAt);

    /** Defines the results. */
    final class Scalar implements EmbeddingLoops {

        /** Creates the loops; they have no state. */
        public Scalar() {
        }

        @Override
        public void int8(byte[] w, int at, int columns, float[] x, int xAt, float[] sums) {
            for (int r = 0; r < ROWS; r++) {
                float sum = 0f;
                for (int c = 0; c < columns; c++) {
                    sum = Fma.fma(w[at + c * ROWS + r], x[xAt + c], sum);
                }
                sums[r] = sum;
            }
        }

        @Override
        public void int8Quad(byte[] w, int at, int columns, float[] x, int xAt, float[] sums) {
            for (int i = 0; i < QUAD * ROWS; i++) {
                float sum = 0f;
                for (int c = 0; c < columns; c++) {
                    sum = Fma.fma(w[at + c * ROWS + i % ROWS], x[xAt + i / ROWS * columns + c], sum);
                }
                sums[i] = sum;
            }
        }

        @Override
        public void bfloat16(short[] w, int at, int columns, float[] x, int xAt, float[] sums) {
            for (int r = 0; r < ROWS; r++) {
                float sum = 0f;
                for (int c = 0; c < columns; c++) {
                    sum = Fma.fma(Bfloat16.toFloat(w[at + c * ROWS + r]), x[xAt + c], sum);
                }
                sums[r] = sum;
            }
        }

        @Override
        public int nf4Place(int row, int column, int shorts) {
            return (column / CODES_PER_SHORT * ROWS + row) * CODES_PER_SHORT + column % CODES_PER_SHORT;
        }

        @Override
        public void nf4Products(float[] levels, float[] x, int xAt, int columns, float factor, short[] products,
                int at) {
            Arrays.fill(products, at, at + Math.ceilDiv(columns, CODES_PER_SHORT) * CODES_PER_SHORT * PRODUCTS,
                    (short) 0);
            for (int c = 0; c < columns; c++) {
                for (int i = 0; i < PRODUCTS; i++) {
                    float product = Fma.fma(levels[i % levels.length], x[xAt + c] * factor, TO_INTEGER);
                    products[at + c * PRODUCTS + i] = (short) Float.floatToRawIntBits(product);
                }
            }
        }

        @Override
        public void nf4(short[] codes, int at, int shorts, short[] products, int productsAt, float[] scales,
                int scalesAt, float unit, float[] sums, int sumsAt) {
            for (int r = 0; r < ROWS; r++) {
                int sum = 0;
                for (int c = 0; c < shorts * CODES_PER_SHORT; c++) {
                    int code = codes[at + c / CODES_PER_SHORT * ROWS + r] >>> 4 * (c % CODES_PER_SHORT) & 15;
                    sum += products[productsAt + c * PRODUCTS + code];
                }
                sums[sumsAt + r] = Fma.fma(sum, scales[scalesAt + r] * unit, sums[sumsAt + r]);
            }
        }
    }
}
