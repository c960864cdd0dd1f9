package io.bitlab.core.ops;

import io.bitlab.core.tensor.ChannelsLast;
import io.bitlab.core.tensor.Tensor;

/**
 * The windows of a pooling over pixels {@code [n, height, width, channels]}, cut off at the borders of the image: which
 * rows and columns of the input each row and column of the output sees. All windows hold a pixel.
 */
final class PixelWindows {

    final int images;
    final int channels;
    final int height;
    final int width;
    final int[] firstRow; // by row of the output
    final int[] endRow;
    final int[] firstColumn; // by column of the output
    final int[] endColumn;

    private PixelWindows(Tensor x, int outHeight, int outWidth) {
        this.images = x.length(0);
        this.channels = x.length(1);
        this.height = x.length(2);
        this.width = x.length(3);
        this.firstRow = new int[outHeight];
        this.endRow = new int[outHeight];
        this.firstColumn = new int[outWidth];
        this.endColumn = new int[outWidth];
    }

    /** Windows that slide. */
    static PixelWindows sliding(Tensor x, Window window, String layer) {
        ChannelsLast.requireImages(x, 0, layer);
        if (window.dilationHeight() != 1 || window.dilationWidth() != 1
                || window.paddingHeight() > window.kernelHeight() / 2
                || window.paddingWidth() > window.kernelWidth() / 2) {
            throw new IllegalArgumentException(layer + ": pooling windows have no dilation and at most half a "
                    + "kernel of padding, so that each holds a pixel; got " + window);
        }
        PixelWindows windows = new PixelWindows(x, window.outputHeight(x.length(2), layer),
                window.outputWidth(x.length(3), layer));
        slide(windows.firstRow, windows.endRow, windows.height, window.kernelHeight(), window.strideHeight(),
                window.paddingHeight());
        slide(windows.firstColumn, windows.endColumn, windows.width, window.kernelWidth(), window.strideWidth(),
                window.paddingWidth());
        return windows;
    }

    private static void slide(int[] first, int[] end, int length, int kernel, int stride, int padding) {
        for (int i = 0; i < first.length; i++) {
            int from = i * stride - padding;
            first[i] = Math.max(0, from);
            end[i] = Math.min(length, from + kernel);
        }
    }

    /** As many windows as the output should have pixels, of about the same size. */
    static PixelWindows adaptive(Tensor x, int outHeight, int outWidth, String layer) {
        ChannelsLast.requireImages(x, 0, layer);
        if (outHeight < 1 || outWidth < 1) {
            throw new IllegalArgumentException(layer + ": output of " + outHeight + " x " + outWidth
                    + " pixels, expected at least 1 x 1");
        }
        PixelWindows windows = new PixelWindows(x, outHeight, outWidth);
        divide(windows.firstRow, windows.endRow, windows.height);
        divide(windows.firstColumn, windows.endColumn, windows.width);
        return windows;
    }

    private static void divide(int[] first, int[] end, int length) {
        long parts = first.length;
        for (int i = 0; i < parts; i++) {
            first[i] = (int) (i * (long) length / parts);
            end[i] = (int) Math.ceilDiv((i + 1) * (long) length, parts);
        }
    }

    int outHeight() {
        return firstRow.length;
    }

    int outWidth() {
        return firstColumn.length;
    }

    /** Shape of the pixels of the output. */
    int[] shape() {
        return new int[] {images, outHeight(), outWidth(), channels};
    }

    /** Index of the first channel of an input pixel; rows are numbered across images. */
    int at(int row, int column) {
        return (row * width + column) * channels;
    }
}
