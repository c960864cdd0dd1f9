package io.bitlab.models.internal;

/**
 * Errors of rounded values, and the largest relative one of those added so far. A scale's error is relative to the
 * scale itself. A row's error is relative to the largest value of the row, because its small values matter little. For
 * one thread.
 */
public final class RoundingError {

    private double largest;

    /** No errors yet. */
    public RoundingError() {
    }

    /**
     * The error of a value.
     *
     * @param exact the value
     * @param rounded what it became
     * @return the absolute error
     */
    public static double absolute(float exact, float rounded) {
        return Math.abs((double) rounded - exact);
    }

    /**
     * The error of a value, relative to it.
     *
     * @param exact the value
     * @param rounded what it became
     * @return 0 if both are equal
     */
    public static double relative(float exact, float rounded) {
        double error = absolute(exact, rounded);
        return error == 0 ? 0 : error / Math.abs(exact);
    }

    /**
     * The largest error in a row, relative to the largest value of the row.
     *
     * @param exact the values; not modified
     * @param rounded what they became, as many; not modified
     * @return 0 if all are equal
     */
    public static double ofRow(float[] exact, float[] rounded) {
        double largest = 0;
        double error = 0;
        for (int i = 0; i < exact.length; i++) {
            largest = Math.max(largest, Math.abs(exact[i]));
            error = Math.max(error, absolute(exact[i], rounded[i]));
        }
        return error == 0 ? 0 : error / largest;
    }

    /**
     * Keeps a relative error if it is the largest so far.
     *
     * @param relative the error
     */
    public void add(double relative) {
        largest = Math.max(largest, relative);
    }

    /**
     * The largest relative error that was added.
     *
     * @return 0 if none was
     */
    public double largest() {
        return largest;
    }
}
