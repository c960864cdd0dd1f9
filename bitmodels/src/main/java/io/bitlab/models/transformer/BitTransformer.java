package io.bitlab.models.transformer;

import io.bitlab.core.memory.Workspace;
import io.bitlab.core.ops.AttentionMask;
import io.bitlab.core.ops.LinearCrossEntropy;
import io.bitlab.core.tensor.Tensor;
import io.bitlab.layers.Embedding;
import io.bitlab.layers.Initializer;
import io.bitlab.layers.attention.KvCache;
import io.bitlab.models.BitModel;
import java.util.Arrays;

/**
 * A language model of ternary transformer blocks, as BitNet b1.58 2B4T and Llama: tokens to the logits of the token
 * that follows each of them.
 *
 * <p>{@link #forward} and {@link #loss} see whole sequences, to train and to measure; a {@link DecodingSession} appends
 * tokens to what it has seen. All of them give the same bits.
 *
 * <p>All projections are ternary. Embedding and head are not: their format in evaluation is the configuration's choice,
 * see {@link io.bitlab.core.embedding.EmbeddingFormat}.
 *
 * <p><b>Thread safety:</b> in evaluation, any number of threads may use one model, each with its own conversation.
 */
public final class BitTransformer extends BitModel {

    private final BitTransformerConfig config;
    private final TransformerBody body;
    private final Embedding head;

    /**
     * Builds the network.
     *
     * @param config sizes and choices
     */
    public BitTransformer(BitTransformerConfig config) {
        this.config = config;
        this.body = child("model", new TransformerBody(config));
        this.head = config.tieWordEmbeddings() ? body.embedding()
                : child("lm_head", new Embedding(config.vocabSize(), config.hiddenSize(),
                        Initializer.normal(config.initializerRange()), config.embeddingFormat()));
    }

    @Override
    public BitTransformerConfig config() {
        return config;
    }

    /**
     * The logits of each position.
     *
     * @param tokens {@code [batch, length]}, or {@code [length]} for one sequence: whole numbers from 0; not modified
     * @return {@code [batch, length, vocabSize]}, or {@code [length, vocabSize]}
     * @throws IllegalArgumentException if a token is not in the vocabulary, the rank is another, or a sequence is
     *     longer than {@code maxPositionEmbeddings}
     */
    @Override
    public Tensor forward(Tensor tokens) {
        int batch = tokens.rank() == 2 ? tokens.length(0) : 1;
        Tensor y = head.logits(body.hidden("BitTransformer.forward", tokens(tokens), batch, AttentionMask.CAUSAL));
        return observed(tokens.rank() == 2 ? y : y.reshape(tokens.length(0), config.vocabSize()));
    }

    static int[] tokens(Tensor tokens) {
        if (tokens.rank() != 1 && tokens.rank() != 2) {
            throw new IllegalArgumentException("BitTransformer: tokens " + Arrays.toString(tokens.shape())
                    + ", expected [batch, length] or [length]");
        }
        float[] values = tokens.data();
        int[] ids = new int[values.length];
        for (int i = 0; i < ids.length; i++) {
            ids[i] = (int) values[i];
            if (ids[i] != values[i]) {
                throw new IllegalArgumentException("BitTransformer: token " + values[i] + " at position " + i
                        + " is not a whole number");
            }
        }
        return ids;
    }

    /**
     * The cross-entropy of the next tokens, fused with the head: logits of a few positions exist at a time.
     *
     * @param tokens {@code [batch, length]}, row-major
     * @param batch how many sequences
     * @param targets the token that follows each position; negative for one that doesn't count
     * @return the mean loss in nats, with its record in training, and how many were right
     * @throws IllegalArgumentException if the sizes don't fit together, a token is not in the vocabulary, or a sequence
     *     is longer than {@code maxPositionEmbeddings}
     */
    public LinearCrossEntropy.Result loss(int[] tokens, int batch, int... targets) {
        if (batch < 1 || tokens.length == 0 || tokens.length % batch != 0) {
            throw new IllegalArgumentException("BitTransformer.loss: " + tokens.length + " tokens are not " + batch
                    + " sequences of one length");
        }
        return head.loss(body.hidden("BitTransformer.loss", tokens, batch, AttentionMask.CAUSAL), targets);
    }

    /**
     * Starts a conversation of up to {@code maxPositionEmbeddings} tokens, with keys and values in float32.
     *
     * @return an empty conversation
     * @throws IllegalStateException in training: call {@link #eval()} first
     */
    public DecodingSession newConversation() {
        return newConversation(newCache().build());
    }

    /**
     * Starts a conversation with a cache of one's own.
     *
     * @param cache of {@link #newCache}; empty, and used by this conversation alone
     * @return an empty conversation
     * @throws IllegalStateException in training: call {@link #eval()} first
     * @throws IllegalArgumentException if the cache is not empty
     */
    public DecodingSession newConversation(KvCache cache) {
        if (mode() == Mode.TRAIN) {
            throw new IllegalStateException(
                    "BitTransformer.newConversation: the model is in training; call eval() first");
        }
        if (cache.length() > 0) {
            throw new IllegalArgumentException("BitTransformer.newConversation: " + cache + " belongs to another "
                    + "conversation, expected an empty one, which newCache() makes");
        }
        return new DecodingSession(this, cache);
    }

    /**
     * Starts building a cache that fits this model.
     *
     * @return a builder with this model's sizes
     */
    public KvCache.Builder newCache() {
        return KvCache.builder(config.numHiddenLayers(), config.numKeyValueHeads(), config.headDim())
                .capacity(config.maxPositionEmbeddings());
    }

    /** The logits behind the last of these tokens, {@code [1, 1, vocabSize]}; their keys and values are written. */
    Tensor lastLogits(int[] tokens, KvCache cache, Workspace scratch) {
        return head.logits(body.lastHidden(tokens, cache, scratch));
    }

    @Override
    protected Tensor exampleInput() {
        return Tensor.zeros(1, Math.min(8, config.maxPositionEmbeddings()));
    }

    @Override
    protected String describe() {
        return "BitTransformer(" + config.vocabSize() + " tokens, " + config.numHiddenLayers() + " layers, width "
                + config.hiddenSize() + ")";
    }
}
