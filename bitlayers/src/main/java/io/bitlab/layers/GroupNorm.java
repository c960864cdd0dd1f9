package io.bitlab.layers;

import io.bitlab.core.ops.ImageNorms;
import io.bitlab.core.tensor.Tensor;

/**
 * Group normalisation (Wu and He, <i>Group Normalization</i>, 2018) of images: {@code y = w * (x - mean) /
 * sqrt(variance + eps) + b}, with mean and variance over the pixels of each image's groups of neighbouring channels.
 * Input and output {@code [n, channels, height, width]}; weights and bias {@code [channels]}, initially 1 and 0.
 *
 * {@snippet class="io.bitlab.layers.snippets.VisionSnippets" region="groupNorm"}
 *
 * <p>An image does not depend on its batch, also in training. With as many groups as channels it is instance
 * normalisation.
 */
public final class GroupNorm extends Layer {

    /** PyTorch's default. */
    public static final float DEFAULT_EPS = 1e-5f;

    private final int groups;
    private final int channels;
    private final float eps;
    private final Parameter weight;
    private final Parameter bias;

    /**
     * Creates a norm with {@link #DEFAULT_EPS}.
     *
     * @param groups number of groups; divides the channels
     * @param channels channels of the images
     */
    public GroupNorm(int groups, int channels) {
        this(groups, channels, DEFAULT_EPS);
    }

    /**
     * Creates a norm.
     *
     * @param groups number of groups; divides the channels
     * @param channels channels of the images
     * @param eps positive; added to the variance
     * @throws IllegalArgumentException if the groups don't divide the channels, or eps is not positive
     */
    public GroupNorm(int groups, int channels, float eps) {
        if (groups < 1 || channels < 1 || channels % groups != 0 || !(eps > 0f)) {
            throw new IllegalArgumentException("GroupNorm(" + groups + " groups, " + channels + " channels, eps " + eps
                    + "): the groups must divide the channels, and eps must be positive");
        }
        this.groups = groups;
        this.channels = channels;
        this.eps = eps;
        this.weight = parameter("weight", Initializer.ONES, channels);
        this.bias = parameter("bias", Initializer.ZEROS, channels);
    }

    /**
     * Normalises images.
     *
     * @param x {@code [n, channels, height, width]}; not modified
     * @return a tensor of the same shape
     * @throws IllegalArgumentException if x has another shape, or a group only one value
     */
    @Override
    public Tensor forward(Tensor x) {
        return observed(
                ImageNorms.groupNorm(x, groups, weight.tensor(), bias.tensor(), eps, describeWithPath()));
    }

    @Override
    protected String describe() {
        return "GroupNorm(" + groups + " groups, " + channels + ")";
    }
}
