package io.bitlab.models.report;

import java.util.Arrays;

/**
 * How often values fall into bins of equal width.
 *
 * @param min the smallest value, where the first bin begins
 * @param max the largest value, where the last bin ends
 * @param counts one a bin; not copied
 */
public record Histogram(double min, double max, long[] counts) {

    /**
     * Counts values.
     *
     * @param values finite numbers, at least one; not modified
     * @param bins how many bins, at least 1
     * @return the histogram; values that are all equal stand in one bin of no width
     * @throws IllegalArgumentException if there are no values or bins
     */
    public static Histogram of(float[] values, int bins) {
        if (values.length == 0 || bins < 1) {
            throw new IllegalArgumentException("Histogram: " + values.length + " values in " + bins
                    + " bins, expected at least one of both");
        }
        double min = Double.POSITIVE_INFINITY;
        double max = Double.NEGATIVE_INFINITY;
        for (float value : values) {
            min = Math.min(min, value);
            max = Math.max(max, value);
        }
        if (min == max) {
            return new Histogram(min, max, new long[] {values.length});
        }
        long[] counts = new long[bins];
        for (float value : values) {
            counts[Math.min(bins - 1, (int) ((value - min) / (max - min) * bins))]++;
        }
        return new Histogram(min, max, counts);
    }

    /**
     * The fullest bin.
     *
     * @return its count
     */
    public long largest() {
        return Arrays.stream(counts).max().orElseThrow();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Histogram h && min == h.min && max == h.max && Arrays.equals(counts, h.counts);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(counts);
    }

    @Override
    public String toString() {
        return "Histogram(" + min + " to " + max + ", " + Arrays.toString(counts) + ")";
    }
}
