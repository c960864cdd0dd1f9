package io.bitlab.layers;

import io.bitlab.core.BitQuantConfig;
import io.bitlab.core.Granularity;
import io.bitlab.core.kernel.KernelRegistry;
import io.bitlab.core.kernel.TernaryKernel;
import io.bitlab.core.quant.TernaryMatrix;
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
 * <p>By default each pixel is rounded to int8 once, with one scale for an image
 * ({@link io.bitlab.core.Granularity#PER_SAMPLE}), so that an image does not depend on its batch. With PER_TENSOR all
 * images share a scale; with PER_CHANNEL each patch has its own, which is several times slower, as each patch has to be
 * rounded by itself. Each group has its own scales for weights; {@link #ternaryWeight()} joins the groups in one matrix
 * with a scale for each row.
 *
 * <p>With int8 activations the outputs of training and evaluation are equal to the bit. In a {@link Sequential} in
 * evaluation, a {@link BatchNorm2d} that follows is folded into the scales and the bias, and costs nothing; that equals
 * the two layers one after the other but for rounding, a few units in the last place of the larger summand.
 */
public final class BitConv2d extends TernaryLayer {

    /** {@link BitQuantConfig#defaults()}, with one scale for the activations of an image. */
    public static final BitQuantConfig DEFAULT_CONFIG =
            BitQuantConfig.defaults().withActivationGranularity(Granularity.PER_SAMPLE);

    private final Convolution convolution;

    private BitConv2d(Builder builder, Convolution convolution) {
        super(builder.config, builder.bias, builder.initializer, convolution.weightShape());
        this.convolution = convolution;
    }

    /** Takes over the parameters of a float layer. */
    BitConv2d(Convolution convolution, Parameter weight, Parameter bias, BitQuantConfig config) {
        super(config, weight, bias);
        this.convolution = convolution;
    }

    /**
     * Starts building a layer with a square kernel.
     *
     * @param inChannels channels of the input
     * @param outChannels channels of the output
     * @param kernel rows and columns of the kernel
     * @return a builder with {@link #DEFAULT_CONFIG}
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
     * @return a builder with {@link #DEFAULT_CONFIG}
     */
    public static Builder builder(int inChannels, int outChannels, int kernelHeight, int kernelWidth) {
        return new Builder(inChannels, outChannels, kernelHeight, kernelWidth);
    }

    /** Collects the settings of a {@link BitConv2d}. */
    public static final class Builder extends ConvolutionBuilder<Builder> {
        private BitQuantConfig config = DEFAULT_CONFIG;

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

    Convolution sizes() {
        return convolution;
    }

    /** The kernel for these sizes. */
    TernaryKernel patchKernel() {
        return KernelRegistry.patchKernelFor(quantConfig(), outFeatures() / convolution.groups(), columns());
    }

    /** The output of this layer and the norm after it in evaluation, in one step: equal but for rounding. */
    Tensor forward(Tensor x, BatchNorm2d norm) {
        return ((PackedConvolution) weights()).multiply(x, norm.affine());
    }

    @Override
    TernaryWeights latentWeights(Parameter weight, Parameter bias) {
        return new LatentConvolution(this, weight, bias);
    }

    @Override
    TernaryWeights packedWeights(TernaryMatrix matrix, float[] bias) {
        return new PackedConvolution(this, matrix, bias);
    }

    @Override
    public Tensor forward(Tensor x) {
        return observed(weights().multiply(x));
    }

    @Override
    public BitConv2d quantStrength(float strength) {
        super.quantStrength(strength);
        return this;
    }

    @Override
    protected void checkState(String prefix, StateDict state) {
        super.checkState(prefix, state);
        int blocks = state.isTernary(prefix + WEIGHT) ? state.ternary(prefix + WEIGHT).blocks() : 1;
        if (blocks > 1) {
            throw new IllegalArgumentException("loadStateDict: the weights of " + describeWithPath() + " have " + blocks
                    + " scales a row, expected one, as convolutions have; nothing was loaded");
        }
    }

    @Override
    protected String describe() {
        return convolution.describe("BitConv2d");
    }
}
