package io.bitlab.models.transformer;

import io.bitlab.core.memory.Workspace;
import io.bitlab.layers.Layer;
import io.bitlab.layers.attention.KvCache;
import java.util.Arrays;

/**
 * Incremental decoding with a {@link BitTransformer}: appends tokens to one sequence and returns the logits of the
 * token that follows. It holds the keys and values of the tokens so far, and memory for one step that it reuses.
 *
 * {@snippet class="io.bitlab.models.snippets.TransformerSnippets" region="decode"}
 *
 * <p>Appending all tokens at once, in chunks or one by one gives the same logits to the bit, whatever other sessions of
 * the model do.
 *
 * <p>A session is bound to the weights that the model had at its first token. After training or after loading a state,
 * start over with {@code truncate(0)}; {@code deploy()} changes nothing. Values that are written directly into the
 * model's tensors go unnoticed.
 *
 * <p><b>Thread safety:</b> one thread at a time may use a session. Any number of sessions may share a model.
 */
public final class DecodingSession {

    /** Tokens per step: enough to keep the kernels busy, few enough to bound the memory of a step. */
    private static final int STEP_TOKENS = 128;

    private final BitTransformer model;
    private final KvCache cache;
    private final Workspace workspace = new Workspace(); // for embedding and head
    private final Workspace scratch = new Workspace(); // for one block after the other
    private final float[] logits;
    private final Layer[] layers;
    private long weightChanges; // summed over all layers, at the first token

    DecodingSession(BitTransformer model, KvCache cache) {
        this.model = model;
        this.cache = cache;
        this.logits = new float[model.config().vocabSize()];
        this.layers = model.layers().values().toArray(Layer[]::new);
    }

    /**
     * The model that this session decodes with.
     *
     * @return the model
     */
    public BitTransformer model() {
        return model;
    }

    /**
     * Appends tokens and computes the logits of the token that follows them. If this throws, nothing was appended.
     *
     * @param tokens at least one; not modified
     * @return {@code vocabSize} logits, in an array that the next call overwrites
     * @throws IllegalArgumentException if there are no tokens, or one is not in the vocabulary
     * @throws IllegalStateException if the tokens don't fit into the context, the model is in training, or its weights
     *     have changed since the first token
     */
    public float[] append(int... tokens) {
        if (tokens.length == 0) {
            throw new IllegalArgumentException("DecodingSession.append: no tokens; give at least one, for instance "
                    + "the model's beginning-of-text token");
        }
        for (int i = 0; i < tokens.length; i++) {
            if (tokens[i] < 0 || tokens[i] >= logits.length) {
                throw new IllegalArgumentException("DecodingSession.append: token " + tokens[i] + " at position " + i
                        + " is not one of 0 to " + (logits.length - 1));
            }
        }
        cache.requireRoom(tokens.length);
        requireSameWeights();
        for (int from = 0; from < tokens.length; from += STEP_TOKENS) {
            step(tokens.length <= STEP_TOKENS ? tokens
                    : Arrays.copyOfRange(tokens, from, Math.min(tokens.length, from + STEP_TOKENS)));
        }
        return logits;
    }

    private void requireSameWeights() {
        if (model.mode() == Layer.Mode.TRAIN) {
            throw new IllegalStateException(
                    "DecodingSession.append: the model is in training; call eval(), then start a new session");
        }
        long changes = 0;
        for (Layer layer : layers) {
            changes += layer.weightVersion();
        }
        if (cache.length() > 0 && changes != weightChanges) {
            throw new IllegalStateException("DecodingSession.append: the model was trained or loaded after the "
                    + cache.length() + " tokens of this session, so their keys and values come from the older weights; "
                    + "start a new session, or truncate(0) and append all tokens again");
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
     * The number of tokens so far.
     *
     * @return 0 at first
     */
    public int length() {
        return cache.length();
    }

    /**
     * The number of tokens that still fit.
     *
     * @return tokens; {@link Integer#MAX_VALUE} with a sliding window
     */
    public int room() {
        return cache.room();
    }

    /**
     * Drops the last tokens, for instance to continue differently. The logits after the remaining ones are not kept;
     * append a token to get new ones.
     *
     * @param length how many tokens to keep; 0 starts over
     * @throws IllegalArgumentException if there are fewer tokens, or a sliding window has already dropped tokens that
     *     the remaining ones attend to
     */
    public void truncate(int length) {
        cache.truncate(length);
    }

    /**
     * The memory of this session.
     *
     * @return bytes of keys, values, logits and reused step memory
     */
    public long bytes() {
        return cache.bytes() + workspace.residentBytes() + scratch.residentBytes() + (long) logits.length * Float.BYTES;
    }
}
