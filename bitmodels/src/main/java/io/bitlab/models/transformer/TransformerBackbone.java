package io.bitlab.models.transformer;

import io.bitlab.core.memory.Workspace;
import io.bitlab.core.ops.AttentionMask;
import io.bitlab.core.ops.RotaryEmbedding;
import io.bitlab.core.tensor.Tensor;
import io.bitlab.layers.Dropout;
import io.bitlab.layers.Embedding;
import io.bitlab.layers.Initializer;
import io.bitlab.layers.Layer;
import io.bitlab.layers.RMSNorm;
import io.bitlab.layers.Sequential;
import io.bitlab.layers.attention.KvBatch;

/**
 * The part that language model and classifier share: embedding, blocks and the final norm, tokens
 * {@code [batch, length]} to hidden states {@code [batch, length, hidden]}. The children have the names of Hugging
 * Face's models.
 */
final class TransformerBackbone extends Layer {

    /** Positions whose rotary angles are computed in advance. */
    private static final int MAX_TABULATED_POSITIONS = 8192;

    private final int maxPositions;
    private final Embedding embedding;
    private final Dropout dropout;
    private final TransformerBlock[] blocks;
    private final RMSNorm norm;

    TransformerBackbone(BitTransformerConfig c) {
        maxPositions = c.maxPositionEmbeddings();
        embedding = child("embed_tokens", new Embedding(c.vocabSize(), c.hiddenSize(),
                Initializer.normal(c.initializerRange()), c.embeddingFormat()));
        dropout = child("embed_dropout", new Dropout(c.dropout()));
        RotaryEmbedding rope = new RotaryEmbedding(c.headDim(), c.ropeTheta(), c.ropePairing(),
                Math.min(MAX_TABULATED_POSITIONS, c.maxPositionEmbeddings()));
        blocks = new TransformerBlock[c.numHiddenLayers()];
        for (int i = 0; i < blocks.length; i++) {
            blocks[i] = new TransformerBlock(c, rope);
        }
        child("layers", new Sequential(blocks));
        norm = child("norm", new RMSNorm(c.hiddenSize(), c.rmsNormEps()));
    }

    Embedding embedding() {
        return embedding;
    }

    /** Hidden states {@code [batch, length, hidden]} for {@code [batch, length]} tokens, row-major. */
    Tensor hidden(String operation, int[] tokens, int batch, AttentionMask mask) {
        int length = tokens.length / batch;
        if (length > maxPositions) {
            throw new IllegalArgumentException(operation + ": sequences of " + length + " tokens, expected at most the "
                    + maxPositions + " positions of the model (max_position_embeddings); give shorter ones, or build "
                    + "or load the model with more maxPositionEmbeddings");
        }
        Tensor x = dropout.forward(embedding.forward(tokens, batch, length));
        for (TransformerBlock block : blocks) {
            x = block.forward(x, mask);
        }
        return norm.forward(x);
    }

    /**
     * The hidden states {@code [1, wanted, hidden]} of some tokens. All blocks use the same scratch memory, so a long
     * prompt takes the memory of one block, and a single token stays in the processor's cache.
     *
     * @param tokens {@code [batch.rows()]}: those that follow the positions in the caches; not modified
     * @param wanted the rows of the tokens whose states are wanted, ascending; with none, the result has no meaning
     */
    Tensor hidden(int[] tokens, KvBatch batch, Workspace scratch, int... wanted) {
        Tensor x = embedding.forward(tokens, 1, tokens.length);
        for (int i = 0; i < blocks.length; i++) { // not Autograd.recycling: all results in one array
            int layer = i;
            try {
                scratch.run(() -> System.arraycopy(blocks[layer].forward(x, batch, layer).data(), 0, x.data(), 0,
                        x.size()));
            } finally {
                scratch.reset();
            }
        }
        if (wanted.length == 0) {
            return x;
        }
        if (wanted.length == tokens.length) {
            return norm.forward(x);
        }
        int width = x.length(2);
        for (int i = 0; i < wanted.length; i++) {
            System.arraycopy(x.data(), wanted[i] * width, x.data(), i * width, width);
        }
        return norm.forward(x.slice(1, 0, wanted.length));
    }

    /** Hidden states with a causal mask. */
    @Override
    public Tensor forward(Tensor tokens) {
        return hidden("TransformerBackbone.forward", BitTransformer.tokens(tokens), tokens.length(0),
                AttentionMask.CAUSAL);
    }

    /** The name that checkpoints of trainings have recorded: with another one, they could not be resumed. */
    @Override
    protected String describe() {
        return "TransformerBody";
    }
}
