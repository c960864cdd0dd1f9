package io.bitlab.core.quant;

/**
 * The two loops of {@link ActivationQuantizer}; the scalar and the vector form of them return the same bits.
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
     * Scales and rounds: {@code q[i] = (byte) rint(x[i] * factor)}, where rint rounds half to even.
     *
     * @param x values; not modified
     * @param from first index
     * @param to index after the last
     * @param factor such that every {@code abs(x[i] * factor)} rounds to 127 at most
     * @param q modified in {@code from} to {@code to - 1}
     */
    void round(float[] x, int from, int to, float factor, byte[] q);

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
        public void round(float[] x, int from, int to, float factor, byte[] q) {
            for (int i = from; i < to; i++) {
                q[i] = (byte) Math.max(-127, Math.min(127, Math.rint(x[i] * factor)));
            }
        }
    }
}
