package io.bitlab.layers;

import io.bitlab.core.BitQuantConfig;
import io.bitlab.core.tensor.Tensor;

/**
 * The ternary convolution of images: the sum of {@link Conv2d} with weights in {-1, 0, +1} times a scale, and
 * activations int8 or float32. Each patch that the kernel sees is a row for the same kernels that {@link BitLinear}
 * uses.
 *
 * <p>Input {@code [n, inChannels, height, width]}, output {@code [n, outChannels, outHeight, outWidth]}, weights
 * {@code [outChannels, inChannels / groups, kernelHeight, kernelWidth]}. Scales: int8 activations of granularity
 * PER_CHANNEL have one a patch, of PER_TENSOR one for all patches of the batch. Each group is a ternary layer of its
 * own, with scales of its own for activations and weights; its packed form is one matrix with a scale a row.
 *
 * <p>With int8 activations the outputs of training and evaluation are equal to the bit.
 *
 * <pre>{@code
 * Layer stem = BitConv2d.builder(3, 32, 3).stride(2).padding(1).build(); // [n, 3, 64, 64] -> [n, 32, 32, 32]
 * }</pre>
 */
public final class BitConv2d extends TernaryLayer {

    private final Convolution form;

    private BitConv2d(Builder builder, Convolution form) {
        super(builder.config, form.groups(), builder.bias, builder.initializer, form.weightShape());
        this.form = form;
    }

    /** Takes over the parameters of a float layer. */
    BitConv2d(Convolution form, Parameter weight, Parameter bias, BitQuantConfig config) {
        super(config, form.groups(), weight, bias);
        this.form = form;
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

    /** Collects what a {@link BitConv2d} is made of. */
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
         * How weights and activations are quantised.
         *
         * @param newConfig the configuration
         * @return this builder
         */
        public Builder quantConfig(BitQuantConfig newConfig) {
            config = newConfig;
            return this;
        }

        /**
         * Makes the layer.
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
        String layer = described();
        return observed(form.images(multiply(form.patches(x, layer)), x, layer));
    }

    @Override
    public BitConv2d quantStrength(float strength) {
        super.quantStrength(strength);
        return this;
    }

    @Override
    protected String describe() {
        return form.describe("BitConv2d");
    }
}
