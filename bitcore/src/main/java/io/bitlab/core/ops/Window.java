package io.bitlab.core.ops;

/**
 * The sliding window of a convolution or pooling: kernel size, and for both directions the stride, the zero padding on
 * each side, and the dilation (the distance between neighbouring taps). The conventions are PyTorch's. Immutable.
 *
 * {@snippet class="io.bitlab.core.snippets.OpsSnippets" region="window"}
 *
 * <p>Along an axis of length n there are {@code floor((n + 2·padding - dilation·(kernel - 1) - 1) / stride) + 1}
 * positions.
 *
 * @param kernelHeight rows of the kernel, at least 1
 * @param kernelWidth columns of the kernel, at least 1
 * @param strideHeight rows between positions, at least 1
 * @param strideWidth columns between positions, at least 1
 * @param paddingHeight rows added above and below, at least 0
 * @param paddingWidth columns added left and right, at least 0
 * @param dilationHeight rows between taps, at least 1
 * @param dilationWidth columns between taps, at least 1
 */
public record Window(int kernelHeight, int kernelWidth, int strideHeight, int strideWidth, int paddingHeight,
        int paddingWidth, int dilationHeight, int dilationWidth) {

    /**
     * Checks every number.
     *
     * @throws IllegalArgumentException if a number is out of range; the message names the first
     */
    public Window {
        require("kernel height", kernelHeight, 1);
        require("kernel width", kernelWidth, 1);
        require("stride height", strideHeight, 1);
        require("stride width", strideWidth, 1);
        require("padding height", paddingHeight, 0);
        require("padding width", paddingWidth, 0);
        require("dilation height", dilationHeight, 1);
        require("dilation width", dilationWidth, 1);
    }

    private static void require(String what, int value, int least) {
        if (value < least) {
            throw new IllegalArgumentException("Window: " + what + " is " + value + ", expected at least " + least);
        }
    }

    /**
     * A window with stride 1, no padding and dilation 1.
     *
     * @param height rows of the kernel
     * @param width columns of the kernel
     * @return the window
     */
    public static Window of(int height, int width) {
        return new Window(height, width, 1, 1, 0, 0, 1, 1);
    }

    /**
     * This window with another stride.
     *
     * @param height rows between positions
     * @param width columns between positions
     * @return the changed copy
     */
    public Window withStride(int height, int width) {
        return new Window(kernelHeight, kernelWidth, height, width, paddingHeight, paddingWidth, dilationHeight,
                dilationWidth);
    }

    /**
     * This window with another zero padding.
     *
     * @param height rows added above and below
     * @param width columns added left and right
     * @return the changed copy
     */
    public Window withPadding(int height, int width) {
        return new Window(kernelHeight, kernelWidth, strideHeight, strideWidth, height, width, dilationHeight,
                dilationWidth);
    }

    /**
     * This window with another dilation.
     *
     * @param height rows between taps
     * @param width columns between taps
     * @return the changed copy
     */
    public Window withDilation(int height, int width) {
        return new Window(kernelHeight, kernelWidth, strideHeight, strideWidth, paddingHeight, paddingWidth, height,
                width);
    }

    /**
     * The number of taps.
     *
     * @return rows times columns of the kernel
     */
    public int area() {
        return Math.multiplyExact(kernelHeight, kernelWidth);
    }

    /**
     * The height of the output: the number of positions from top to bottom.
     *
     * @param height rows of the image
     * @param layer name of the layer for the message
     * @return at least 1
     * @throws IllegalArgumentException if the padded image is smaller than the kernel
     */
    public int outputHeight(int height, String layer) {
        return positions("height", height, kernelHeight, strideHeight, paddingHeight, dilationHeight, layer);
    }

    /**
     * The width of the output: the number of positions from left to right.
     *
     * @param width columns of the image
     * @param layer name of the layer for the message
     * @return at least 1
     * @throws IllegalArgumentException if the padded image is smaller than the kernel
     */
    public int outputWidth(int width, String layer) {
        return positions("width", width, kernelWidth, strideWidth, paddingWidth, dilationWidth, layer);
    }

    private static int positions(String axis, int length, int kernel, int stride, int padding, int dilation,
            String layer) {
        long padded = length + 2L * padding;
        long span = dilation * (kernel - 1L) + 1;
        if (padded < span || padded > Integer.MAX_VALUE) {
            throw new IllegalArgumentException(layer + ": input of " + axis + " " + length + " with a padding of "
                    + padding + " on both sides has a length of " + padded + ", expected at least " + span
                    + " for a kernel of " + kernel + " with dilation " + dilation + ", and an int");
        }
        return (int) ((padded - span) / stride) + 1;
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder("kernel ").append(kernelHeight).append('x').append(kernelWidth);
        append(text, "stride", strideHeight, strideWidth, 1);
        append(text, "padding", paddingHeight, paddingWidth, 0);
        append(text, "dilation", dilationHeight, dilationWidth, 1);
        return text.toString();
    }

    private static void append(StringBuilder text, String what, int height, int width, int usual) {
        if (height != usual || width != usual) {
            text.append(", ").append(what).append(' ').append(height);
            if (width != height) {
                text.append('x').append(width);
            }
        }
    }
}
