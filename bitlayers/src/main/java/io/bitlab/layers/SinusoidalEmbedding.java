package io.bitlab.layers;

import io.bitlab.core.ops.Sinusoids;
import io.bitlab.core.tensor.Tensor;

/**
 * Sines and cosines of positions or times (Vaswani et al., <i>Attention Is All You Need</i>, 2017): {@code [...]} to
 * {@code [..., features]}. Half of the features are sines and half cosines of {@code t * 10000^(-2i/features)}, i from
 * 0. Nothing is trained.
 *
 * {@snippet class="io.bitlab.layers.snippets.VisionSnippets" region="sinusoidalEmbedding"}
 */
public final class SinusoidalEmbedding extends Layer {

    private final int features;
    private final Sinusoids.Arrangement arrangement;

    /**
     * Creates an embedding of the original transformer's kind: sine and cosine alternate.
     *
     * @param features features of each value; even
     */
    public SinusoidalEmbedding(int features) {
        this(features, Sinusoids.Arrangement.ALTERNATING);
    }

    /**
     * Creates an embedding.
     *
     * @param features features of each value; even
     * @param arrangement the order of the features; diffusion transformers have their cosines first
     * @throws IllegalArgumentException if the number of features is not even and positive
     */
    public SinusoidalEmbedding(int features, Sinusoids.Arrangement arrangement) {
        if (features < 2 || features % 2 != 0) {
            throw new IllegalArgumentException("SinusoidalEmbedding: " + features
                    + " features, expected an even number");
        }
        this.features = features;
        this.arrangement = arrangement;
    }

    /**
     * Embeds positions or times.
     *
     * @param x any tensor; values need not be whole numbers; not modified
     * @return {@code [..., features]}
     */
    @Override
    public Tensor forward(Tensor x) {
        return observed(Sinusoids.embed(x, features, arrangement, describeWithPath()));
    }

    @Override
    protected String describe() {
        return "SinusoidalEmbedding(" + features + ")";
    }
}
