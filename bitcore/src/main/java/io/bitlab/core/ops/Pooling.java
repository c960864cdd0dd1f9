package io.bitlab.core.ops;

import io.bitlab.core.math.FloatMath;
import io.bitlab.core.memory.Workspace;
import io.bitlab.core.tensor.Autograd;
import io.bitlab.core.tensor.Shape;
import io.bitlab.core.tensor.Tensor;
import java.util.Arrays;

/**
 * Pooling and upsampling of images {@code [n, channels, height, width]}, each channel separately.
 *
 * {@snippet class="io.bitlab.core.snippets.OpsSnippets" region="pooling"}
 */
public final class Pooling {

    private Pooling() {
    }

    /**
     * The largest pixel of each window. Padding is ignored; NaN counts as the largest. The gradient goes to the first
     * of equal pixels.
     *
     * @param x {@code [n, channels, height, width]}
     * @param window the sliding window, with at most half a kernel of padding and no dilation
     * @param layer name of the layer for messages
     * @return {@code [n, channels, outHeight, outWidth]}
     * @throws IllegalArgumentException if x is not of rank 4, the window has too much padding or a dilation, or it is
     *     larger than the image
     */
    public static Tensor max(Tensor x, Window window, String layer) {
        SlidingWindow sliding = new SlidingWindow(x, window, layer);
        float[] in = x.data();
        float[] out = Workspace.floats(sliding.size());
        int[] source = Workspace.ints(out.length);
        for (int i = 0; i < out.length; i++) {
            sliding.moveTo(i);
            int best = sliding.first;
            for (int y = 0, row = best; y < sliding.rows; y++, row += sliding.width) {
                for (int at = row; at < row + sliding.columns; at++) {
                    if (in[at] > in[best] || Float.isNaN(in[at]) && !Float.isNaN(in[best])) {
                        best = at;
                    }
                }
            }
            source[i] = best;
            out[i] = in[best];
        }
        return Autograd.result("maxPool", out, sliding.shape(), g -> {
            float[] dx = x.gradBuffer();
            for (int i = 0; i < g.length; i++) {
                dx[source[i]] += g[i];
            }
        }, x);
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
        SlidingWindow sliding = new SlidingWindow(x, window, layer);
        FloatMath math = FloatMath.get();
        float[] in = x.data();
        float[] out = Workspace.floats(sliding.size());
        float[] pixels = Workspace.floats(window.area());
        float share = 1f / window.area();
        for (int i = 0; i < out.length; i++) {
            sliding.moveTo(i);
            int count = 0;
            for (int y = 0, row = sliding.first; y < sliding.rows; y++, row += sliding.width) {
                for (int at = row; at < row + sliding.columns; at++) {
                    pixels[count++] = in[at];
                }
            }
            out[i] = math.sum(pixels, 0, count) * share;
        }
        return Autograd.result("avgPool", out, sliding.shape(), g -> {
            float[] dx = x.gradBuffer();
            for (int i = 0; i < g.length; i++) {
                sliding.moveTo(i);
                float each = g[i] * share;
                for (int y = 0, row = sliding.first; y < sliding.rows; y++, row += sliding.width) {
                    for (int at = row; at < row + sliding.columns; at++) {
                        dx[at] += each;
                    }
                }
            }
        }, x);
    }

    /** The window at one position of one image, cut off at the borders of the image. */
    private static final class SlidingWindow {
        final int width;
        /** Index of the first pixel in the window, and its rows and columns without padding. */
        int first;
        int rows;
        int columns;
        private final int[] shape;
        private final int height;
        private final int outHeight;
        private final int outWidth;
        private final Window window;

        SlidingWindow(Tensor x, Window window, String layer) {
            Patches.requireImages(x, 0, layer);
            if (window.dilationHeight() != 1 || window.dilationWidth() != 1
                    || window.paddingHeight() > window.kernelHeight() / 2
                    || window.paddingWidth() > window.kernelWidth() / 2) {
                throw new IllegalArgumentException(layer + ": pooling windows have no dilation and at most half a "
                        + "kernel of padding, so that each holds a pixel; got " + window);
            }
            this.height = x.length(2);
            this.width = x.length(3);
            this.window = window;
            this.outHeight = window.outputHeight(height, layer);
            this.outWidth = window.outputWidth(width, layer);
            this.shape = new int[] {x.length(0), x.length(1), outHeight, outWidth};
        }

        int[] shape() {
            return shape;
        }

        int size() {
            return Shape.size("pooling", shape);
        }

        /** Moves the window to a position, numbered like the elements of the result. */
        void moveTo(int position) {
            int line = position / outWidth;
            int plane = line / outHeight;
            int top = (line - plane * outHeight) * window.strideHeight() - window.paddingHeight();
            int left = (position - line * outWidth) * window.strideWidth() - window.paddingWidth();
            int firstRow = Math.max(0, top);
            int firstColumn = Math.max(0, left);
            rows = Math.min(height, top + window.kernelHeight()) - firstRow;
            columns = Math.min(width, left + window.kernelWidth()) - firstColumn;
            first = (plane * height + firstRow) * width + firstColumn;
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
        Patches.requireImages(x, 0, layer);
        if (factor < 1) {
            throw new IllegalArgumentException(layer + ": factor is " + factor + ", expected at least 1");
        }
        int width = x.length(3);
        int wide = Math.multiplyExact(width, factor);
        int[] shape = {x.length(0), x.length(1), Math.multiplyExact(x.length(2), factor), wide};
        float[] in = x.data();
        float[] out = Workspace.floats(Shape.size(layer, shape));
        for (int row = 0; row < out.length / wide; row++) {
            int from = row / factor * width; // planes are contiguous, so rows are numbered across them
            for (int column = 0; column < width; column++) {
                int to = row * wide + column * factor;
                Arrays.fill(out, to, to + factor, in[from + column]);
            }
        }
        return Autograd.result("upsample", out, shape, g -> {
            float[] dx = x.gradBuffer();
            for (int row = 0; row < g.length / wide; row++) {
                int to = row / factor * width;
                for (int column = 0; column < wide; column++) {
                    dx[to + column / factor] += g[row * wide + column];
                }
            }
        }, x);
    }
}
