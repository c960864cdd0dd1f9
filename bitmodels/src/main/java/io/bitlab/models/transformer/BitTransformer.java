package io.bitlab.models.transformer;

import io.bitlab.core.memory.Workspace;
import io.bitlab.core.ops.AttentionMask;
import io.bitlab.core.ops.LinearCrossEntropy;
import io.bitlab.core.tensor.Tensor;
import io.bitlab.layers.Embedding;
import io.bitlab.layers.Initializer;
import io.bitlab.layers.attention.KvBatch;
import io.bitlab.layers.attention.KvCache;
import io.bitlab.models.BitModel;
import io.bitlab.models.internal.InEvaluation;
import java.util.Arrays;

/**
 * A decoder-only language model of ternary transformer blocks, like BitNet b1.58 2B4T and Llama. For each token it
 * computes the logits of the next one: {@code [batch, length]} tokens to {@code [batch, length, vocabSize]}.
 *
 * {@snippet class="io.bitlab.models.snippets.TransformerSnippets" region="model"}
 *
 * <p>{@link #forward} and {@link #loss} process whole sequences, for training and evaluation. A {@link DecodingSession}
 * generates token by token. Both compute the same logits to the bit.
 *
 * <p>All projections are ternary. Embedding and output head are not; {@link BitTransformerConfig#embeddingFormat()}
 * gives their {@linkplain io.bitlab.core.embedding.EmbeddingFormat format} in evaluation.
 *
 * <p><b>Thread safety:</b> in evaluation, any number of threads may share a model, each with its own session.
 */
public final class BitTransformer extends BitModel {

    private final BitTransformerConfig config;
    private final TransformerBackbone backbone;
    private final Embedding head;

    /**
     * Builds the network, in training, not yet initialised.
     *
     * @param config sizes and choices
     */
    public BitTransformer(BitTransformerConfig config) {
        this.config = config;
        this.backbone = child("model", new TransformerBackbone(config));
        this.head = config.tieWordEmbeddings() ? backbone.embedding()
                : child("lm_head", new Embedding(config.vocabSize(), config.hiddenSize(),
                        Initializer.normal(config.initializerRange()), config.embeddingFormat()));
    }

    @Override
    public BitTransformerConfig config() {
        return config;
    }

    /**
     * The logits at each position.
     *
     * @param tokens {@code [batch, length]}, or {@code [length]} for one sequence: token ids; not modified
     * @return {@code [batch, length, vocabSize]}, or {@code [length, vocabSize]}
     * @throws IllegalArgumentException if a token is not in the vocabulary, the rank is neither 1 nor 2, or a sequence
     *     is longer than {@code maxPositionEmbeddings}
     */
    @Override
    public Tensor forward(Tensor tokens) {
        int batch = tokens.rank() == 2 ? tokens.length(0) : 1;
        Tensor y = head.logits(backbone.hidden("BitTransformer.forward", tokens(tokens), batch, AttentionMask.CAUSAL));
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
     * The cross-entropy of the next tokens, fused with the output head, so that the logits of only a few positions are
     * in memory at a time.
     *
     * @param tokens {@code [batch, length]}, row-major; not modified
     * @param batch number of sequences
     * @param targets for each position the token that follows; a negative one is ignored; not modified
     * @return the mean loss in nats, with its graph in training, and the number of correct predictions
     * @throws IllegalArgumentException if the sizes don't match, a token is not in the vocabulary, or a sequence is
     *     longer than {@code maxPositionEmbeddings}
     */
    public LinearCrossEntropy.Result loss(int[] tokens, int batch, int... targets) {
        requireRows("BitTransformer.loss", tokens, batch);
        return head.loss(backbone.hidden("BitTransformer.loss", tokens, batch, AttentionMask.CAUSAL), targets);
    }

    /**
     * What the model makes of each position: the input of the output head, after the last norm. Token by token,
     * positions depend on those before them only.
     *
     * @param tokens {@code [batch, length]}, row-major; not modified
     * @param batch number of sequences
     * @return {@code [batch, length, hiddenSize]}
     * @throws IllegalArgumentException if the sizes don't match, a token is not in the vocabulary, or a sequence is
     *     longer than {@code maxPositionEmbeddings}
     */
    public Tensor hidden(int[] tokens, int batch) {
        requireRows("BitTransformer.hidden", tokens, batch);
        return backbone.hidden("BitTransformer.hidden", tokens, batch, AttentionMask.CAUSAL);
    }

    private static void requireRows(String operation, int[] tokens, int batch) {
        if (batch < 1 || tokens.length == 0 || tokens.length % batch != 0) {
            throw new IllegalArgumentException(operation + ": " + tokens.length + " tokens are not " + batch
                    + " sequences of one length");
        }
    }

    /**
     * Starts decoding up to {@code maxPositionEmbeddings} tokens, with keys and values in float32.
     *
     * @return an empty session
     * @throws IllegalStateException in training: call {@link #eval()} first
     */
    public DecodingSession newSession() {
        return newSession(cacheBuilder().build());
    }

    /**
     * Starts decoding with a given cache, for instance one with a sliding window or smaller keys and values.
     *
     * @param cache built by {@link #cacheBuilder}; empty, and used by this session alone
     * @return an empty session
     * @throws IllegalStateException in training: call {@link #eval()} first
     * @throws IllegalArgumentException if the cache is not empty
     */
    public DecodingSession newSession(KvCache cache) {
        requireNew(cache, "BitTransformer");
        return new DecodingSession(this, cache, null);
    }

    /** Refuses a new session in training, and a cache that another session uses. */
    void requireNew(KvCache cache, String caller) {
        InEvaluation.require(caller + ".newSession", this);
        if (cache.length() > 0) {
            throw new IllegalArgumentException(caller + ".newSession: " + cache + " belongs to another session, "
                    + "expected an empty one; build one with cacheBuilder()");
        }
    }

    /**
     * A builder of caches that fit this model.
     *
     * @return a builder with this model's sizes and a capacity of {@code maxPositionEmbeddings}
     */
    public KvCache.Builder cacheBuilder() {
        return KvCache.builder(config.numHiddenLayers(), config.numKeyValueHeads(), config.headDim())
                .capacity(config.maxPositionEmbeddings());
    }

    /**
     * The logits after the tokens of the wanted rows, {@code [1, wanted, vocabSize]}, without meaning if none are
     * wanted; writes the keys and values of all tokens to the caches.
     */
    Tensor logits(int[] tokens, KvBatch batch, Workspace scratch, int... wanted) {
        Tensor hidden = backbone.hidden(tokens, batch, scratch, wanted);
        return wanted.length == 0 ? hidden : head.logits(hidden);
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
