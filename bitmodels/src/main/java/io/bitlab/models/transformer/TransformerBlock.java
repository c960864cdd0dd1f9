package io.bitlab.models.transformer;

import io.bitlab.core.ops.AttentionMask;
import io.bitlab.core.ops.RotaryEmbedding;
import io.bitlab.core.tensor.Tensor;
import io.bitlab.layers.Dropout;
import io.bitlab.layers.Initializer;
import io.bitlab.layers.Layer;
import io.bitlab.layers.RMSNorm;
import io.bitlab.layers.attention.FeedForward;
import io.bitlab.layers.attention.KvCache;
import io.bitlab.layers.attention.SelfAttention;

/**
 * One block of a transformer, with the norms before its parts: {@code h = x + attention(norm(x))},
 * {@code y = h + feedForward(norm(h))}. Input and output {@code [batch, length, hidden]}; the children have the names
 * of Hugging Face's models.
 */
public final class TransformerBlock extends Layer {

    private final RMSNorm attentionNorm;
    private final SelfAttention attention;
    private final RMSNorm feedForwardNorm;
    private final FeedForward feedForward;
    private final Dropout attentionDropout;
    private final Dropout feedForwardDropout;

    /**
     * A block.
     *
     * @param c sizes and choices
     * @param rope turns queries and keys; the same for all blocks
     */
    public TransformerBlock(BitTransformerConfig c, RotaryEmbedding rope) {
        Initializer in = Initializer.normal(c.initializerRange());
        // The sum of all blocks' outputs then has the size of one (GPT-2).
        Initializer out = Initializer.normal(c.initializerRange() / Math.sqrt(2.0 * c.numHiddenLayers()));
        float subNorm = c.subNorms() ? c.rmsNormEps() : 0f;
        attentionNorm = child("input_layernorm", new RMSNorm(c.hiddenSize(), c.rmsNormEps()));
        attention = child("self_attn", SelfAttention.builder(c.hiddenSize(), c.numAttentionHeads())
                .keyValueHeads(c.numKeyValueHeads()).headDim(c.headDim()).rope(rope).subNorm(subNorm)
                .quantConfig(c.quantConfig()).initializers(in, out).build());
        feedForwardNorm = child("post_attention_layernorm", new RMSNorm(c.hiddenSize(), c.rmsNormEps()));
        feedForward = child("mlp", FeedForward.builder(c.hiddenSize(), c.intermediateSize())
                .activation(c.hiddenAct().function(), c.gated()).subNorm(subNorm).quantConfig(c.quantConfig())
                .initializers(in, out).build());
        attentionDropout = child("attn_dropout", new Dropout(c.dropout()));
        feedForwardDropout = child("mlp_dropout", new Dropout(c.dropout()));
    }

    /** With a causal mask. */
    @Override
    public Tensor forward(Tensor x) {
        return forward(x, AttentionMask.CAUSAL);
    }

    /**
     * The block on whole sequences.
     *
     * @param x {@code [batch, length, hidden]}; not modified
     * @param mask who sees whom
     * @return {@code [batch, length, hidden]}
     */
    public Tensor forward(Tensor x, AttentionMask mask) {
        return rest(x, attention.forward(attentionNorm.forward(x), mask));
    }

    /**
     * The block on positions that follow a conversation's, see {@link SelfAttention#forward(Tensor, KvCache, int)}.
     *
     * @param x {@code [1, positions, hidden]}; not modified
     * @param cache what came before; modified
     * @param layer this block's number
     * @return {@code [1, positions, hidden]}
     */
    public Tensor forward(Tensor x, KvCache cache, int layer) {
        return rest(x, attention.forward(attentionNorm.forward(x), cache, layer));
    }

    private Tensor rest(Tensor x, Tensor attended) {
        Tensor h = x.add(attentionDropout.forward(attended));
        return observed(h.add(feedForwardDropout.forward(feedForward.forward(feedForwardNorm.forward(h)))));
    }
}
