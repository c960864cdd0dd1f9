package io.bitlab.core.embedding;

import io.bitlab.core.math.Fma;
import java.util.Arrays;

/**
 * The inner loops of {@link EmbeddingTable}: {@value #ROWS} rows of a table times one row of activations. A row's
 * result is one chain over the columns, ascending, {@code acc = fma(w, x, acc)}; the scalar and the vector form return
 * the same bits.
 *
 * <p><b>Thread safety:</b> implementations have no state.
 */
public interface EmbeddingLoops {

    /** Rows of a block: of one column after the other, its values for these rows stand side by side. */
    int ROWS = 128;

    /** Columns of NF4 that share a scale. */
    int GROUP = 64;

    /** Codes of NF4 in a short, the first in the lowest bits. */
    int IN_SHORT = 4;

    /**
     * Products of an activation with the levels of NF4: the 16 stand there twice, so that a lookup may read a bit too
     * much.
     */
    int PRODUCTS = 32;

    /** Added to a float of at most 22 bits, leaves its nearest whole number in the lowest bits. */
    float TO_WHOLE = 3 << 22;

    /** Bytes behind an int8 table that a loop may load but does not use. */
    int BYTES_BEHIND = 4;

    /**
     * Products with int8 values, without their scales.
     *
     * @param w {@code [columns, ROWS]} from {@code at}, and {@value #BYTES_BEHIND} bytes more; not modified
     * @param at where the block begins
     * @param columns how many
     * @param x activations; not modified
     * @param xAt index of the first
     * @param sums ROWS results from index 0; overwritten
     */
    void int8(byte[] w, int at, int columns, float[] x, int xAt, float[] sums);

    /**
     * Products with the upper halves of floats.
     *
     * @param w {@code [columns, ROWS]} from {@code at}; not modified
     * @param at where the block begins
     * @param columns how many
     * @param x activations; not modified
     * @param xAt index of the first
     * @param sums ROWS results from index 0; overwritten
     */
    void bfloat16(short[] w, int at, int columns, float[] x, int xAt, float[] sums);

    /**
     * Where the code of a row and column is among the {@value #IN_SHORT} columns of a block of rows.
     *
     * @param row from 0 to {@value #ROWS} - 1
     * @param column from 0 to {@value #IN_SHORT} - 1
     * @return the index of its four bits, counted from the lowest of the first short
     */
    int nf4Place(int row, int column);

    /**
     * The products of activations with the levels of NF4, as whole numbers: {@code level * (x * factor)}, half to even.
     *
     * @param levels the 16 values that the codes stand for
     * @param x activations; not modified
     * @param xAt index of the first
     * @param columns how many, at most {@value #GROUP}; up to the next multiple of {@value #IN_SHORT} they are 0
     * @param factor such that the products fit 16 bits
     * @param products {@value #PRODUCTS} shorts for each column, in the form that {@link #nf4} reads; overwritten
     * @param at index of the first
     */
    void nf4Products(float[] levels, float[] x, int xAt, int columns, float factor, short[] products, int at);

    /**
     * Adds one group of columns of NF4 for a block of rows.
     *
     * @param codes {@code [shorts, ROWS]} from {@code at}, in the order of {@link #nf4Place}; not modified
     * @param at where the block begins
     * @param shorts how many for a row, each with {@value #IN_SHORT} columns
     * @param products as {@link #nf4Products} makes them, such that no sum passes 16 bits; not modified
     * @param productsAt index of the first
     * @param scales ROWS scales from {@code scalesAt}; not modified
     * @param scalesAt index of the first
     * @param unit what 1 stands for in the products
     * @param sums ROWS results from {@code sumsAt}: {@code sum = fma(group's sum, scale * unit, sum)}
     * @param sumsAt index of the first
     */
    void nf4(short[] codes, int at, int shorts, short[] products, int productsAt, float[] scales, int scalesAt,
            float unit, float[] sums, int sumsAt);

    /** The loops that define the results. */
    final class Scalar implements EmbeddingLoops {

        /** Stateless. */
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
        public void bfloat16(short[] w, int at, int columns, float[] x, int xAt, float[] sums) {
            for (int r = 0; r < ROWS; r++) {
                float sum = 0f;
                for (int c = 0; c < columns; c++) {
                    sum = Fma.fma(Float.intBitsToFloat(w[at + c * ROWS + r] << 16), x[xAt + c], sum);
                }
                sums[r] = sum;
            }
        }

        @Override
        public int nf4Place(int row, int column) {
            return row * IN_SHORT + column;
        }

        @Override
        public void nf4Products(float[] levels, float[] x, int xAt, int columns, float factor, short[] products,
                int at) {
            Arrays.fill(products, at, at + Math.ceilDiv(columns, IN_SHORT) * IN_SHORT * PRODUCTS, (short) 0);
            for (int c = 0; c < columns; c++) {
                for (int i = 0; i < PRODUCTS; i++) {
                    float product = Fma.fma(levels[i % levels.length], x[xAt + c] * factor, TO_WHOLE);
                    products[at + c * PRODUCTS + i] = (short) Float.floatToRawIntBits(product);
                }
            }
        }

        @Override
        public void nf4(short[] codes, int at, int shorts, short[] products, int productsAt, float[] scales,
                int scalesAt, float unit, float[] sums, int sumsAt) {
            for (int r = 0; r < ROWS; r++) {
                int sum = 0;
                for (int c = 0; c < shorts * IN_SHORT; c++) {
                    int code = codes[at + c / IN_SHORT * ROWS + r] >>> 4 * (c % IN_SHORT) & 15;
                    sum += products[productsAt + c * PRODUCTS + code];
                }
                sums[sumsAt + r] = Fma.fma(sum, scales[scalesAt + r] * unit, sums[sumsAt + r]);
            }
        }
    }
}
