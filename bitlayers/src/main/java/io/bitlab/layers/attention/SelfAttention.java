package io.bitlab.layers.attention;

import io.bitlab.core.BitQuantConfig;
import io.bitlab.core.memory.Workspace;
import io.bitlab.core.ops.Attention;
import io.bitlab.core.ops.AttentionMask;
import io.bitlab.core.ops.RotaryEmbedding;
import io.bitlab.core.tensor.Autograd;
import io.bitlab.core.tensor.Tensor;
import io.bitlab.layers.BitLinear;
import io.bitlab.layers.Initializer;
import io.bitlab.layers.Layer;
import io.bitlab.layers.RMSNorm;
import java.util.Arrays;

/**
 * Grouped-query self-attention (Vaswani et al., 2017; Ainslie et al., <i>GQA</i>, 2023) with ternary projections and
 * rotary position embedding: {@code y = o(norm(attention(rope(q(x)), rope(k(x)), v(x))))}, where
 * {@code attention(Q, K, V) = softmax(Q·Kᵀ / sqrt(headDim))·V} in each head, and norm is BitNet b1.58 2B4T's
 * sub-norm. Both rope and norm are optional. Input and output {@code [batch, length, hiddenSize]}.
 *
 * {@snippet class="io.bitlab.layers.snippets.AttentionSnippets" region="selfAttention"}
 *
 * <p>The children have the names of Hugging Face's models: {@code q_proj}, {@code k_proj}, {@code v_proj},
 * {@code attn_sub_norm}, {@code o_proj}.
 */
public final class SelfAttention extends Layer {

    private final int hiddenSize;
    private final int heads;
    private final int keyValueHeads;
    private final int headDim;
    private final RotaryEmbedding rope; // or null
    private final Layer q;
    private final Layer k;
    private final Layer v;
    private final RMSNorm norm; // or null
    private final Layer o;

    private SelfAttention(Builder builder) {
        hiddenSize = builder.hiddenSize;
        heads = builder.heads;
        keyValueHeads = builder.keyValueHeads;
        headDim = builder.headDim;
        rope = builder.rope != null || !builder.rotary ? builder.rope
                : new RotaryEmbedding(headDim, 10_000f, RotaryEmbedding.Pairing.HALVES, 1024);
        q = child("q_proj", builder.projection(hiddenSize, heads * headDim, builder.initializer));
        k = child("k_proj", builder.projection(hiddenSize, keyValueHeads * headDim, builder.initializer));
        v = child("v_proj", builder.projection(hiddenSize, keyValueHeads * headDim, builder.initializer));
        norm = builder.normEps > 0f ? child("attn_sub_norm", new RMSNorm(heads * headDim, builder.normEps)) : null;
        o = child("o_proj", builder.projection(heads * headDim, hiddenSize, builder.outputInitializer));
    }

    /**
     * Starts building attention.
     *
     * @param hiddenSize features of a position
     * @param heads query heads
     * @return a builder: as many key and value heads, {@code hiddenSize / heads} features per head, rotary embedding
     *     with theta 10,000, no sub-norm, {@link BitQuantConfig#defaults()}
     * @throws IllegalArgumentException if a number is not positive
     */
    public static Builder builder(int hiddenSize, int heads) {
        return new Builder(hiddenSize, heads);
    }

    /** Collects the settings of a {@link SelfAttention}. */
    public static final class Builder {
        private final int hiddenSize;
        private final int heads;
        private int keyValueHeads;
        private Integer headDim; // null for hiddenSize / heads
        private RotaryEmbedding rope;
        private boolean rotary = true;
        private float normEps;
        private BitQuantConfig config = BitQuantConfig.defaults();
        private Initializer initializer = Initializer.XAVIER_UNIFORM;
        private Initializer outputInitializer = Initializer.XAVIER_UNIFORM;

        private Builder(int hiddenSize, int heads) {
            if (hiddenSize < 1 || heads < 1) {
                throw new IllegalArgumentException("SelfAttention(" + hiddenSize + ", " + heads
                        + " heads): at least 1 feature and 1 head are needed");
            }
            this.hiddenSize = hiddenSize;
            this.heads = heads;
            this.keyValueHeads = heads;
        }

        /**
         * Sets the number of key and value heads; with fewer than query heads, several query heads share one.
         *
         * @param value a divisor of the number of query heads
         * @return this builder
         */
        public Builder keyValueHeads(int value) {
            keyValueHeads = value;
            return this;
        }

        /**
         * Sets the number of features per head.
         *
         * @param value at least 1; an even number with a rotary embedding
         * @return this builder
         */
        public Builder headDim(int value) {
            headDim = value;
            return this;
        }

        /**
         * Sets the rotary position embedding.
         *
         * @param value an embedding for heads of {@link #headDim} features; all layers can share one
         * @return this builder
         */
        public Builder rope(RotaryEmbedding value) {
            rope = value;
            rotary = true;
            return this;
        }

        /**
         * Leaves out the rotary position embedding, for inputs that tell their positions themselves, as those of a
         * vision transformer.
         *
         * @return this builder
         */
        public Builder withoutRope() {
            rope = null;
            rotary = false;
            return this;
        }

        /**
         * Adds an {@link RMSNorm} before the output projection.
         *
         * @param eps epsilon of the norm; 0 for no norm
         * @return this builder
         * @throws IllegalArgumentException if it is negative or NaN
         */
        public Builder subNorm(float eps) {
            normEps = FeedForward.requireEps("SelfAttention", eps);
            return this;
        }

        /**
         * Sets how the projections quantise.
         *
         * @param value the configuration; null for float projections
         * @return this builder
         */
        public Builder quantConfig(BitQuantConfig value) {
            config = value;
            return this;
        }

        /**
         * Sets what draws the weights.
         *
         * @param in initialiser of the query, key and value projections
         * @param out initialiser of the output projection, often of a smaller deviation in deep networks
         * @return this builder
         */
        public Builder initializers(Initializer in, Initializer out) {
            initializer = in;
            outputInitializer = out;
            return this;
        }

        private Layer projection(int in, int out, Initializer draw) {
            return FeedForward.projection(in, out, config, draw);
        }

        /**
         * Creates the layer.
         *
         * @return a layer in training
         * @throws IllegalArgumentException if the numbers of heads and features don't fit together
         */
        public SelfAttention build() {
            if (headDim == null && hiddenSize % heads != 0) {
                throw new IllegalArgumentException("SelfAttention(" + hiddenSize + ", " + heads + " heads): "
                        + hiddenSize + " features are not divisible by the heads; change one, or set headDim");
            }
            headDim = headDim == null ? hiddenSize / heads : headDim;
            if (keyValueHeads < 1 || heads % keyValueHeads != 0 || headDim < 1 || rotary && headDim % 2 != 0) {
                throw new IllegalArgumentException("SelfAttention(" + hiddenSize + ", " + heads + " heads): "
                        + keyValueHeads + " key and value heads of " + headDim + " features, expected a divisor of "
                        + heads + (rotary ? " and an even number of features" : " and at least 1 feature"));
            }
            if (rope != null && rope.headDim() != headDim) {
                throw new IllegalArgumentException("SelfAttention(" + hiddenSize + ", " + heads + " heads): the rotary"
                        + " embedding is for heads of " + rope.headDim() + " features, expected " + headDim);
            }
            return new SelfAttention(this);
        }
    }

    /**
     * Causal attention: each position sees itself and the positions before it.
     *
     * @param x {@code [batch, length, hiddenSize]}; not modified
     * @return {@code [batch, length, hiddenSize]}
     * @throws IllegalArgumentException if x has another shape
     */
    @Override
    public Tensor forward(Tensor x) {
        return forward(x, AttentionMask.CAUSAL);
    }

    /**
     * Attention within whole sequences.
     *
     * @param x {@code [batch, length, hiddenSize]}; not modified
     * @param mask the positions that each position sees
     * @return {@code [batch, length, hiddenSize]}
     * @throws IllegalArgumentException if x has another shape
     */
    public Tensor forward(Tensor x, AttentionMask mask) {
        requireSequences(x);
        Tensor[] qkv = BitLinear.forwardAll(x, q, k, v);
        return observed(project(
                Attention.attend(rotated(qkv[0]), rotated(qkv[1]), qkv[2], heads, keyValueHeads, mask)));
    }

    private Tensor rotated(Tensor x) {
        return rope == null ? x : rope.rotate(x);
    }

    private void requireSequences(Tensor x) {
        if (x.rank() != 3 || x.length(2) != hiddenSize) {
            throw new IllegalArgumentException(describe() + ": input " + Arrays.toString(x.shape())
                    + ", expected [batch, length, " + hiddenSize + "]");
        }
    }

    private Tensor project(Tensor mixed) {
        return o.forward(norm == null ? mixed : norm.forward(mixed));
    }

    /**
     * Attention of new positions to themselves and the positions in a cache. Writes their keys and values to the cache;
     * after the last layer, {@link KvCache#advance} makes them part of the sequence. In evaluation only.
     *
     * @param x {@code [1, positions, hiddenSize]}, the positions after the sequence's last; not modified
     * @param cache modified: the keys and values of the sequence
     * @param layer number of this layer in the cache, from 0
     * @return {@code [1, positions, hiddenSize]}; the same bits as for the whole sequence at once, if each row of
     *     activations has its own scale ({@code PER_CHANNEL}, the default)
     * @throws IllegalStateException in training, if the sequence is full, or if weights of this layer changed since its
     *     keys and values were computed
     * @throws IllegalArgumentException if x or the cache has another shape
     */
    public Tensor forward(Tensor x, KvCache cache, int layer) {
        requireSequences(x);
        return forward(x, KvBatch.of(cache, x.length(1)), layer);
    }

    /**
     * As {@link #forward(Tensor, KvCache, int)}, for new positions of several sequences, which read the weights
     * together; {@link KvBatch#advance} makes them part of their sequences.
     *
     * @param x {@code [1, batch.rows(), hiddenSize]}; not modified
     * @param batch which rows belong to which sequence. Modified: the keys and values of its caches
     * @param layer number of this layer in the caches, from 0
     * @return {@code [1, batch.rows(), hiddenSize]}; the same bits as for each sequence alone, if each row of
     *     activations has its own scale ({@code PER_CHANNEL}, the default)
     * @throws IllegalStateException in training, if a sequence is full, or if the weights changed since its keys and
     *     values were computed
     * @throws IllegalArgumentException if x or a cache has another shape
     */
    public Tensor forward(Tensor x, KvBatch batch, int layer) {
        requireSequences(x);
        if (mode() == Mode.TRAIN) {
            throw new IllegalStateException(describe() + ": a cache records no gradients; call eval() first");
        }
        int rows = batch.rows();
        // of the tree, not of the fields: conversion exchanges the layers
        long version = children().get("k_proj").weightVersion() + children().get("v_proj").weightVersion();
        for (int i = 0; i < batch.sequences(); i++) {
            KvCache cache = batch.cache(i);
            if (x.length(0) != 1 || x.length(1) != rows || cache.pages().heads() != keyValueHeads
                    || cache.pages().headDim() != headDim || layer < 0 || layer >= cache.pages().layers()) {
                throw new IllegalArgumentException(describe() + ": " + cache + " doesn't fit layer " + layer
                        + " and an input " + Arrays.toString(x.shape()) + ", expected " + keyValueHeads + " heads of "
                        + headDim + " features and an input [1, " + rows + ", " + hiddenSize + "]");
            }
            cache.requireSameWeights(layer, version);
            cache.requireRoom(batch.positions(i));
        }
        Tensor[] qkv = BitLinear.forwardAll(x, q, k, v);
        float[] y = Workspace.floats(rows * heads * headDim);
        for (int i = 0; i < batch.sequences(); i++) {
            KvCache cache = batch.cache(i);
            int row = batch.firstRow(i);
            int positions = batch.positions(i);
            if (rope != null) {
                rope.rotate(qkv[0].data(), row, positions, heads * headDim, cache.length());
                rope.rotate(qkv[1].data(), row, positions, keyValueHeads * headDim, cache.length());
            }
            cache.write(layer, qkv[1].data(), qkv[2].data(), row, positions);
            new CachedAttention(cache, layer, qkv[0].data(), heads, y, row).attend(positions);
        }
        int[] shape = {1, rows, heads * headDim};
        return observed(project(Autograd.unrecorded("attention", this::describe, y, shape, qkv)));
    }

    @Override
    protected String describe() {
        return "SelfAttention(" + hiddenSize + ", " + heads + " heads"
                + (keyValueHeads == heads ? ")" : ", " + keyValueHeads + " of keys and values)");
    }
}
