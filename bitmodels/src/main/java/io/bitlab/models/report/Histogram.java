package io.bitlab.models.report;

import java.util.Arrays;

/**
 * Counts of values in bins of equal width.
 *
 * @param min the smallest value, the left edge of the first bin
 * @param max the largest value, the right edge of the last bin
 * @param counts one per bin; not copied
 */
public record Histogram(double min, double max, long[] counts) {

    /**
     * The histogram of some values.
     *
     * @param values finite numbers, at least one; not modified
     * @param bins number of bins, at least 1
     * @return the histogram; if all values are equal, a single bin of width 0
     * @throws IllegalArgumentException if there are no values or bins
     */
    public static Histogram of(float[] values, int bins) {
        if (values.length == 0 || bins < 1) {
            throw new IllegalArgumentException("Histogram: " + values.length + " values in " + bins
                    + " bins, expected at least one of each");
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
     * The largest count.
     *
     * @return the count of the fullest bin
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
