package io.bitlab.core.math;

/** The last step of every sum: sixteen partial sums, added in one order everywhere. */
public final class SumTree {

    /** How many partial sums there are. */
    public static final int PARTIALS = 16;

    private SumTree() {
    }

    /**
     * Adds partial sums as a tree: 0 and 8, 1 and 9, ...; then 0 and 4, ...; then 0 and 2, 1 and 3; then 0 and 1.
     *
     * @param partials 16 sums; modified
     * @return their sum
     */
    public static float add(float[] partials) {
        for (int width = partials.length / 2; width > 0; width /= 2) {
            for (int i = 0; i < width; i++) {
                partials[i] += partials[i + width];
            }
        }
        return partials[0];
    }

    /**
     * Adds partial sums in the same order.
     *
     * @param partials 16 sums; modified
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
