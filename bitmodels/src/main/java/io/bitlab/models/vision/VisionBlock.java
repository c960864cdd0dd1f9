package io.bitlab.models.vision;

import io.bitlab.core.ops.AttentionMask;
import io.bitlab.core.tensor.Autograd;
import io.bitlab.core.tensor.Tensor;
import io.bitlab.layers.Dropout;
import io.bitlab.layers.Initializer;
import io.bitlab.layers.Layer;
import io.bitlab.layers.StochasticDepth;
import io.bitlab.layers.attention.FeedForward;
import io.bitlab.layers.attention.SelfAttention;

/**
 * One pre-norm block of a vision transformer: {@code h = x + attention(norm(x))}, {@code y = h + feedForward(norm(h))},
 * where each patch attends to all. Input and output {@code [images, positions, hidden]}.
 */
final class VisionBlock extends Layer {

    private static final float SUB_NORM_EPS = 1e-5f;

    private final Layer attentionNorm;
    private final SelfAttention attention;
    private final Layer feedForwardNorm;
    private final FeedForward feedForward;
    private final Dropout attentionDropout;
    private final Dropout feedForwardDropout;
    private final StochasticDepth attentionDepth;
    private final StochasticDepth feedForwardDepth;

    /**
     * Creates a block.
     *
     * @param c sizes and choices
     * @param index number of the block, from 0; later blocks are left out more often
     */
    VisionBlock(BitViTConfig c, int index) {
        Initializer in = Initializer.normal(BitViT.DEVIATION);
        // So that the sum over all blocks has the size of one block's output (GPT-2).
        Initializer out = Initializer.normal(BitViT.DEVIATION / Math.sqrt(2.0 * c.numHiddenLayers()));
        float subNorm = c.subNorms() ? SUB_NORM_EPS : 0f;
        float depth = c.stochasticDepth() * (index + 1) / c.numHiddenLayers();
        attentionNorm = child("norm1", c.norm().layer(c.hiddenSize()));
        attention = child("self_attn", SelfAttention.builder(c.hiddenSize(), c.numAttentionHeads()).withoutRope()
                .subNorm(subNorm).quantConfig(c.quantConfig()).initializers(in, out).build());
        feedForwardNorm = child("norm2", c.norm().layer(c.hiddenSize()));
        feedForward = child("mlp", FeedForward.builder(c.hiddenSize(), c.intermediateSize())
                .activation(c.hiddenAct().function(), false).subNorm(subNorm).quantConfig(c.quantConfig())
                .initializers(in, out).build());
        attentionDropout = child("attn_dropout", new Dropout(c.dropout()));
        feedForwardDropout = child("mlp_dropout", new Dropout(c.dropout()));
        attentionDepth = child("attn_depth", new StochasticDepth(depth));
        feedForwardDepth = child("mlp_depth", new StochasticDepth(depth));
    }

    @Override
    public Tensor forward(Tensor x) {
        return Autograd.recycling(() -> residuals(x));
    }

    private Tensor residuals(Tensor x) {
        Tensor attended = attention.forward(attentionNorm.forward(x), AttentionMask.FULL);
        Tensor h = x.add(attentionDepth.forward(attentionDropout.forward(attended)));
        Tensor fed = feedForward.forward(feedForwardNorm.forward(h));
        return observed(h.add(feedForwardDepth.forward(feedForwardDropout.forward(fed))));
    }
}
