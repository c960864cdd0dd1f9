package io.bitlab.core.ops;

import io.bitlab.core.math.FloatMath;
import io.bitlab.core.math.SumTree;
import io.bitlab.core.memory.Workspace;
import io.bitlab.core.parallel.Parallel;
import io.bitlab.core.tensor.Autograd;
import io.bitlab.core.tensor.ChannelsLast;
import io.bitlab.core.tensor.Shape;
import io.bitlab.core.tensor.Tensor;
import java.util.Arrays;

/**
 * Pooling and upsampling of images {@code [n, channels, height, width]}, each channel separately.
 *
 * {@snippet class="io.bitlab.core.snippets.OpsSnippets" region="pooling"}
 */
public final class Pooling {

    /** Rough cost of one element that a window sees. */
    private static final double NANOS = 0.6;

    private Pooling() {
    }

    /**
     * The largest pixel of each window, as {@link Math#max(float, float)} has it: NaN if there is one. Padding is
     * ignored. The gradient goes to the first of equal pixels.
     *
     * @param x {@code [n, channels, height, width]}
     * @param window the sliding window, with at most half a kernel of padding and no dilation
     * @param layer name of the layer for messages
     * @return {@code [n, channels, outHeight, outWidth]}
     * @throws IllegalArgumentException if x is not of rank 4, the window has too much padding or a dilation, or it is
     *     larger than the image
     */
    public static Tensor max(Tensor x, Window window, String layer) {
        PixelWindows windows = PixelWindows.sliding(x, window, layer);
        Tensor pixels = ChannelsLast.pixels(x);
        int channels = windows.channels;
        FloatMath math = FloatMath.get();
        float[] in = pixels.data();
        float[] out = Workspace.floats(Shape.size(layer, windows.shape()));
        long nanos = (long) (NANOS * window.area() * out.length);
        Parallel.current().forRange(windows.images * windows.outHeight(), 1, nanos, (from, until) -> forEachWindow(
                windows, from, until, (row0, row1, column, to) -> {
                    System.arraycopy(in, windows.at(row0, windows.firstColumn[column]), out, to, channels);
                    for (int row = row0; row < row1; row++) {
                        int end = windows.at(row, windows.endColumn[column]);
                        for (int at = windows.at(row, windows.firstColumn[column]); at < end; at += channels) {
                            math.max(in, at, out, to, channels);
                        }
                    }
                }));
        return ChannelsLast.images(Autograd.result("maxPool", out, windows.shape(),
                g -> addToLargest(windows, in, out, g, pixels.gradBuffer(), nanos), pixels));
    }

    private static void addToLargest(PixelWindows windows, float[] in, float[] out, float[] g, float[] dx, long nanos) {
        int channels = windows.channels;
        Parallel.current().forRange(windows.images, 1, nanos, (from, to) -> { // images don't share pixels
            int[] sought = new int[channels]; // 1 until the first of the largest pixels is found
            forEachWindow(windows, from * windows.outHeight(), to * windows.outHeight(),
                    (row0, row1, column, at) -> {
                        Arrays.fill(sought, 1);
                        for (int row = row0; row < row1; row++) {
                            int end = windows.at(row, windows.endColumn[column]);
                            for (int i = windows.at(row, windows.firstColumn[column]); i < end; i += channels) {
                                addWhereSought(in, i, out, g, at, sought, dx);
                            }
                        }
                    });
        });
    }

    /** Without branches, which would be mispredicted too often. */
    private static void addWhereSought(float[] in, int i, float[] out, float[] g, int at, int[] sought, float[] dx) {
        for (int c = 0; c < sought.length; c++) {
            float x = in[i + c];
            int found = sought[c] & (x == out[at + c] || Float.isNaN(x) ? 1 : 0);
            sought[c] -= found;
            dx[i + c] += found == 0 ? 0f : g[at + c];
        }
    }

    /**
     * The mean of each window, padding counted as zeros: the sum, in the order of {@link FloatMath#sum}, times
     * {@code 1 / (kernelHeight * kernelWidth)}.
     *
     * @param x {@code [n, channels, height, width]}
     * @param window the sliding window, with at most half a kernel of padding and no dilation
     * @param layer name of the layer for messages
     * @return {@code [n, channels, outHeight, outWidth]}
     * @throws IllegalArgumentException if x is not of rank 4, the window has too much padding or a dilation, or it is
     *     larger than the image
     */
    public static Tensor mean(Tensor x, Window window, String layer) {
        return mean("avgPool", x, PixelWindows.sliding(x, window, layer), window.area(), layer);
    }

    /**
     * The mean of each of {@code outHeight * outWidth} windows of about the same size, as PyTorch divides them: output
     * row i sees the rows from {@code floor(i * height / outHeight)} to before
     * {@code ceil((i + 1) * height / outHeight)}, and columns likewise. Sums are in the order of {@link FloatMath#sum}.
     *
     * @param x {@code [n, channels, height, width]}
     * @param outHeight rows of the result, at least 1
     * @param outWidth columns of the result, at least 1
     * @param layer name of the layer for messages
     * @return {@code [n, channels, outHeight, outWidth]}
     * @throws IllegalArgumentException if x is not of rank 4, or the result would have no pixels
     */
    public static Tensor adaptiveMean(Tensor x, int outHeight, int outWidth, String layer) {
        return mean("adaptiveAvgPool", x, PixelWindows.adaptive(x, outHeight, outWidth, layer), 0, layer);
    }

    /** The sum of each window, divided by the area, or by the number of its pixels if that is 0. */
    private static Tensor mean(String operation, Tensor x, PixelWindows windows, int area, String layer) {
        Tensor pixels = ChannelsLast.pixels(x);
        int channels = windows.channels;
        FloatMath math = FloatMath.get();
        float[] in = pixels.data();
        float[] out = Workspace.floats(Shape.size(layer, windows.shape()));
        long nanos = (long) (NANOS * Math.max(in.length, (double) area * out.length));
        Parallel.current().forRange(windows.images * windows.outHeight(), 1, nanos, (from, until) -> {
            float[] partials = new float[SumTree.PARTIALS * channels];
            forEachWindow(windows, from, until, (row0, row1, column, to) -> {
                int wide = windows.endColumn[column] - windows.firstColumn[column];
                int count = (row1 - row0) * wide;
                int used = Math.min(SumTree.PARTIALS, count);
                Arrays.fill(partials, 0, used * channels, 0f);
                for (int row = row0, i = 0; row < row1; row++) {
                    int at = windows.at(row, windows.firstColumn[column]);
                    for (int end = i + wide; i < end;) { // pixels and partial sums are both in a run
                        int partial = i % SumTree.PARTIALS;
                        int run = Math.min(end - i, SumTree.PARTIALS - partial);
                        math.axpy(1f, in, at, partials, partial * channels, run * channels);
                        at += run * channels;
                        i += run;
                    }
                }
                for (int half = SumTree.PARTIALS / 2; half > 0; half /= 2) {
                    if (used > half) {
                        math.axpy(1f, partials, half * channels, partials, 0, (used - half) * channels);
                        used = half;
                    }
                }
                multiply(partials, 1f / (area > 0 ? area : count), channels);
                System.arraycopy(partials, 0, out, to, channels);
            });
        });
        return ChannelsLast.images(Autograd.result(operation, out, windows.shape(), g -> {
            float[] dx = pixels.gradBuffer();
            addMeans(windows, g, dx, area, nanos);
        }, pixels));
    }

    private static void addMeans(PixelWindows windows, float[] g, float[] dx, int area, long nanos) {
        int channels = windows.channels;
        FloatMath math = FloatMath.get();
        Parallel.current().forRange(windows.images, 1, nanos, (from, to) -> { // images don't share pixels
            float[] each = new float[channels];
            forEachWindow(windows, from * windows.outHeight(), to * windows.outHeight(),
                    (row0, row1, column, at) -> {
                        int first = windows.firstColumn[column];
                        int end = windows.endColumn[column];
                        System.arraycopy(g, at, each, 0, channels);
                        multiply(each, 1f / (area > 0 ? area : (row1 - row0) * (end - first)), channels);
                        for (int y = row0; y < row1; y++) {
                            for (int i = windows.at(y, first); i < windows.at(y, end); i += channels) {
                                math.axpy(1f, each, 0, dx, i, channels);
                            }
                        }
                    });
        });
    }

    private static void multiply(float[] x, float factor, int length) {
        for (int i = 0; i < length; i++) {
            x[i] *= factor;
        }
    }

    /** Computes one pixel of the output from the input's rows row0 to row1, which are numbered across images. */
    @FunctionalInterface
    private interface OneWindow {
        void accept(int row0, int row1, int column, int to);
    }

    /** Computes some rows of the output, which are numbered across images. */
    private static void forEachWindow(PixelWindows windows, int from, int until, OneWindow body) {
        int at = from * windows.outWidth() * windows.channels;
        for (int line = from; line < until; line++) {
            int image = line / windows.outHeight();
            int y = line - image * windows.outHeight();
            for (int column = 0; column < windows.outWidth(); column++, at += windows.channels) {
                body.accept(image * windows.height + windows.firstRow[y], image * windows.height + windows.endRow[y],
                        column, at);
            }
        }
    }

    /**
     * Nearest-neighbour upsampling: each pixel becomes a square of {@code factor * factor} pixels. The gradient of a
     * pixel is the sum over its square, row by row.
     *
     * @param x {@code [n, channels, height, width]}
     * @param factor at least 1
     * @param layer name of the layer for messages
     * @return {@code [n, channels, height * factor, width * factor]}
     * @throws IllegalArgumentException if x is not of rank 4 or the factor below 1
     */
    public static Tensor upsample(Tensor x, int factor, String layer) {
        ChannelsLast.requireImages(x, 0, layer);
        if (factor < 1) {
            throw new IllegalArgumentException(layer + ": factor is " + factor + ", expected at least 1");
        }
        Tensor pixels = ChannelsLast.pixels(x);
        int channels = x.length(1);
        int width = x.length(3) * channels; // elements in a row
        int wide = Math.multiplyExact(width, factor);
        int[] shape = {x.length(0), Math.multiplyExact(x.length(2), factor), Math.multiplyExact(x.length(3), factor),
            channels};
        int rows = x.length(0) * x.length(2);
        float[] in = pixels.data();
        float[] out = Workspace.floats(Shape.size(layer, shape));
        long nanos = (long) (NANOS * out.length);
        Parallel.current().forRange(rows, 1, nanos, (first, last) -> {
            for (int row = first; row < last; row++) {
                int top = row * factor * wide;
                for (int from = row * width, to = top; from < (row + 1) * width; from += channels) {
                    for (int copy = 0; copy < factor; copy++, to += channels) {
                        System.arraycopy(in, from, out, to, channels);
                    }
                }
                for (int copy = 1; copy < factor; copy++) {
                    System.arraycopy(out, top, out, top + copy * wide, wide);
                }
            }
        });
        FloatMath math = FloatMath.get();
        return ChannelsLast.images(Autograd.result("upsample", out, shape, g -> {
            float[] dx = pixels.gradBuffer();
            Parallel.current().forRange(rows * factor, factor, nanos, (first, last) -> {
                for (int row = first; row < last; row++) {
                    int to = row / factor * width;
                    for (int column = 0; column < wide / channels; column++) {
                        math.axpy(1f, g, row * wide + column * channels, dx, to + column / factor * channels,
                                channels);
                    }
                }
            });
        }, pixels));
    }
}
