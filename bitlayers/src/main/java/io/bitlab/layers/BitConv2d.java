package io.bitlab.layers;

import io.bitlab.core.BitQuantConfig;
import io.bitlab.core.tensor.Tensor;

/**
 * The ternary convolution of images: the formula of {@link Conv2d} with weights in {-1, 0, +1} times a scale, and
 * activations int8 or float32.
 *
 * <p>Input {@code [n, inChannels, height, width]}, weights
 * {@code [outChannels, inChannels / groups, kernelHeight, kernelWidth]}, output
 * {@code [n, outChannels, outHeight, outWidth]}.
 *
 * {@snippet class="io.bitlab.layers.snippets.LayersSnippets" region="bitConv2d"}
 *
 * <p>The patches under the kernel become the rows of a matrix, multiplied as in {@link BitLinear}. With int8
 * activations of granularity PER_CHANNEL each patch has its scale, with PER_TENSOR all patches of the batch share one.
 * Each group has its own scales for activations and weights; {@link #ternaryWeight()} joins the groups in one matrix
 * with a scale for each row.
 *
 * <p>With int8 activations the outputs of training and evaluation are equal to the bit.
 */
public final class BitConv2d extends TernaryLayer {

    private final Convolution convolution;

    private BitConv2d(Builder builder, Convolution convolution) {
        super(builder.config, convolution.groups(), builder.bias, builder.initializer, convolution.weightShape());
        this.convolution = convolution;
    }

    /** Takes over the parameters of a float layer. */
    BitConv2d(Convolution convolution, Parameter weight, Parameter bias, BitQuantConfig config) {
        super(config, convolution.groups(), weight, bias);
        this.convolution = convolution;
    }

    /**
     * Starts building a layer with a square kernel.
     *
     * @param inChannels channels of the input
     * @param outChannels channels of the output
     * @param kernel rows and columns of the kernel
     * @return a builder with {@link BitQuantConfig#defaults()}
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
     * @return a builder with {@link BitQuantConfig#defaults()}
     */
    public static Builder builder(int inChannels, int outChannels, int kernelHeight, int kernelWidth) {
        return new Builder(inChannels, outChannels, kernelHeight, kernelWidth);
    }

    /** Collects the settings of a {@link BitConv2d}. */
    public static final class Builder extends ConvolutionBuilder<Builder> {
        private BitQuantConfig config = BitQuantConfig.defaults();

        private Builder(int inChannels, int outChannels, int kernelHeight, int kernelWidth) {
            super(inChannels, outChannels, kernelHeight, kernelWidth);
        }

        @Override
        Builder self() {
            return this;
        }

        /**
         * Sets how weights and activations are quantised.
         *
         * @param newConfig the configuration
         * @return this builder
         */
        public Builder quantConfig(BitQuantConfig newConfig) {
            config = newConfig;
            return this;
        }

        /**
         * Creates the layer.
         *
         * @return a layer in training
         * @throws IllegalArgumentException if the channels don't fit the groups
         */
        public BitConv2d build() {
            return new BitConv2d(this, convolution());
        }
    }

    @Override
    public Tensor forward(Tensor x) {
        String layer = describeWithPath();
        return observed(convolution.images(multiply(convolution.patches(x, layer)), x, layer));
    }

    @Override
    public BitConv2d quantStrength(float strength) {
        super.quantStrength(strength);
        return this;
    }

    @Override
    protected String describe() {
        return convolution.describe("BitConv2d");
    }
}
