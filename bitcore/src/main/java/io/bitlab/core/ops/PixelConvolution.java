package io.bitlab.core.ops;

import io.bitlab.core.quant.PatchGrid;

/** A float convolution of images that are stored pixel by pixel, and its gradients. */
sealed interface PixelConvolution permits FloatConvolution, DepthwiseConvolution {

    /**
     * The fastest for some sizes.
     *
     * @param grid with all channels of the images
     * @param outChannels channels of the output
     * @param groups independent convolutions, each of its share of the channels
     */
    static PixelConvolution of(PatchGrid grid, int outChannels, int groups) {
        return isDepthwise(grid.channels(), outChannels, groups) ? new DepthwiseConvolution(grid)
                : new FloatConvolution(grid, outChannels, groups);
    }

    /** Whether each channel has a kernel of its own. */
    static boolean isDepthwise(int inChannels, int outChannels, int groups) {
        return groups > 1 && groups == inChannels && groups == outChannels;
    }

    /**
     * The outputs, without bias.
     *
     * @param x pixels {@code [images, height, width, channels]}; not modified
     * @param weights {@code [outChannels, channels / groups, kernelHeight, kernelWidth]}; not modified
     * @param y {@code [images, outHeight, outWidth, outChannels]}; overwritten
     */
    void forward(float[] x, float[] weights, float[] y);

    /**
     * Adds the gradient of the input.
     *
     * @param g gradient of the output; not modified
     * @param weights as in {@link #forward}; not modified
     * @param dx {@code [images, height, width, channels]}; increased
     */
    void addInputGradient(float[] g, float[] weights, float[] dx);

    /**
     * Adds the gradient of the weights, each element a sum over all positions in order.
     *
     * @param x as in {@link #forward}; not modified
     * @param g gradient of the output; not modified
     * @param dw {@code [outChannels, channels / groups, kernelHeight, kernelWidth]}; increased
     */
    void addWeightGradient(float[] x, float[] g, float[] dw);
}
