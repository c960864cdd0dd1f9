package io.bitlab.core.quant;

import io.bitlab.core.math.Fma;

/**
 * The inner loops of {@link WeightTable}: {@value #ROWS} rows of a table times one row of activations. A row's result is
 * one chain over the columns, ascending, {@code acc = fma(w, x, acc)}; the scalar and the vector form return the same
 * bits.
 *
 * <p><b>Thread safety:</b> implementations have no state.
 */
public interface TableLoops {

    /** Rows of a block: of one column after the other, its values for these rows stand side by side. */
    int ROWS = 128;

    /** Columns of NF4 that share a scale. */
    int GROUP = 64;

    /** Values of NF4 in an int, the first in the lowest bits. */
    int IN_INT = 8;

    /**
     * Products with int8 values, without their scales.
     *
     * @param w {@code [columns, ROWS]} from {@code at}; not modified
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
     * Adds the products of one group of NF4 values, without their scales: one chain from 0.
     *
     * @param w {@code [columns / 8, ROWS]} from {@code at}; not modified
     * @param at where the group begins
     * @param columns how many, a multiple of {@value #IN_INT}
     * @param levels the 16 values that the codes stand for
     * @param x activations; not modified
     * @param xAt index of the first
     * @param scales ROWS scales from {@code scalesAt}; not modified
     * @param scalesAt index of the first
     * @param sums ROWS results from index 0: {@code sum = fma(chain, scale, sum)}
     */
    void nf4(int[] w, int at, int columns, float[] levels, float[] x, int xAt, float[] scales, int scalesAt,
            float[] sums);

    /** The loops that define the results. */
    final class Scalar implements TableLoops {

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
        public void nf4(int[] w, int at, int columns, float[] levels, float[] x, int xAt, float[] scales, int scalesAt,
                float[] sums) {
            for (int r = 0; r < ROWS; r++) {
                float sum = 0f;
                for (int c = 0; c < columns; c++) {
                    int code = w[at + c / IN_INT * ROWS + r] >>> 4 * (c % IN_INT) & 15;
                    sum = Fma.fma(levels[code], x[xAt + c], sum);
                }
                sums[r] = Fma.fma(sum, scales[scalesAt + r], sums[r]);
            }
        }
    }
}
