package io.bitlab.models.transformer;

import io.bitlab.core.memory.Workspace;
import io.bitlab.layers.attention.KvCache;
import java.util.Arrays;

/**
 * One text that grows token by token: a model, the keys and values of what it has seen, and the memory of a step, which is
 * recycled.
 *
 * <p>All at once, in chunks or token by token: the logits have the same bits, and those of other conversations with the
 * same model don't matter.
 *
 * <p><b>Thread safety:</b> belongs to one thread at a time.
 */
public final class Conversation {

    /** Tokens that go through the model together: enough for the kernels, and a bound on the memory of a step. */
    private static final int TOGETHER = 128;

    private final BitTransformer model;
    private final KvCache cache;
    private final Workspace workspace = new Workspace(); // of embedding and head
    private final Workspace scratch = new Workspace(); // of one block after the other
    private final float[] logits;

    Conversation(BitTransformer model, KvCache cache) {
        this.model = model;
        this.cache = cache;
        this.logits = new float[model.config().vocabSize()];
    }

    /**
     * The model that answers.
     *
     * @return the model
     */
    public BitTransformer model() {
        return model;
    }

    /**
     * Appends tokens.
     *
     * @param tokens at least one
     * @return the logits of the token that follows: {@code vocabSize} values in an array of this conversation, which the
     *     next call overwrites
     * @throws IllegalArgumentException if there are no tokens, or one is not in the vocabulary; nothing is appended then
     * @throws IllegalStateException if they don't fit the context; nothing is appended then
     */
    public float[] append(int... tokens) {
        if (tokens.length == 0) {
            throw new IllegalArgumentException("Conversation.append: no tokens; give at least one, such as the model's "
                    + "beginning-of-text token");
        }
        for (int i = 0; i < tokens.length; i++) {
            if (tokens[i] < 0 || tokens[i] >= logits.length) {
                throw new IllegalArgumentException("Conversation.append: token " + tokens[i] + " at position " + i
                        + " is not one of 0 to " + (logits.length - 1));
            }
        }
        cache.requireRoom(tokens.length);
        for (int from = 0; from < tokens.length; from += TOGETHER) {
            step(tokens.length <= TOGETHER ? tokens
                    : Arrays.copyOfRange(tokens, from, Math.min(tokens.length, from + TOGETHER)));
        }
        return logits;
    }

    private void step(int[] tokens) {
        try {
            workspace.run(() -> System.arraycopy(model.lastLogits(tokens, cache, scratch).data(), 0, logits, 0,
                    logits.length));
        } finally {
            workspace.reset();
        }
        cache.advance(tokens.length);
    }

    /**
     * How many tokens there are.
     *
     * @return 0 at first
     */
    public int length() {
        return cache.length();
    }

    /**
     * How many more tokens fit.
     *
     * @return the room left; {@link Integer#MAX_VALUE} with a sliding window
     */
    public int room() {
        return cache.room();
    }

    /**
     * Forgets the last tokens, to go on differently, or all of them. The logits of the last one left are gone; append to
     * get new ones.
     *
     * @param length how many tokens to keep
     * @throws IllegalArgumentException if there are fewer, or a sliding window has left what they would see
     */
    public void truncate(int length) {
        cache.truncate(length);
    }

    /**
     * The memory of this conversation.
     *
     * @return bytes of keys, values and the recycled memory of a step
     */
    public long bytes() {
        return cache.bytes() + workspace.residentBytes() + scratch.residentBytes() + (long) logits.length * Float.BYTES;
    }
}
