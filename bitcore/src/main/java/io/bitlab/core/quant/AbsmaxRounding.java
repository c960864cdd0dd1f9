package io.bitlab.core.quant;

import io.bitlab.core.math.SumTree;

/**
 * The loops of {@link ActivationQuantizer} and {@link TernaryQuantizer}; the scalar and the vector form of them return
 * the same bits.
 *
 * <p><b>Thread safety:</b> implementations have no state.
 */
public interface AbsmaxRounding {

    /**
     * The largest absolute value.
     *
     * @param x values; not modified
     * @param from first index
     * @param to index after the last
     * @return {@code max(abs(x[i]))}; 0 of no values, NaN if one is NaN
     */
    float absMax(float[] x, int from, int to);

    /**
     * The sum of absolute values in double precision: value i is added to partial i mod 16, the partials as
     * {@link SumTree} says.
     *
     * @param x values; not modified
     * @param from first index
     * @param to index after the last
     * @return the sum; NaN or infinite exactly if a value is
     */
    double absSum(float[] x, int from, int to);

    /**
     * Scales, clamps and rounds: {@code q[i] = rint(clamp(x[i] * factor, -limit, limit))}, where rint rounds half to
     * even.
     *
     * @param x values; not modified
     * @param from first index
     * @param to index after the last
     * @param factor not negative
     * @param limit a whole number, 1 to 127: the largest integer
     * @param q modified in {@code from} to {@code to - 1}
     */
    void round(float[] x, int from, int to, float factor, float limit, byte[] q);

    /** The definition. */
    final class Scalar implements AbsmaxRounding {

        /** Makes one; it has no state. */
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
        public void round(float[] x, int from, int to, float factor, float limit, byte[] q) {
            for (int i = from; i < to; i++) {
                q[i] = (byte) Math.rint(Math.max(-limit, Math.min(limit, x[i] * factor)));
            }
        }
    }
}
