package io.bitlab.core.math;

/**
 * The last step of every sum: adds 16 partial sums pairwise, in the same order everywhere. Sums therefore have the same
 * bits whatever the width of the vectors that computed the partial sums.
 */
public final class SumTree {

    /** The number of partial sums: the float lanes of a 512-bit vector. */
    public static final int PARTIALS = 16;

    private SumTree() {
    }

    /**
     * Adds partial sums as a tree: 0 and 8, 1 and 9, ...; then 0 and 4, ...; then 0 and 2, 1 and 3; then 0 and 1.
     *
     * @param partials {@link #PARTIALS} sums; not modified
     * @return their sum
     */
    public static float add(float[] partials) {
        float[] p = partials; // written out, as every dot product ends here
        float even = p[0] + p[8] + (p[4] + p[12]) + (p[2] + p[10] + (p[6] + p[14]));
        float odd = p[1] + p[9] + (p[5] + p[13]) + (p[3] + p[11] + (p[7] + p[15]));
        return even + odd;
    }

    /**
     * As {@link #add(float[])}, in double precision.
     *
     * @param partials {@link #PARTIALS} sums; modified
     * @return their sum
     */
    public static double add(double[] partials) {
        for (int width = partials.length / 2; width > 0; width /= 2) {
            for (int i = 0; i < width; i++) {
                partials[i] += partials[i + width];
            }
        }
        return partials[0];
    }
}
