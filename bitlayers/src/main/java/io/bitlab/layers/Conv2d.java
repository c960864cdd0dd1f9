package io.bitlab.layers;

import io.bitlab.core.BitQuantConfig;
import io.bitlab.core.ops.Convolutions;
import io.bitlab.core.tensor.Tensor;

/**
 * The float convolution of images (a cross-correlation, as everywhere in deep learning):
 * {@code y[n, o, i, j] = b[o] + sum over c, k, l of W[o, c, k, l] * x[n, c, i·stride + k·dilation - padding, ...]},
 * with zeros around the image.
 *
 * <p>Input {@code [n, inChannels, height, width]}, weights
 * {@code [outChannels, inChannels / groups, kernelHeight, kernelWidth]}, output
 * {@code [n, outChannels, outHeight, outWidth]}, as in PyTorch.
 *
 * {@snippet class="io.bitlab.layers.snippets.LayersSnippets" region="conv2d"}
 *
 * <p>{@link Convolutions} defines the order in which an output adds up the elements of its patch.
 */
public final class Conv2d extends FloatLayer {

    private final Convolution convolution;

    private Conv2d(Builder builder, Convolution convolution) {
        super(builder.bias, builder.initializer, convolution.weightShape());
        this.convolution = convolution;
    }

    /**
     * Starts building a layer with a square kernel.
     *
     * @param inChannels channels of the input
     * @param outChannels channels of the output
     * @param kernel rows and columns of the kernel
     * @return a builder
     */
    public static Builder builder(int inChannels, int outChannels, int kernel) {
        return builder(inChannels, outChannels, kernel, kernel);
    }

    /**
     * Starts building a layer.
     *
     * @param inChannels channels of the input
     * @param outChannels channels of the output
     * @param kernelHeight rows of the kernel
     * @param kernelWidth columns of the kernel
     * @return a builder
     */
    public static Builder builder(int inChannels, int outChannels, int kernelHeight, int kernelWidth) {
        return new Builder(inChannels, outChannels, kernelHeight, kernelWidth);
    }

    /** Collects the settings of a {@link Conv2d}. */
    public static final class Builder extends ConvolutionBuilder<Builder> {

        private Builder(int inChannels, int outChannels, int kernelHeight, int kernelWidth) {
            super(inChannels, outChannels, kernelHeight, kernelWidth);
        }

        @Override
        Builder self() {
            return this;
        }

        /**
         * Creates the layer.
         *
         * @return a layer in training
         * @throws IllegalArgumentException if the channels don't fit the groups
         */
        public Conv2d build() {
            return new Conv2d(this, convolution());
        }
    }

    @Override
    Tensor forward(Tensor x, Tensor weights, Tensor biases) {
        String layer = describeWithPath();
        convolution.requireImages(x, layer);
        return Convolutions.conv2d(x, weights, biases, convolution.window(), convolution.groups(), layer);
    }

    @Override
    BitConv2d createTernary(Parameter weights, Parameter biases, BitQuantConfig config) {
        return new BitConv2d(convolution, weights, biases, config);
    }

    /**
     * Turns this layer into a ternary one, see {@link #toTernary}.
     *
     * @param config how to quantise
     * @return the ternary layer, in training; the same one at each call
     */
    public BitConv2d toBitConv2d(BitQuantConfig config) {
        return (BitConv2d) toTernary(config);
    }

    @Override
    protected String describe() {
        return convolution.describe("Conv2d");
    }
}
