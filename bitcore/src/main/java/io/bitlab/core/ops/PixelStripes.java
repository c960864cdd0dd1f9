package io.bitlab.core.ops;

import io.bitlab.core.memory.Workspace;
import io.bitlab.core.parallel.Parallel;

/**
 * How sums over the pixels of each channel are split: pixels {@code [segments, pixels, channels]} are cut into stripes
 * of neighbouring pixels, and 64 stripes make a chunk. A channel has one sum for each position in the stripes of each
 * chunk, in float; these are then added in ascending order, in double.
 *
 * <p>The order depends on nothing but the shape. A loop over one pixel would be too short for the vectors of the JIT
 * compiler where there are few channels; a loop over a stripe isn't. It also vectorises only loops in which all arrays
 * have the same index, since it can't know that arrays differ: so stripes are copied to rows, and computed there.
 */
final class PixelStripes {

    private static final int LEAST_WIDTH = 512;
    private static final int STRIPES = 64;

    final int segments;
    final int pixels; // in a segment
    final int channels;
    final int size; // elements in a segment
    final int width; // elements in a stripe
    final int chunks; // in a segment
    private final int lanes; // pixels in a stripe

    PixelStripes(int segments, int pixels, int channels) {
        this.segments = segments;
        this.pixels = pixels;
        this.channels = channels;
        this.size = Math.multiplyExact(pixels, channels);
        this.lanes = Math.min(pixels, Math.ceilDiv(LEAST_WIDTH, channels));
        this.width = lanes * channels;
        this.chunks = Math.ceilDiv(pixels, lanes * STRIPES);
    }

    /** Computes with one stripe, see {@link #forEachStripe}. */
    @FunctionalInterface
    interface Stripe {

        /**
         * Computes.
         *
         * @param segment number of the segment
         * @param at index of the first element
         * @param length number of elements; {@link #width}, or less at the end of a segment
         * @param rows scratch memory
         */
        void run(int segment, int at, int length, float[][] rows);
    }

    /** Computes with one chunk, see {@link #forEachChunk}. */
    @FunctionalInterface
    interface Chunk {

        /**
         * Computes.
         *
         * @param segment number of the segment
         * @param from index of the first element
         * @param to index after the last element
         * @param sums index of the chunk's sums in {@link #sums}
         * @param rows scratch memory
         */
        void run(int segment, int from, int to, int sums, float[][] rows);
    }

    /** Runs a body for each chunk of each segment, with some rows of a stripe's width. Threads share the chunks. */
    void forEachChunk(double nanosPerElement, int rows, Chunk body) {
        long nanos = (long) (nanosPerElement * segments * size);
        Parallel.current().forRange(segments * chunks, 1, nanos, (first, last) -> {
            float[][] scratch = new float[rows][width];
            for (int chunk = first; chunk < last; chunk++) {
                int segment = chunk / chunks;
                int from = (chunk - segment * chunks) * STRIPES * width;
                int to = Math.min(size, from + STRIPES * width);
                body.run(segment, segment * size + from, segment * size + to, chunk * width, scratch);
            }
        });
    }

    /** Runs a body for each stripe, with some rows of its width. Threads share the chunks. */
    void forEachStripe(double nanosPerElement, int rows, Stripe body) {
        forEachChunk(nanosPerElement, rows, (segment, from, to, sums, scratch) -> {
            for (int at = from; at < to; at += width) {
                body.run(segment, at, Math.min(width, to - at), scratch);
            }
        });
    }

    /** Memory for a sum of each position in the stripes of each chunk. */
    float[] sums() {
        return Workspace.floats(Math.multiplyExact(segments * chunks, width));
    }

    /** How many elements are added to the sum of a position in the stripes of a chunk, the same for its channels. */
    int count(int chunk, int lane) {
        int inChunk = Math.min(pixels - chunk * STRIPES * lanes, STRIPES * lanes);
        return (inChunk - lane + lanes - 1) / lanes;
    }

    int lanes() {
        return lanes;
    }

    /** Adds up the sums of each channel; {@code [segments, channels]}. */
    double[] totals(float[] sums) {
        double[] totals = new double[segments * channels];
        for (int segment = 0; segment < segments; segment++) {
            for (int at = segment * chunks * width; at < (segment + 1) * chunks * width; at += channels) {
                for (int c = 0; c < channels; c++) {
                    totals[segment * channels + c] += sums[at + c];
                }
            }
        }
        return totals;
    }

    /** Repeats the values of each segment's channels for each pixel of a stripe; {@code [segments][width]}. */
    float[][] repeated(float[] values) {
        float[][] repeated = new float[segments][width];
        for (int segment = 0; segment < segments; segment++) {
            for (int at = 0; at < width; at += channels) {
                System.arraycopy(values, segment * channels, repeated[segment], at, channels);
            }
        }
        return repeated;
    }

    /** Repeats values that are the same for all segments, one for each channel; {@code [width]}. */
    float[] repeatedForAll(float[] values) {
        return new PixelStripes(1, pixels, channels).repeated(values)[0];
    }
}
