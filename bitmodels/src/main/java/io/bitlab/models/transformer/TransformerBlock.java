package io.bitlab.models.transformer;

import io.bitlab.core.ops.AttentionMask;
import io.bitlab.core.ops.RotaryEmbedding;
import io.bitlab.core.tensor.Autograd;
import io.bitlab.core.tensor.OnDevice;
import io.bitlab.core.tensor.Tensor;
import io.bitlab.layers.Dropout;
import io.bitlab.layers.Initializer;
import io.bitlab.layers.Layer;
import io.bitlab.layers.RMSNorm;
import io.bitlab.layers.attention.FeedForward;
import io.bitlab.layers.attention.KvBatch;
import io.bitlab.layers.attention.SelfAttention;

/**
 * One pre-norm transformer block: {@code h = x + attention(norm(x))}, {@code y = h + feedForward(norm(h))}. Input and
 * output {@code [batch, length, hidden]}. The children have the names of Hugging Face's models.
 */
final class TransformerBlock extends Layer {

    private final RMSNorm attentionNorm;
    private final SelfAttention attention;
    private final RMSNorm feedForwardNorm;
    private final FeedForward feedForward;
    private final Dropout attentionDropout;
    private final Dropout feedForwardDropout;

    /**
     * Creates a block.
     *
     * @param c sizes and choices
     * @param rope rotates queries and keys; shared by all blocks
     */
    TransformerBlock(BitTransformerConfig c, RotaryEmbedding rope) {
        Initializer in = Initializer.normal(c.initializerRange());
        // So that the sum over all blocks has the size of one block's output (GPT-2).
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

    /** The block with a causal mask. */
    @Override
    public Tensor forward(Tensor x) {
        return forward(x, AttentionMask.CAUSAL);
    }

    /**
     * The block on whole sequences.
     *
     * @param x {@code [batch, length, hidden]}; not modified
     * @param mask which positions each position attends to
     * @return {@code [batch, length, hidden]}
     */
    Tensor forward(Tensor x, AttentionMask mask) {
        return Autograd.recycling(() -> addResiduals(x, attention.forward(attentionNorm.forward(x), mask)));
    }

    /**
     * The block on positions that follow those in caches, see {@link SelfAttention#forward(Tensor, KvBatch, int)}.
     *
     * @param x {@code [1, rows, hidden]}; not modified
     * @param batch keys and values of the earlier positions; those of the new ones are added
     * @param layer this block's index in the model
     * @return {@code [1, rows, hidden]}
     */
    Tensor forward(Tensor x, KvBatch batch, int layer) {
        return OnDevice
                .keeping(() -> addResiduals(x, attention.forward(attentionNorm.forward(x), batch, layer)));
    }

    private Tensor addResiduals(Tensor x, Tensor attended) {
        Tensor h = x.add(attentionDropout.forward(attended));
        return observed(h.add(feedForwardDropout.forward(feedForward.forward(feedForwardNorm.forward(h)))));
    }
}
