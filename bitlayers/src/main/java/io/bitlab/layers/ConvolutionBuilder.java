package io.bitlab.layers;

import io.bitlab.core.ops.Window;
import java.util.Objects;

/**
 * Collects the settings of a convolution. Defaults: stride 1, no padding, dilation 1, one group, a bias, and
 * {@link Initializer#KAIMING_UNIFORM}.
 *
 * @param <B> type of the builder itself
 */
public abstract sealed class ConvolutionBuilder<B extends ConvolutionBuilder<B>>
        permits Conv2d.Builder, BitConv2d.Builder {

    private final int inChannels;
    private final int outChannels;
    private Window window;
    private int groups = 1;
    Initializer bias = Initializer.ZEROS; // null for none
    Initializer initializer = Initializer.KAIMING_UNIFORM; // Xavier's fan-out is many times the fan-in of a first layer

    ConvolutionBuilder(int inChannels, int outChannels, int kernelHeight, int kernelWidth) {
        this.inChannels = inChannels;
        this.outChannels = outChannels;
        this.window = Window.of(kernelHeight, kernelWidth);
    }

    abstract B self();

    final Convolution convolution() {
        return new Convolution(inChannels, outChannels, groups, window);
    }

    /**
     * Sets how far the kernel moves in both directions.
     *
     * @param both rows and columns between positions, at least 1
     * @return this builder
     */
    public final B stride(int both) {
        return stride(both, both);
    }

    /**
     * Sets how far the kernel moves.
     *
     * @param height rows between positions, at least 1
     * @param width columns between positions, at least 1
     * @return this builder
     */
    public final B stride(int height, int width) {
        window = window.withStride(height, width);
        return self();
    }

    /**
     * Sets how many zeros surround the image.
     *
     * @param both rows above and below, columns left and right, at least 0; half of an odd kernel keeps the size
     * @return this builder
     */
    public final B padding(int both) {
        return padding(both, both);
    }

    /**
     * Sets how many zeros surround the image.
     *
     * @param height rows added above and below, at least 0
     * @param width columns added left and right, at least 0
     * @return this builder
     */
    public final B padding(int height, int width) {
        window = window.withPadding(height, width);
        return self();
    }

    /**
     * Sets the distance between the elements of the kernel in both directions.
     *
     * @param both rows and columns between elements, at least 1
     * @return this builder
     */
    public final B dilation(int both) {
        return dilation(both, both);
    }

    /**
     * Sets the distance between the elements of the kernel.
     *
     * @param height rows between elements, at least 1
     * @param width columns between elements, at least 1
     * @return this builder
     */
    public final B dilation(int height, int width) {
        window = window.withDilation(height, width);
        return self();
    }

    /**
     * Splits the channels into independent groups.
     *
     * @param number a divisor of both numbers of channels; the number of input channels makes a depthwise convolution
     * @return this builder
     */
    public final B groups(int number) {
        groups = number;
        return self();
    }

    /**
     * Chooses whether each output channel has a bias.
     *
     * @param present true to add one; it starts at 0
     * @return this builder
     */
    public final B bias(boolean present) {
        bias = present ? Initializer.ZEROS : null;
        return self();
    }

    /**
     * Adds a bias to each output channel.
     *
     * @param initial draws its first values, {@code [outChannels]}, such as {@link Initializer#constant}
     * @return this builder
     */
    public final B bias(Initializer initial) {
        bias = Objects.requireNonNull(initial, "bias: the initialiser is null; bias(false) adds none");
        return self();
    }

    /**
     * Sets what draws the weights.
     *
     * @param newInitializer the initialiser
     * @return this builder
     */
    public final B initializer(Initializer newInitializer) {
        initializer = newInitializer;
        return self();
    }
}
