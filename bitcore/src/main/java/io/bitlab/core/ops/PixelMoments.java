package io.bitlab.core.ops;

import io.bitlab.core.memory.Workspace;
import java.util.Arrays;

/**
 * Mean and variance over the pixels of each segment's groups of channels, written for each channel.
 *
 * @param stripes how the sums were split
 * @param groups number of groups of neighbouring channels
 * @param mean {@code [segments, channels]}
 * @param variance {@code [segments, channels]}: the mean of the squared deviations
 */
record PixelMoments(PixelStripes stripes, int groups, float[] mean, float[] variance) {

    /** Rough cost of summing one element and its squared deviation. */
    private static final double NANOS = 0.3;

    /**
     * The deviations are first taken from the mean of their own sum, while the chunk is in the cache, and then
     * corrected by how far that is from the mean of all.
     */
    static PixelMoments of(float[] x, PixelStripes stripes, int groups) {
        float[] sums = stripes.sums();
        float[] squares = stripes.sums();
        stripes.forEachChunk(NANOS, 4, (segment, from, to, at, rows) -> {
            int width = stripes.width;
            float[] row = rows[0];
            float[] sum = rows[1];
            float[] mean = rows[2];
            float[] square = rows[3];
            Arrays.fill(sum, 0f);
            for (int i = from; i < to; i += width) {
                int length = Math.min(width, to - i);
                System.arraycopy(x, i, row, 0, length);
                add(row, sum, length);
            }
            int full = (to - from) / width;
            int more = (to - from) % width; // positions that have one more
            average(sum, mean, 0, more, full + 1);
            average(sum, mean, more, width, Math.max(1, full));
            Arrays.fill(square, 0f);
            for (int i = from; i < to; i += width) {
                int length = Math.min(width, to - i);
                System.arraycopy(x, i, row, 0, length);
                addSquares(row, mean, square, length);
            }
            System.arraycopy(sum, 0, sums, at, width);
            System.arraycopy(square, 0, squares, at, width);
        });
        double[] mean = stripes.totals(sums);
        PixelMoments moments = new PixelMoments(stripes, groups, new float[mean.length], new float[mean.length]);
        moments.averageGroups(mean);
        double[] variance = stripes.totals(squares);
        addCorrections(sums, stripes, mean, variance);
        moments.averageGroups(variance);
        for (int i = 0; i < mean.length; i++) {
            moments.mean[i] = (float) mean[i];
            moments.variance[i] = (float) variance[i];
        }
        return moments;
    }

    static void add(float[] x, float[] sum, int length) {
        for (int i = 0; i < length; i++) {
            sum[i] += x[i];
        }
    }

    private static void average(float[] sum, float[] mean, int from, int to, int count) {
        for (int i = from; i < to; i++) {
            mean[i] = sum[i] / count;
        }
    }

    private static void addSquares(float[] x, float[] mean, float[] square, int length) {
        for (int i = 0; i < length; i++) {
            float deviation = x[i] - mean[i];
            square[i] += deviation * deviation;
        }
    }

    /** {@code count * (own mean - mean)²} for each sum. */
    private static void addCorrections(float[] sums, PixelStripes stripes, double[] mean, double[] variance) {
        int channels = stripes.channels;
        int at = 0;
        for (int segment = 0; segment < stripes.segments; segment++) {
            for (int chunk = 0; chunk < stripes.chunks; chunk++) {
                for (int lane = 0; lane < stripes.lanes(); lane++, at += channels) {
                    int count = stripes.count(chunk, lane);
                    for (int c = 0; c < channels && count > 0; c++) {
                        int i = segment * channels + c;
                        double off = sums[at + c] / (double) count - mean[i];
                        variance[i] += count * off * off;
                    }
                }
            }
        }
    }

    /** Replaces sums over the pixels of each channel by the mean over the pixels of its group. */
    void averageGroups(double[] sums) {
        int size = stripes.channels / groups;
        double count = (double) stripes.pixels * size;
        for (int from = 0; from < sums.length; from += size) {
            double sum = 0;
            for (int i = from; i < from + size; i++) {
                sum += sums[i];
            }
            Arrays.fill(sums, from, from + size, sum / count);
        }
    }

    /** {@code 1 / sqrt(variance + eps)}. */
    float[] inverseDeviations(float eps) {
        float[] inverse = Workspace.floats(variance.length);
        for (int i = 0; i < inverse.length; i++) {
            inverse[i] = (float) (1 / Math.sqrt((double) variance[i] + eps));
        }
        return inverse;
    }
}
