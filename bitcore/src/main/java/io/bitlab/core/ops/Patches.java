package io.bitlab.core.ops;

import io.bitlab.core.memory.Workspace;
import io.bitlab.core.parallel.Parallel;
import io.bitlab.core.tensor.Autograd;
import io.bitlab.core.tensor.Shape;
import io.bitlab.core.tensor.Tensor;
import java.util.Arrays;

/**
 * Convolution as a matrix product (im2col; Chellapilla, Puri and Simard, <i>High Performance Convolutional Neural
 * Networks for Document Processing</i>, 2006): {@link #unfold} copies the pixels under the kernel at each position into
 * a row, a linear operation multiplies the rows by the weights, and {@link #toImages} arranges the results as images.
 *
 * {@snippet class="io.bitlab.core.snippets.OpsSnippets" region="convolution"}
 */
public final class Patches {

    private static final double NANOS_PER_ELEMENT = 0.7; // measured
    private static final int BLOCK = 16; // floats in a cache line

    private Patches() {
    }

    /**
     * Checks the shape of a layer's images.
     *
     * @param x the input
     * @param channels number of channels that the layer expects; 0 for any
     * @param layer name of the layer for the message
     * @throws IllegalArgumentException if x is not {@code [n, channels, height, width]}
     */
    public static void requireImages(Tensor x, int channels, String layer) {
        if (x.rank() != 4 || channels > 0 && x.length(1) != channels) {
            throw new IllegalArgumentException(layer + ": input has shape " + Arrays.toString(x.shape())
                    + ", expected [n, " + (channels > 0 ? channels : "channels") + ", height, width]");
        }
    }

    /**
     * Copies the pixels under a sliding window to one row per position, with 0 for the padding. The gradient of a pixel
     * is the sum over the rows that hold it, in ascending order.
     *
     * @param x {@code [n, channels, height, width]}
     * @param fromChannel first channel
     * @param toChannel channel after the last
     * @param window how the kernel slides
     * @param layer name of the layer for messages
     * @return {@code [n * outHeight * outWidth, (toChannel - fromChannel) * kernelHeight * kernelWidth]}: rows by
     *     image, then from top to bottom, then from left to right; columns by channel, then kernel row, then kernel
     *     column
     * @throws IllegalArgumentException if x is not of rank 4, the channels are not a range of x's, or the padded image
     *     is smaller than the kernel
     */
    public static Tensor unfold(Tensor x, int fromChannel, int toChannel, Window window, String layer) {
        requireImages(x, 0, layer);
        if (fromChannel < 0 || fromChannel >= toChannel || toChannel > x.length(1)) {
            throw new IllegalArgumentException(layer + ": channels " + fromChannel + " to " + toChannel
                    + " are not a range of input " + Arrays.toString(x.shape()));
        }
        Im2Col im2col = new Im2Col(x.shape(), fromChannel, toChannel, window, layer);
        int rows = Math.multiplyExact(im2col.images, im2col.outHeight * im2col.outWidth);
        float[] in = x.data();
        float[] out = Workspace.floats(Shape.size(layer, rows, im2col.columns));
        long nanos = (long) (out.length * NANOS_PER_ELEMENT);
        Parallel.current().forRange(rows, 1, nanos, (from, to) -> im2col.read(in, out, from, to));
        return Autograd.result("unfold", out, new int[] {rows, im2col.columns}, g -> {
            float[] dx = x.gradBuffer();
            int positions = im2col.outHeight * im2col.outWidth; // images don't overlap, so threads never share a pixel
            Parallel.current().forRange(im2col.images, 1, nanos,
                    (from, to) -> im2col.addBack(g, dx, from * positions, to * positions));
        }, x);
    }

    /** Copies between pixels and rows: knows the offset of each column's tap from the first pixel of the window. */
    private static final class Im2Col {
        final int images;
        final int outHeight;
        final int outWidth;
        final int columns;
        private final int channels;
        private final int height;
        private final int width;
        private final int fromChannel;
        private final Window window;
        private final int[] tapRow;
        private final int[] tapColumn;
        private final int[] tapOffset;

        Im2Col(int[] shape, int fromChannel, int toChannel, Window window, String layer) {
            this.images = shape[0];
            this.channels = shape[1];
            this.height = shape[2];
            this.width = shape[3];
            this.fromChannel = fromChannel;
            this.window = window;
            this.outHeight = window.outputHeight(height, layer);
            this.outWidth = window.outputWidth(width, layer);
            this.columns = Math.multiplyExact(toChannel - fromChannel, window.area());
            this.tapRow = Workspace.ints(columns);
            this.tapColumn = Workspace.ints(columns);
            this.tapOffset = Workspace.ints(columns);
            for (int j = 0; j < columns; j++) {
                tapRow[j] = j / window.kernelWidth() % window.kernelHeight() * window.dilationHeight();
                tapColumn[j] = j % window.kernelWidth() * window.dilationWidth();
                tapOffset[j] = (j / window.area() * height + tapRow[j]) * width + tapColumn[j];
            }
        }

        private int top(int row) {
            return row / outWidth % outHeight * window.strideHeight() - window.paddingHeight();
        }

        private int left(int row) {
            return row % outWidth * window.strideWidth() - window.paddingWidth();
        }

        /** Index of the window's first pixel; outside the image if that is in the padding. */
        private int first(int row) {
            int plane = row / (outWidth * outHeight) * channels + fromChannel;
            return (plane * height + top(row)) * width + left(row);
        }

        /** Whether no tap is in the padding. */
        private boolean isInside(int top, int left) {
            return top >= 0 && left >= 0 && top + tapRow[columns - 1] < height && left + tapColumn[columns - 1] < width;
        }

        private boolean isPixel(int y, int x) {
            return y >= 0 && y < height && x >= 0 && x < width;
        }

        void read(float[] in, float[] out, int fromRow, int toRow) {
            for (int row = fromRow; row < toRow; row++) {
                int top = top(row);
                int left = left(row);
                int first = first(row);
                int at = row * columns;
                if (isInside(top, left)) {
                    for (int j = 0; j < columns; j++) {
                        out[at + j] = in[first + tapOffset[j]];
                    }
                } else {
                    for (int j = 0; j < columns; j++) {
                        boolean pixel = isPixel(top + tapRow[j], left + tapColumn[j]);
                        out[at + j] = pixel ? in[first + tapOffset[j]] : 0f;
                    }
                }
            }
        }

        /** Backward of {@link #read}: adds the gradient of each tap to the pixel that it read. */
        void addBack(float[] g, float[] dx, int fromRow, int toRow) {
            for (int row = fromRow; row < toRow; row++) {
                int top = top(row);
                int left = left(row);
                int first = first(row);
                int at = row * columns;
                if (isInside(top, left)) {
                    for (int j = 0; j < columns; j++) {
                        dx[first + tapOffset[j]] += g[at + j];
                    }
                } else {
                    for (int j = 0; j < columns; j++) {
                        if (isPixel(top + tapRow[j], left + tapColumn[j])) {
                            dx[first + tapOffset[j]] += g[at + j];
                        }
                    }
                }
            }
        }
    }

    /**
     * Rows of channels, in the order of {@link #unfold}'s rows, as images.
     *
     * @param rows {@code [n * height * width, channels]}
     * @param images n
     * @param height rows of an image
     * @param width columns of an image
     * @return {@code [n, channels, height, width]}
     * @throws IllegalArgumentException if there are not {@code n * height * width} rows
     */
    public static Tensor toImages(Tensor rows, int images, int height, int width) {
        if (rows.rank() != 2 || rows.length(0) != (long) images * height * width) {
            throw new IllegalArgumentException("toImages: rows " + Arrays.toString(rows.shape()) + " for " + images
                    + " images of " + height + " x " + width + "; expected [" + (long) images * height * width
                    + ", channels]");
        }
        int channels = rows.length(1);
        int pixels = height * width;
        float[] in = rows.data();
        float[] out = Workspace.floats(in.length);
        for (int image = 0, at = 0; image < images; image++, at += channels * pixels) {
            for (int block = 0; block < channels; block += BLOCK) { // read whole cache lines
                int end = Math.min(block + BLOCK, channels);
                for (int p = 0; p < pixels; p++) {
                    for (int c = block; c < end; c++) {
                        out[at + c * pixels + p] = in[at + p * channels + c];
                    }
                }
            }
        }
        return Autograd.result("toImages", out, new int[] {images, channels, height, width}, g -> {
            float[] dx = rows.gradBuffer();
            for (int image = 0, at = 0; image < images; image++, at += channels * pixels) {
                for (int block = 0; block < channels; block += BLOCK) {
                    int end = Math.min(block + BLOCK, channels);
                    for (int p = 0; p < pixels; p++) {
                        for (int c = block; c < end; c++) {
                            dx[at + p * channels + c] += g[at + c * pixels + p];
                        }
                    }
                }
            }
        }, rows);
    }
}
