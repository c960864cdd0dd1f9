package io.bitlab.layers;

import io.bitlab.core.ops.Norms;
import io.bitlab.core.tensor.Tensor;

/**
 * Layer normalisation (Ba, Kiros and Hinton, <i>Layer Normalization</i>, 2016) over the last axis:
 * {@code y = w * (x - mean(x)) / sqrt(variance(x) + eps) + b}, where the variance is the mean of the squared
 * deviations. Input and output {@code [..., features]}, weights and bias {@code [features]}, initially 1 and 0.
 *
 * {@snippet class="io.bitlab.layers.snippets.LayersSnippets" region="layerNorm"}
 */
public final class LayerNorm extends Layer {

    /** PyTorch's default. */
    public static final float DEFAULT_EPS = 1e-5f;

    private final int features;
    private final float eps;
    private final Parameter weight;
    private final Parameter bias;

    /**
     * Creates a norm with {@link #DEFAULT_EPS} and bias.
     *
     * @param features length of the last axis
     */
    public LayerNorm(int features) {
        this(features, DEFAULT_EPS, true);
    }

    /**
     * Creates a norm.
     *
     * @param features length of the last axis
     * @param eps positive; added to the variance
     * @param hasBias whether a bias is added
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
        return observed(
                Norms.layerNorm(x, weight.tensor(), bias == null ? null : bias.tensor(), eps, describeWithPath()));
    }

    @Override
    protected String describe() {
        return "LayerNorm(" + features + ")";
    }
}
