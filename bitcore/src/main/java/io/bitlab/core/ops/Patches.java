package io.bitlab.core.ops;

import io.bitlab.core.memory.Workspace;
import io.bitlab.core.parallel.Parallel;
import io.bitlab.core.tensor.Autograd;
import io.bitlab.core.tensor.Shape;
import io.bitlab.core.tensor.Tensor;
import java.util.Arrays;

/**
 * Convolution as a matrix product (im2col; Chellapilla, Puri and Simard, <i>High Performance Convolutional Neural
 * Networks for Document Processing</i>, 2006): {@link #unfold} lays out what the kernel sees at each position as a row,
 * a linear operation multiplies the rows with the weights, and {@link #toImages} puts the results back in place.
 */
public final class Patches {

    private static final double NANOS_PER_ELEMENT = 0.8; // measured, copying short runs
    private static final int BLOCK = 16; // floats of a cache line

    private Patches() {
    }

    /**
     * Checks that a layer can work on images.
     *
     * @param x the input
     * @param channels how many channels the layer expects; 0 for any number
     * @param layer what to call the layer in the message
     * @throws IllegalArgumentException if x is not {@code [n, channels, height, width]}
     */
    public static void requireImages(Tensor x, int channels, String layer) {
        if (x.rank() != 4 || channels > 0 && x.length(1) != channels) {
            throw new IllegalArgumentException(layer + ": input has shape " + Arrays.toString(x.shape())
                    + ", expected [n, " + (channels > 0 ? channels : "channels") + ", height, width]");
        }
    }

    /**
     * What a window sees of some channels, one position a row. Taps in the padding are 0. The gradient of a pixel is the
     * sum over the rows that saw it, ascending.
     *
     * @param x {@code [n, channels, height, width]}
     * @param fromChannel first channel
     * @param toChannel channel after the last
     * @param window how the kernel slides
     * @param layer what to call the layer in messages
     * @return {@code [n * outHeight * outWidth, (toChannel - fromChannel) * kernelHeight * kernelWidth]}: rows by image,
     *     then from top to bottom, then from left to right; columns by channel, then kernel row, then kernel column
     * @throws IllegalArgumentException if x is not of rank 4, the channels are not a part of x's, or the padded image is
     *     smaller than the kernel
     */
    public static Tensor unfold(Tensor x, int fromChannel, int toChannel, Window window, String layer) {
        requireImages(x, 0, layer);
        if (fromChannel < 0 || fromChannel >= toChannel || toChannel > x.length(1)) {
            throw new IllegalArgumentException(layer + ": channels " + fromChannel + " to " + toChannel
                    + " are not a part of input " + Arrays.toString(x.shape()));
        }
        Walk walk = new Walk(x.shape(), fromChannel, toChannel, window, layer);
        int rows = Math.multiplyExact(walk.images, walk.outHeight * walk.outWidth);
        float[] in = x.data();
        float[] out = Workspace.floats(Shape.size(layer, rows, walk.columns));
        long nanos = (long) (out.length * NANOS_PER_ELEMENT);
        Parallel.current().forRange(rows, 1, nanos, (from, to) -> walk.read(in, out, from, to));
        return Autograd.result("unfold", out, new int[] {rows, walk.columns}, g -> {
            float[] dx = x.gradBuffer();
            int positions = walk.outHeight * walk.outWidth; // images are apart, so their gradients don't meet
            Parallel.current().forRange(walk.images, 1, nanos,
                    (from, to) -> walk.addBack(g, dx, from * positions, to * positions));
        }, x);
    }

    /** The way from the pixels to the rows. */
    private static final class Walk {
        final int images;
        final int outHeight;
        final int outWidth;
        final int columns;
        private final int channels;
        private final int height;
        private final int width;
        private final int fromChannel;
        private final int toChannel;
        private final Window window;

        Walk(int[] shape, int fromChannel, int toChannel, Window window, String layer) {
            this.images = shape[0];
            this.channels = shape[1];
            this.height = shape[2];
            this.width = shape[3];
            this.fromChannel = fromChannel;
            this.toChannel = toChannel;
            this.window = window;
            this.outHeight = window.outputHeight(height, layer);
            this.outWidth = window.outputWidth(width, layer);
            this.columns = Math.multiplyExact(toChannel - fromChannel, window.area());
        }

        private int top(int row) {
            return row / outWidth % outHeight * window.strideHeight() - window.paddingHeight();
        }

        private int left(int row) {
            return row % outWidth * window.strideWidth() - window.paddingWidth();
        }

        private int plane(int row, int channel) {
            return (row / (outWidth * outHeight) * channels + channel) * height * width;
        }

        void read(float[] in, float[] out, int fromRow, int toRow) {
            int kernelWidth = window.kernelWidth();
            int at = fromRow * columns;
            for (int row = fromRow; row < toRow; row++) {
                int left = left(row);
                for (int channel = fromChannel; channel < toChannel; channel++) {
                    int plane = plane(row, channel);
                    int y = top(row);
                    for (int ky = 0; ky < window.kernelHeight(); ky++, y += window.dilationHeight()) {
                        boolean inside = y >= 0 && y < height;
                        int line = plane + y * width;
                        int x = left;
                        for (int kx = 0; kx < kernelWidth; kx++, x += window.dilationWidth()) {
                            out[at++] = inside && x >= 0 && x < width ? in[line + x] : 0f;
                        }
                    }
                }
            }
        }

        /** The same walk backwards: each tap's gradient goes to the pixel that it read. */
        void addBack(float[] g, float[] dx, int fromRow, int toRow) {
            int kernelWidth = window.kernelWidth();
            int at = fromRow * columns;
            for (int row = fromRow; row < toRow; row++) {
                int left = left(row);
                for (int channel = fromChannel; channel < toChannel; channel++) {
                    int plane = plane(row, channel);
                    int y = top(row);
                    for (int ky = 0; ky < window.kernelHeight(); ky++, y += window.dilationHeight()) {
                        boolean inside = y >= 0 && y < height;
                        int line = plane + y * width;
                        int x = left;
                        for (int kx = 0; kx < kernelWidth; kx++, x += window.dilationWidth(), at++) {
                            if (inside && x >= 0 && x < width) {
                                dx[line + x] += g[at];
                            }
                        }
                    }
                }
            }
        }
    }

    /**
     * Rows of channels as images: the way back from {@link #unfold}'s order of rows.
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
