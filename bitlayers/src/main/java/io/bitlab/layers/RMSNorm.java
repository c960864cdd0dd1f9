package io.bitlab.layers;

import io.bitlab.core.ops.Norms;
import io.bitlab.core.tensor.Tensor;

/**
 * Root-mean-square normalisation (Zhang and Sennrich, <i>Root Mean Square Layer Normalization</i>, 2019) over the last
 * axis: {@code y = w * x / sqrt(mean(x²) + eps)}. Input and output {@code [..., features]}, weights {@code [features]},
 * initially 1.
 *
 * {@snippet class="io.bitlab.layers.snippets.LayersSnippets" region="rmsNorm"}
 *
 * <p>Directly before a {@link BitLinear} it keeps the int8 activations well scaled.
 */
public final class RMSNorm extends Layer {

    /** The epsilon of the published BitNet models. */
    public static final float DEFAULT_EPS = 1e-5f;

    private final int features;
    private final float eps;
    private final Parameter weight;

    /**
     * Creates a norm with {@link #DEFAULT_EPS}.
     *
     * @param features length of the last axis
     */
    public RMSNorm(int features) {
        this(features, DEFAULT_EPS);
    }

    /**
     * Creates a norm.
     *
     * @param features length of the last axis
     * @param eps positive; added to the mean square
     */
    public RMSNorm(int features, float eps) {
        if (features < 1 || !(eps > 0f)) {
            throw new IllegalArgumentException("RMSNorm(" + features + ", eps " + eps
                    + "): at least 1 feature and a positive eps are needed");
        }
        this.features = features;
        this.eps = eps;
        this.weight = parameter("weight", Initializer.ONES, features);
    }

    @Override
    public Tensor forward(Tensor x) {
        return observed(Norms.rmsNorm(x, weight.tensor(), eps, this::describeWithPath));
    }

    @Override
    protected String describe() {
        return "RMSNorm(" + features + ")";
    }
}
