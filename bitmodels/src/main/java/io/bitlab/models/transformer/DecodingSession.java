package io.bitlab.models.transformer;

import io.bitlab.core.memory.Workspace;
import io.bitlab.layers.Layer;
import io.bitlab.layers.attention.KvCache;
import java.util.Arrays;

/**
 * One text that grows token by token: a model, the keys and values of what it has seen, and the memory of a step, which
 * is recycled.
 *
 * <p>All at once, in chunks or token by token: the logits have the same bits, and those of other conversations with the
 * same model don't matter.
 *
 * <p>It belongs to the weights that the model had at its first token. After {@code train()}, or after a state was
 * loaded, it must start over, with {@code truncate(0)}; {@code deploy()} changes nothing. Values written into the
 * model's tensors by hand go unnoticed.
 *
 * <p><b>Thread safety:</b> belongs to one thread at a time.
 */
public final class DecodingSession {

    /** Tokens that go through the model together: enough for the kernels, and a bound on the memory of a step. */
    private static final int TOGETHER = 128;

    private final BitTransformer model;
    private final KvCache cache;
    private final Workspace workspace = new Workspace(); // of embedding and head
    private final Workspace scratch = new Workspace(); // of one block after the other
    private final float[] logits;
    private final Layer[] layers;
    private long weightChanges; // of all layers, at the first token

    DecodingSession(BitTransformer model, KvCache cache) {
        this.model = model;
        this.cache = cache;
        this.logits = new float[model.config().vocabSize()];
        this.layers = model.layers().values().toArray(Layer[]::new);
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
     * @return the logits of the token that follows: {@code vocabSize} values in an array of this conversation, which
     *     the next call overwrites
     * @throws IllegalArgumentException if there are no tokens, or one is not in the vocabulary; nothing is appended
     *     then
     * @throws IllegalStateException if they don't fit the context, the model is in training, or its weights changed
     *     since the first token; nothing is appended then
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
        requireSameWeights();
        for (int from = 0; from < tokens.length; from += TOGETHER) {
            step(tokens.length <= TOGETHER ? tokens
                    : Arrays.copyOfRange(tokens, from, Math.min(tokens.length, from + TOGETHER)));
        }
        return logits;
    }

    private void requireSameWeights() {
        if (model.mode() == Layer.Mode.TRAIN) {
            throw new IllegalStateException(
                    "Conversation.append: the model is in training; call eval() first, and begin "
                            + "a new conversation");
        }
        long changes = 0;
        for (Layer layer : layers) {
            changes += layer.weightVersion();
        }
        if (cache.length() > 0 && changes != weightChanges) {
            throw new IllegalStateException("Conversation.append: the model was trained or loaded after the "
                    + cache.length() + " tokens of this conversation, whose keys and values are of the older weights; "
                    + "begin a new one, or truncate(0) and append all tokens again");
        }
        weightChanges = changes;
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
     * Forgets the last tokens, to go on differently, or all of them. The logits of the last one left are gone; append
     * to get new ones.
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
