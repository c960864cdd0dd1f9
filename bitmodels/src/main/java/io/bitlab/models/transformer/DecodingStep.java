package io.bitlab.models.transformer;

import io.bitlab.core.memory.Workspace;
import io.bitlab.layers.attention.KvBatch;

/**
 * One pass of new tokens through a language model, with memory that all passes reuse. For one thread at a time.
 */
final class DecodingStep {

    /** Tokens of a pass: enough to keep the kernels busy, few enough to bound its memory and its time. */
    static final int TOKENS = 128;

    private final BitTransformer model;
    private final Workspace workspace = new Workspace(); // for embedding and head
    private final Workspace scratch = new Workspace(); // for one block after the other

    DecodingStep(BitTransformer model) {
        this.model = model;
    }

    /**
     * Computes the logits after some tokens, and makes all tokens part of their sequences. If this throws, the
     * sequences are as before.
     *
     * @param tokens {@code [batch.rows()]}; not modified
     * @param batch modified: the keys and values of the new tokens
     * @param wanted the rows of the tokens after which logits are wanted, none or some, ascending; not modified
     * @param logits for each of these rows {@code [vocabSize]}; overwritten
     */
    void run(int[] tokens, KvBatch batch, int[] wanted, float[]... logits) {
        try {
            workspace.run(() -> {
                float[] y = model.logits(tokens, batch, scratch, wanted).data();
                for (int i = 0; i < logits.length; i++) {
                    System.arraycopy(y, i * logits[i].length, logits[i], 0, logits[i].length);
                }
            });
        } finally {
            workspace.reset();
        }
        batch.advance();
    }

    /** The memory of this step. */
    long bytes() {
        return workspace.residentBytes() + scratch.residentBytes();
    }
}
