package io.bitlab.core.quant.loops;

import io.bitlab.core.math.SumTree;

/**
 * The loops of the quantisers of activations and weights: absolute maximum, absolute sum, rounding. The scalar and the
 * vector form return the same bits.
 *
 * <p><b>Thread safety:</b> implementations have no state.
 */
public interface QuantizerLoops {

    /**
     * The fastest form that runs in this JVM.
     *
     * @return always the same object
     */
    static QuantizerLoops get() {
        return ChosenQuantizerLoops.INSTANCE;
    }

    /**
     * The largest absolute value.
     *
     * @param x values; not modified
     * @param from first index
     * @param to index after the last
     * @return {@code max(abs(x[i]))}; 0 for an empty range, NaN if a value is NaN
     */
    float absMax(float[] x, int from, int to);

    /**
     * The sum of absolute values in double precision: value i goes into partial sum i mod 16, and {@link SumTree} adds
     * up the partial sums.
     *
     * @param x values; not modified
     * @param from first index
     * @param to index after the last
     * @return the sum; NaN or infinite if and only if a value is
     */
    double absSum(float[] x, int from, int to);

    /**
     * Scales and rounds values that are small enough: {@code q[i] = rint(x[i] * factor)}, where rint rounds half to
     * even.
     *
     * @param x values; not modified
     * @param from first index
     * @param to index after the last
     * @param factor not negative; its products with the values round to -127..127
     * @param q receives the integers in {@code from} to {@code to - 1}
     */
    void round(float[] x, int from, int to, float factor, byte[] q);

    /**
     * Scales and rounds to trits: {@code q[i] = clamp(rint(x[i] * factor), -1, 1)}, where rint rounds half to even, so
     * that a half becomes 0.
     *
     * @param x values; not modified
     * @param from first index
     * @param to index after the last
     * @param factor not negative
     * @param q receives the trits in {@code from} to {@code to - 1}
     */
    void ternarize(float[] x, int from, int to, float factor, byte[] q);

    /** Defines the results. */
    final class Scalar implements QuantizerLoops {

        /** Creates the loops; they have no state. */
        public Scalar() {
        }

        @Override
        public float absMax(float[] x, int from, int to) {
            float max = 0;
            for (int i = from; i < to; i++) {
                max = Math.max(max, Math.abs(x[i]));
            }
            return max;
        }

        @Override
        public double absSum(float[] x, int from, int to) {
            double[] partials = new double[SumTree.PARTIALS];
            for (int i = from; i < to; i++) {
                partials[(i - from) % SumTree.PARTIALS] += Math.abs(x[i]);
            }
            return SumTree.add(partials);
        }

        @Override
        public void round(float[] x, int from, int to, float factor, byte[] q) {
            for (int i = from; i < to; i++) {
                q[i] = (byte) Math.rint(x[i] * factor);
            }
        }

        @Override
        public void ternarize(float[] x, int from, int to, float factor, byte[] q) {
            for (int i = from; i < to; i++) {
                q[i] = (byte) Math.clamp(Math.rint(x[i] * factor), -1, 1);
            }
        }
    }
}
