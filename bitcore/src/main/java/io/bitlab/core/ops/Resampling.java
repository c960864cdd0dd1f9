package io.bitlab.core.ops;

import io.bitlab.core.math.FloatMath;
import io.bitlab.core.memory.Workspace;
import io.bitlab.core.parallel.Parallel;
import io.bitlab.core.tensor.Autograd;
import io.bitlab.core.tensor.ChannelsLast;
import io.bitlab.core.tensor.Shape;
import io.bitlab.core.tensor.Tensor;
import java.util.Arrays;

/**
 * Images of another resolution: {@link #bilinear} interpolates, {@link #shuffle} and {@link #unshuffle} exchange pixels
 * for channels without loss.
 *
 * {@snippet class="io.bitlab.core.snippets.OpsSnippets" region="resampling"}
 */
public final class Resampling {

    /** Rough cost of one element of the larger image. */
    private static final double NANOS = 0.6;

    private Resampling() {
    }

    /**
     * Bilinear interpolation between the centres of pixels, PyTorch's {@code interpolate} with
     * {@code align_corners=False} and without antialiasing. Row i of the result lies at
     * {@code max(0, (i + 0.5) * height / outHeight - 0.5)} of the input's rows, and columns likewise; below and right
     * of the last centres the last pixels count.
     *
     * <p>Each value is a chain of up to four {@code fma(weight, pixel, sum)} from 0: upper left, upper right, lower
     * left, lower right, without those of weight 0. Gradients are added in the same order, output pixels ascending.
     *
     * @param x {@code [n, channels, height, width]}
     * @param outHeight rows of the result, at least 1
     * @param outWidth columns of the result, at least 1
     * @param layer name of the layer for messages
     * @return {@code [n, channels, outHeight, outWidth]}
     * @throws IllegalArgumentException if x is not of rank 4, or the result would have no pixels
     */
    public static Tensor bilinear(Tensor x, int outHeight, int outWidth, String layer) {
        ChannelsLast.requireImages(x, 0, layer);
        if (outHeight < 1 || outWidth < 1) {
            throw new IllegalArgumentException(layer + ": output of " + outHeight + " x " + outWidth
                    + " pixels, expected at least 1 x 1");
        }
        Tensor pixels = ChannelsLast.pixels(x);
        int images = x.length(0);
        int channels = x.length(1);
        Neighbours rows = new Neighbours(x.length(2), outHeight);
        Neighbours columns = new Neighbours(x.length(3), outWidth);
        int[] shape = {images, outHeight, outWidth, channels};
        float[] in = pixels.data();
        float[] out = Workspace.zeros(Shape.size(layer, shape));
        long nanos = (long) (4 * NANOS * out.length);
        FloatMath math = FloatMath.get();
        Parallel.current().forRange(images * outHeight, 1, nanos, (from, to) -> forEachNeighbour(rows, columns,
                channels, from, to, (weight, at, target) -> math.axpy(weight, in, at, out, target, channels)));
        return ChannelsLast.images(Autograd.result("bilinear", out, shape, g -> {
            float[] dx = pixels.gradBuffer();
            Parallel.current().forRange(images, 1, nanos, (from, to) -> forEachNeighbour(rows, columns, channels,
                    from * outHeight, to * outHeight,
                    (weight, at, target) -> math.axpy(weight, g, target, dx, at, channels)));
        }, pixels));
    }

    /** Which two positions of an axis each position of the result lies between, and the weight of the second. */
    private static final class Neighbours {
        final int length;
        final int[] first;
        final int[] second;
        final double[] weight; // of the second

        Neighbours(int length, int outLength) {
            this.length = length;
            this.first = new int[outLength];
            this.second = new int[outLength];
            this.weight = new double[outLength];
            for (int i = 0; i < outLength; i++) {
                double at = Math.max(0, (i + 0.5) * length / outLength - 0.5);
                first[i] = (int) at;
                second[i] = Math.min(first[i] + 1, length - 1);
                weight[i] = second[i] > first[i] ? at - first[i] : 0;
            }
        }
    }

    /** A pixel of the input with its weight in a pixel of the output, both as the index of their first channel. */
    @FunctionalInterface
    private interface Neighbour {
        void accept(float weight, int at, int target);
    }

    /** For some rows of the output, which are numbered across images. */
    private static void forEachNeighbour(Neighbours rows, Neighbours columns, int channels, int from, int to,
            Neighbour body) {
        int outHeight = rows.first.length;
        int outWidth = columns.first.length;
        for (int line = from; line < to; line++) {
            int y = line % outHeight;
            int image = line / outHeight * rows.length;
            for (int column = 0; column < outWidth; column++) {
                int target = (line * outWidth + column) * channels;
                for (int corner = 0; corner < 4; corner++) {
                    boolean lower = corner > 1;
                    boolean right = corner % 2 == 1;
                    float weight = (float) ((lower ? rows.weight[y] : 1 - rows.weight[y])
                            * (right ? columns.weight[column] : 1 - columns.weight[column]));
                    if (weight != 0f) {
                        int row = image + (lower ? rows.second[y] : rows.first[y]);
                        int x = right ? columns.second[column] : columns.first[column];
                        body.accept(weight, (row * columns.length + x) * channels, target);
                    }
                }
            }
        }
    }

    // ---------------------------------------------------------------- pixels for channels

    /**
     * Arranges channels as pixels (Shi et al., <i>Real-Time Single Image and Video Super-Resolution</i>, 2016):
     * {@code y[n, c, h * factor + i, w * factor + j] = x[n, (c * factor + i) * factor + j, h, w]}. The inverse of
     * {@link #unshuffle}, which is also its gradient.
     *
     * @param x {@code [n, channels * factor * factor, height, width]}
     * @param factor at least 1
     * @param layer name of the layer for messages
     * @return {@code [n, channels, height * factor, width * factor]}
     * @throws IllegalArgumentException if x is not of rank 4, or its channels are not a multiple of
     *     {@code factor * factor}
     */
    public static Tensor shuffle(Tensor x, int factor, String layer) {
        requireFactor(factor, layer);
        ChannelsLast.requireImages(x, 0, layer);
        if (x.length(1) % Math.multiplyExact(factor, factor) != 0) {
            throw new IllegalArgumentException(layer + ": input " + Arrays.toString(x.shape()) + " has " + x.length(1)
                    + " channels, expected a multiple of " + factor * factor);
        }
        Tensor pixels = ChannelsLast.pixels(x);
        Shuffle shuffle = new Shuffle(x.length(0) * x.length(2), x.length(3), x.length(1) / (factor * factor), factor);
        int[] shape = {x.length(0), Math.multiplyExact(x.length(2), factor), Math.multiplyExact(x.length(3), factor),
            shuffle.channels};
        float[] in = pixels.data();
        float[] out = Workspace.floats(in.length);
        shuffle.forEachRun((coarse, fine) -> {
            for (int c = 0; c < shuffle.channels; c++) {
                out[fine + c] = in[coarse + c * factor * factor];
            }
        });
        return ChannelsLast.images(Autograd.result("shuffle", out, shape, g -> {
            float[] dx = pixels.gradBuffer();
            shuffle.forEachRun((coarse, fine) -> {
                for (int c = 0; c < shuffle.channels; c++) {
                    dx[coarse + c * factor * factor] += g[fine + c];
                }
            });
        }, pixels));
    }

    /**
     * Arranges squares of pixels as channels:
     * {@code y[n, (c * factor + i) * factor + j, h, w] = x[n, c, h * factor + i, w * factor + j]}. The inverse of
     * {@link #shuffle}, which is also its gradient.
     *
     * @param x {@code [n, channels, height * factor, width * factor]}
     * @param factor at least 1
     * @param layer name of the layer for messages
     * @return {@code [n, channels * factor * factor, height, width]}
     * @throws IllegalArgumentException if x is not of rank 4, or its height or width is not a multiple of the factor
     */
    public static Tensor unshuffle(Tensor x, int factor, String layer) {
        requireFactor(factor, layer);
        ChannelsLast.requireImages(x, 0, layer);
        if (x.length(2) % factor != 0 || x.length(3) % factor != 0) {
            throw new IllegalArgumentException(layer + ": input " + Arrays.toString(x.shape()) + " has " + x.length(2)
                    + " x " + x.length(3) + " pixels, expected multiples of " + factor);
        }
        Tensor pixels = ChannelsLast.pixels(x);
        Shuffle shuffle = new Shuffle(x.length(0) * x.length(2) / factor, x.length(3) / factor, x.length(1), factor);
        int[] shape = {x.length(0), x.length(2) / factor, x.length(3) / factor, x.length(1) * factor * factor};
        float[] in = pixels.data();
        float[] out = Workspace.floats(in.length);
        shuffle.forEachRun((coarse, fine) -> {
            for (int c = 0; c < shuffle.channels; c++) {
                out[coarse + c * factor * factor] = in[fine + c];
            }
        });
        return ChannelsLast.images(Autograd.result("unshuffle", out, shape, g -> {
            float[] dx = pixels.gradBuffer();
            shuffle.forEachRun((coarse, fine) -> {
                for (int c = 0; c < shuffle.channels; c++) {
                    dx[fine + c] += g[coarse + c * factor * factor];
                }
            });
        }, pixels));
    }

    private static void requireFactor(int factor, String layer) {
        if (factor < 1) {
            throw new IllegalArgumentException(layer + ": factor is " + factor + ", expected at least 1");
        }
    }

    /** The indices of coarse pixels with many channels and of the fine pixels with few that they correspond to. */
    private record Shuffle(int rows, int width, int channels, int factor) {

        /** Index of the first channel of a fine pixel, and of the first of its channels in the coarse pixel. */
        @FunctionalInterface
        interface Run {
            void accept(int coarse, int fine);
        }

        void forEachRun(Run body) {
            int square = factor * factor;
            long nanos = (long) (2 * NANOS * rows * width * channels * square);
            Parallel.current().forRange(rows, 1, nanos, (from, to) -> {
                for (int row = from; row < to; row++) {
                    for (int column = 0; column < width; column++) {
                        int coarse = (row * width + column) * channels * square;
                        for (int i = 0; i < factor; i++) {
                            int fine = ((row * factor + i) * width + column) * factor * channels;
                            for (int j = 0; j < factor; j++) {
                                body.accept(coarse + i * factor + j, fine + j * channels);
                            }
                        }
                    }
                }
            });
        }
    }
}
