package io.bitlab.core.quant;

import java.util.Arrays;

/**
 * Where the kernel of a convolution lies on images that are stored pixel by pixel: position (y, x) of an image covers
 * the pixels {@code (y·strideHeight + i·dilationHeight - paddingHeight, x·strideWidth + j·dilationWidth -
 * paddingWidth)}, zeros outside the image.
 *
 * {@snippet class="io.bitlab.core.snippets.QuantSnippets" region="patches"}
 *
 * <p>A patch is a row of a matrix: positions are rows, image after image, from top to bottom, then from left to right;
 * columns are kernel row, then kernel column, then channel. Immutable.
 *
 * @param images number of images, at least 1
 * @param height rows of an image, at least 1
 * @param width columns of an image, at least 1
 * @param channels channels of a pixel in memory, at least 1
 * @param firstChannel the first channel that patches hold
 * @param patchChannels how many channels patches hold, at least 1
 * @param kernelHeight rows of the kernel, at least 1
 * @param kernelWidth columns of the kernel, at least 1
 * @param strideHeight rows between positions, at least 1
 * @param strideWidth columns between positions, at least 1
 * @param paddingHeight rows of zeros above and below, at least 0
 * @param paddingWidth columns of zeros left and right, at least 0
 * @param dilationHeight rows between taps, at least 1
 * @param dilationWidth columns between taps, at least 1
 */
public record PatchGrid(int images, int height, int width, int channels, int firstChannel, int patchChannels,
        int kernelHeight, int kernelWidth, int strideHeight, int strideWidth, int paddingHeight, int paddingWidth,
        int dilationHeight, int dilationWidth) {

    /**
     * Checks the numbers.
     *
     * @throws IllegalArgumentException if one is out of range, the channels are not a part of the pixels, no position
     *     fits, or a row or column would not be an int
     */
    public PatchGrid {
        boolean positive = images > 0 && height > 0 && width > 0 && patchChannels > 0 && kernelHeight > 0
                && kernelWidth > 0 && strideHeight > 0 && strideWidth > 0 && dilationHeight > 0 && dilationWidth > 0;
        if (!positive || paddingHeight < 0 || paddingWidth < 0 || firstChannel < 0
                || (long) firstChannel + patchChannels > channels
                || positions(height, kernelHeight, strideHeight, paddingHeight, dilationHeight) < 1
                || positions(width, kernelWidth, strideWidth, paddingWidth, dilationWidth) < 1) {
            throw new IllegalArgumentException("PatchGrid: no kernel of " + kernelHeight + " x " + kernelWidth
                    + " with stride " + strideHeight + " x " + strideWidth + ", padding " + paddingHeight + " x "
                    + paddingWidth + " and dilation " + dilationHeight + " x " + dilationWidth + " fits on channels "
                    + firstChannel + " to " + ((long) firstChannel + patchChannels) + " of " + images + " images of "
                    + height + " x " + width + " pixels with " + channels + " channels");
        }
        requireInt(images, height, width, channels);
        requireInt(kernelHeight, kernelWidth, patchChannels);
        requireInt(images, positions(height, kernelHeight, strideHeight, paddingHeight, dilationHeight),
                positions(width, kernelWidth, strideWidth, paddingWidth, dilationWidth));
    }

    private static void requireInt(long... lengths) {
        long product = 1;
        for (long length : lengths) {
            product *= length;
            if (product > Integer.MAX_VALUE) {
                throw new IllegalArgumentException("PatchGrid: the product of " + Arrays.toString(lengths)
                        + " is larger than an array; take fewer images at a time, or smaller ones");
            }
        }
    }

    private static long positions(int length, int kernel, int stride, int padding, int dilation) {
        long free = length + 2L * padding - dilation * (kernel - 1L) - 1;
        return free < 0 || length + 2L * padding > Integer.MAX_VALUE ? 0 : free / stride + 1;
    }

    /**
     * Single pixels: each is a patch.
     *
     * @param pixels number of pixels
     * @param channels channels of each
     * @return the grid of a 1 x 1 kernel on one row of pixels
     */
    public static PatchGrid ofPixels(int pixels, int channels) {
        return new PatchGrid(1, 1, pixels, channels, 0, channels, 1, 1, 1, 1, 0, 0, 1, 1);
    }

    /**
     * This grid for other channels of the same pixels.
     *
     * @param first the first channel that patches hold
     * @param count how many channels patches hold
     * @return the changed copy
     */
    public PatchGrid withChannels(int first, int count) {
        return new PatchGrid(images, height, width, channels, first, count, kernelHeight, kernelWidth, strideHeight,
                strideWidth, paddingHeight, paddingWidth, dilationHeight, dilationWidth);
    }

    /**
     * Whether each pixel is a patch, so that no pixel is read twice.
     *
     * @return true for a 1 x 1 kernel with stride 1 and no padding
     */
    public boolean isPixelwise() {
        return kernelHeight == 1 && kernelWidth == 1 && strideHeight == 1 && strideWidth == 1 && paddingHeight == 0
                && paddingWidth == 0;
    }

    /**
     * Rows of positions on an image.
     *
     * @return at least 1
     */
    public int outHeight() {
        return (int) positions(height, kernelHeight, strideHeight, paddingHeight, dilationHeight);
    }

    /**
     * Columns of positions on an image.
     *
     * @return at least 1
     */
    public int outWidth() {
        return (int) positions(width, kernelWidth, strideWidth, paddingWidth, dilationWidth);
    }

    /**
     * Positions on all images: the rows of the matrix of patches.
     *
     * @return at least 1
     */
    public int rows() {
        return images * outHeight() * outWidth();
    }

    /**
     * Values of a patch: the columns of the matrix of patches.
     *
     * @return at least 1
     */
    public int columns() {
        return kernelHeight * kernelWidth * patchChannels;
    }

    /**
     * Values of all pixels, the length of their array.
     *
     * @return at least 1
     */
    public int size() {
        return images * height * width * channels;
    }

    /**
     * Columns of an image with its zeros.
     *
     * @return {@code width + 2 * paddingWidth}
     */
    public int paddedWidth() {
        return width + 2 * paddingWidth;
    }

    /**
     * Rows of an image with its zeros.
     *
     * @return {@code height + 2 * paddingHeight}
     */
    public int paddedHeight() {
        return height + 2 * paddingHeight;
    }

    /**
     * Rows of pixels under neighbouring rows of positions.
     *
     * @param positionRows rows of positions, at least 1
     * @return at least 1
     */
    public int pixelRows(int positionRows) {
        return (positionRows - 1) * strideHeight + (kernelHeight - 1) * dilationHeight + 1;
    }

    /**
     * Rows of positions that are computed together, so that their pixels stay in a cache and all threads have some.
     *
     * @param mostPixelRows rows of pixels that the cache holds
     * @param threads number of threads
     * @return from 1 to {@link #outHeight}
     */
    public int bandHeight(int mostPixelRows, int threads) {
        int fitting = (mostPixelRows - pixelRows(1)) / strideHeight + 1;
        int sharing = Math.ceilDiv(outHeight(), Math.ceilDiv(threads, images));
        return Math.clamp(Math.min(fitting, sharing), 1, outHeight());
    }

    /**
     * Where a tap of a position finds its values.
     *
     * @param image the image
     * @param y row of the first tap's pixel, negative in the padding
     * @param x column of the first tap's pixel, negative in the padding
     * @param tap the tap, row by row
     * @return index of the first value of a patch at that tap, or -1 if the tap lies in the padding
     */
    public int tap(int image, int y, int x, int tap) {
        int row = y + tap / kernelWidth * dilationHeight;
        int column = x + tap % kernelWidth * dilationWidth;
        boolean inside = row >= 0 && row < height && column >= 0 && column < width;
        return inside ? ((image * height + row) * width + column) * channels + firstChannel : -1;
    }

    @Override
    public String toString() {
        return images + " images of " + height + " x " + width + ", channels " + firstChannel + " to "
                + (firstChannel + patchChannels) + " of " + channels + ", kernel " + kernelHeight + " x " + kernelWidth
                + ", stride " + strideHeight + " x " + strideWidth + ", padding " + paddingHeight + " x "
                + paddingWidth + ", dilation " + dilationHeight + " x " + dilationWidth;
    }
}
