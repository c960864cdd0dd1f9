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
 * Grouped-query self-attention with ternary projections and rotary position embedding:
 * {@code y = o(norm(attention(rope(q(x)), rope(k(x)), v(x))))}, where the norm is BitNet b1.58 2B4T's sub-norm, if
 * there is one.
 *
 * <p>Input and output {@code [batch, length, hidden]}. The children have the names of Hugging Face's models:
 * {@code q_proj}, {@code k_proj}, {@code v_proj}, {@code attn_sub_norm}, {@code o_proj}.
 */
public final class SelfAttention extends Layer {

    private final int hidden;
    private final int heads;
    private final int keyValueHeads;
    private final int headDim;
    private final RotaryEmbedding rope;
    private final Layer q;
    private final Layer k;
    private final Layer v;
    private final RMSNorm norm; // or null
    private final Layer o;

    private SelfAttention(Builder builder) {
        hidden = builder.hidden;
        heads = builder.heads;
        keyValueHeads = builder.keyValueHeads;
        headDim = builder.headDim;
        rope = builder.rope != null ? builder.rope
                : new RotaryEmbedding(headDim, 10_000f, RotaryEmbedding.Pairing.HALVES, 1024);
        q = child("q_proj", builder.projection(hidden, heads * headDim, builder.initializer));
        k = child("k_proj", builder.projection(hidden, keyValueHeads * headDim, builder.initializer));
        v = child("v_proj", builder.projection(hidden, keyValueHeads * headDim, builder.initializer));
        norm = builder.normEps > 0f ? child("attn_sub_norm", new RMSNorm(heads * headDim, builder.normEps)) : null;
        o = child("o_proj", builder.projection(heads * headDim, hidden, builder.outInitializer));
    }

    /**
     * Starts building attention.
     *
     * @param hidden features of a position
     * @param heads query heads
     * @return a builder: as many key and value heads, {@code hidden / heads} features a head, rotary embedding with
     *     theta 10,000, no sub-norm, {@link BitQuantConfig#defaults()}
     * @throws IllegalArgumentException if a number is not positive
     */
    public static Builder builder(int hidden, int heads) {
        return new Builder(hidden, heads);
    }

    /** Collects what a {@link SelfAttention} is made of. */
    public static final class Builder {
        private final int hidden;
        private final int heads;
        private int keyValueHeads;
        private int headDim;
        private RotaryEmbedding rope;
        private float normEps;
        private BitQuantConfig config = BitQuantConfig.defaults();
        private Initializer initializer = Initializer.XAVIER_UNIFORM;
        private Initializer outInitializer = Initializer.XAVIER_UNIFORM;

        private Builder(int hidden, int heads) {
            if (hidden < 1 || heads < 1) {
                throw new IllegalArgumentException("SelfAttention(" + hidden + ", " + heads
                        + " heads): at least 1 feature and 1 head are needed");
            }
            this.hidden = hidden;
            this.heads = heads;
            this.keyValueHeads = heads;
            this.headDim = hidden / heads;
        }

        /**
         * Sets how many heads of keys and values there are; several query heads share one.
         *
         * @param value a divisor of the number of query heads
         * @return this builder
         */
        public Builder keyValueHeads(int value) {
            keyValueHeads = value;
            return this;
        }

        /**
         * Sets the features of a head.
         *
         * @param value an even number
         * @return this builder
         */
        public Builder headDim(int value) {
            headDim = value;
            return this;
        }

        /**
         * Sets how positions are told apart.
         *
         * @param value turns heads of {@link #headDim} features; can be shared by all layers
         * @return this builder
         */
        public Builder rope(RotaryEmbedding value) {
            rope = value;
            return this;
        }

        /**
         * Puts a norm before the output projection.
         *
         * @param eps what keeps its root away from 0; 0 for no norm
         * @return this builder
         */
        public Builder subNorm(float eps) {
            normEps = eps;
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
         * @param in of the query, key and value projections
         * @param out of the output projection, often drawn smaller in deep networks
         * @return this builder
         */
        public Builder initializers(Initializer in, Initializer out) {
            initializer = in;
            outInitializer = out;
            return this;
        }

        private Layer projection(int in, int out, Initializer draws) {
            return FeedForward.projection(in, out, config, draws);
        }

        /**
         * Makes the layer.
         *
         * @return a layer in training
         * @throws IllegalArgumentException if the numbers don't fit together
         */
        public SelfAttention build() {
            if (keyValueHeads < 1 || heads % keyValueHeads != 0 || headDim < 2 || headDim % 2 != 0) {
                throw new IllegalArgumentException("SelfAttention(" + hidden + ", " + heads + " heads): "
                        + keyValueHeads + " key and value heads of " + headDim + " features, expected a divisor of "
                        + heads + " and an even number of features");
            }
            return new SelfAttention(this);
        }
    }

    /** Causal attention: each position sees itself and what came before. */
    @Override
    public Tensor forward(Tensor x) {
        return forward(x, AttentionMask.CAUSAL);
    }

    /**
     * Attention within whole sequences.
     *
     * @param x {@code [batch, length, hidden]}; not modified
     * @param mask who sees whom
     * @return {@code [batch, length, hidden]}
     * @throws IllegalArgumentException if x has another shape
     */
    public Tensor forward(Tensor x, AttentionMask mask) {
        requireSequences(x);
        Tensor[] qkv = BitLinear.forwardAll(x, q, k, v);
        Tensor mixed = Attention.attend(rope.rotate(qkv[0]), rope.rotate(qkv[1]), qkv[2], heads, keyValueHeads, mask);
        return observed(out(mixed));
    }

    private void requireSequences(Tensor x) {
        if (x.rank() != 3 || x.length(2) != hidden) {
            throw new IllegalArgumentException(describe() + ": input " + Arrays.toString(x.shape())
                    + ", expected [batch, length, " + hidden + "]");
        }
    }

    private Tensor out(Tensor mixed) {
        return o.forward(norm == null ? mixed : norm.forward(mixed));
    }

    /**
     * Attention of positions that follow a conversation's. Their keys and values are written to the cache; after the
     * last layer, {@link KvCache#advance} makes them part of it. In evaluation only.
     *
     * @param x {@code [1, positions, hidden]}; not modified
     * @param cache keys and values of what came before; modified
     * @param layer this layer's number in the cache, from 0
     * @return {@code [1, positions, hidden]}; the same bits as if the whole sequence had been given at once
     * @throws IllegalStateException in training, if the conversation is full, or if the weights changed since its keys
     *     and values were computed
     * @throws IllegalArgumentException if x or the cache has another shape
     */
    public Tensor forward(Tensor x, KvCache cache, int layer) {
        requireSequences(x);
        if (mode() == Mode.TRAIN) {
            throw new IllegalStateException(describe() + ": a cache records no gradients; call eval() first");
        }
        if (x.length(0) != 1 || cache.heads() != keyValueHeads || cache.headDim() != headDim || layer < 0
                || layer >= cache.layers()) {
            throw new IllegalArgumentException(describe() + ": " + cache + " doesn't fit layer " + layer
                    + " and an input of " + x.length(0) + " sequences, expected " + keyValueHeads + " heads of "
                    + headDim + " features and one sequence");
        }
        int positions = x.length(1);
        cache.requireSameWeights(layer, k.weightChanges() + v.weightChanges());
        cache.requireRoom(positions);
        Tensor[] qkv = BitLinear.forwardAll(x, q, k, v);
        rope.rotate(qkv[0].data(), positions, heads * headDim, cache.length());
        rope.rotate(qkv[1].data(), positions, keyValueHeads * headDim, cache.length());
        cache.write(layer, qkv[1].data(), qkv[2].data(), positions);
        float[] y = Workspace.floats(positions * heads * headDim);
        new CachedAttention(cache, layer, qkv[0].data(), heads, y).attend(positions);
        int[] shape = {1, positions, heads * headDim};
        return observed(out(Autograd.unrecorded("attention", this::describe, y, shape, qkv)));
    }

    @Override
    protected String describe() {
        return "SelfAttention(" + hidden + ", " + heads + " heads"
                + (keyValueHeads == heads ? ")" : ", " + keyValueHeads + " of keys and values)");
    }
}
