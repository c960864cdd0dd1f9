package io.bitlab.layers;

import io.bitlab.core.ops.Norms;
import io.bitlab.core.tensor.Tensor;

/**
 * Layer normalisation (Ba, Kiros and Hinton, 2016) over the last axis:
 * {@code y = w * (x - mean(x)) / sqrt(variance(x) + eps) + b}, the variance divided by the number of features.
 */
public final class LayerNorm extends Layer {

    /** PyTorch's default. */
    public static final float DEFAULT_EPS = 1e-5f;

    private final int features;
    private final float eps;
    private final Parameter weight;
    private final Parameter bias;

    /**
     * A norm with {@link #DEFAULT_EPS} and bias.
     *
     * @param features length of the last axis
     */
    public LayerNorm(int features) {
        this(features, DEFAULT_EPS, true);
    }

    /**
     * A norm.
     *
     * @param features length of the last axis
     * @param eps positive; added to the variance
     * @param hasBias whether a bias is added; it starts at 0, the weights at 1
     */
    public LayerNorm(int features, float eps, boolean hasBias) {
        if (features < 1 || !(eps > 0f)) {
            throw new IllegalArgumentException("LayerNorm(" + features + ", eps " + eps
                    + "): at least 1 feature and a positive eps are needed");
        }
        this.features = features;
        this.eps = eps;
        this.weight = parameter("weight", Initializer.ONES, features);
        this.bias = hasBias ? parameter("bias", Initializer.ZEROS, features) : null;
    }

    @Override
    public Tensor forward(Tensor x) {
        return observed(Norms.layerNorm(x, weight.tensor(), bias == null ? null : bias.tensor(), eps, described()));
    }

    @Override
    protected String describe() {
        return "LayerNorm(" + features + ")";
    }
}
