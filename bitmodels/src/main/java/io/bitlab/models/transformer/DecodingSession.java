package io.bitlab.models.transformer;

import io.bitlab.layers.Layer;
import io.bitlab.layers.attention.KvBatch;
import io.bitlab.layers.attention.KvCache;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;

/**
 * Incremental decoding with a {@link BitTransformer}: appends tokens to one sequence and returns the logits of the
 * token that follows. It holds the keys and values of the tokens so far.
 *
 * {@snippet class="io.bitlab.models.snippets.TransformerSnippets" region="decode"}
 *
 * <p>Appending all tokens at once, in chunks or one by one gives the same logits to the bit, whatever other sessions of
 * the model do. A session of a {@link BatchedDecoder} computes together with its other sessions, and has the same
 * logits too.
 *
 * <p>A session is bound to the weights that the model had at its first token. After training or after loading a state,
 * start over with {@code truncate(0)}; {@code deploy()} changes nothing. Values that are written directly into the
 * model's tensors go unnoticed.
 *
 * <p><b>Thread safety:</b> one thread at a time may use a session; any thread may {@link #close()} it. Any number of
 * sessions may share a model.
 */
public final class DecodingSession implements AutoCloseable {

    private static final float[][] NO_LOGITS = {};

    private final BitTransformer model;
    private final BatchedDecoder decoder; // or null: computes alone
    private final DecodingStep step; // or null: the decoder's
    private final KvCache cache;
    private final float[] logits;
    private final float[][] only; // these logits
    private final List<float[]> each = new ArrayList<>(); // logits after several tokens
    private final Layer[] layers;
    private long weightChanges; // summed over all layers, at the first token
    private boolean incomplete; // tokens are missing that a failed append could not restore
    private final AtomicBoolean closed = new AtomicBoolean();

    /**
     * Starts a session.
     *
     * @param decoder computes the steps of all its sessions; null to compute alone
     */
    DecodingSession(BitTransformer model, KvCache cache, BatchedDecoder decoder) {
        this.model = model;
        this.cache = cache;
        this.decoder = decoder;
        this.step = decoder == null ? new DecodingStep(model) : null;
        this.logits = new float[model.config().vocabSize()];
        this.only = new float[][] {logits};
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
     * Appends tokens and computes the logits of the token that follows them. If this throws, nothing was appended. The
     * exception: when a step of more than {@value DecodingStep#TOKENS} tokens fails, a sliding window may have dropped
     * earlier tokens already; the session then refuses to continue until {@code truncate(0)}.
     *
     * @param tokens at least one; not modified
     * @return {@code vocabSize} logits, in an array that the next call overwrites
     * @throws IllegalArgumentException if there are no tokens, or one is not in the vocabulary
     * @throws IllegalStateException if the tokens don't fit into the context, the model is in training, its weights
     *     have changed since the first token, the session is closed, or an error ended a step that it shared with other
     *     sessions of a {@link BatchedDecoder}
     */
    public float[] append(int... tokens) {
        append(only, tokens);
        return logits;
    }

    /**
     * Appends tokens as {@link #append} does, but computes no logits, for a part of a prompt that more tokens follow.
     *
     * @param tokens at least one; not modified
     * @throws IllegalArgumentException as {@link #append}
     * @throws IllegalStateException as {@link #append}
     */
    public void read(int... tokens) {
        append(NO_LOGITS, tokens);
    }

    /**
     * Appends tokens as {@link #append} does, and computes the logits after each of them. What follows a token that
     * turns out to be the wrong one can be {@linkplain #truncate dropped}; so guesses about the next tokens are checked
     * in one pass, which reads the weights once.
     *
     * {@snippet class="io.bitlab.models.snippets.TransformerSnippets" region="each"}
     *
     * @param tokens at least one; not modified
     * @return for each token {@code vocabSize} logits: the same bits that {@link #append} returns for one token after
     *     the other. The next call overwrites them
     * @throws IllegalArgumentException as {@link #append}
     * @throws IllegalStateException as {@link #append}
     */
    public float[][] appendEach(int... tokens) {
        while (each.size() < tokens.length) {
            each.add(new float[logits.length]);
        }
        float[][] rows = each.subList(0, tokens.length).toArray(float[][]::new);
        append(rows, tokens);
        return rows;
    }

    /** Computes the logits after the last tokens, as many as there are arrays for them. */
    private void append(float[][] rows, int... tokens) {
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
        requireUsable();
        cache.requireRoom(tokens.length);
        requireSameWeights();
        int before = cache.length();
        boolean appended = false;
        try {
            if (decoder == null) {
                appendAlone(rows, tokens);
            } else {
                decoder.append(this, rows, tokens);
            }
            appended = true;
        } finally {
            if (!appended && cache.length() > before) {
                restore(before);
            }
        }
    }

    private void requireUsable() {
        if (closed.get()) {
            throw closedException();
        }
        if (incomplete) {
            throw new IllegalStateException("DecodingSession.append: an earlier append failed after the sliding window "
                    + "had dropped tokens; truncate(0) and append all tokens again");
        }
    }

    static IllegalStateException closedException() {
        return new IllegalStateException("DecodingSession.append: the session is closed; start a new one");
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

    private void appendAlone(float[][] rows, int... tokens) {
        int unwanted = tokens.length - rows.length;
        for (int from = 0; from < tokens.length; from += DecodingStep.TOKENS) {
            int to = Math.min(tokens.length, from + DecodingStep.TOKENS);
            int[] some = tokens.length <= DecodingStep.TOKENS ? tokens : Arrays.copyOfRange(tokens, from, to);
            int first = Math.clamp(unwanted, from, to);
            int[] wanted = IntStream.range(first - from, to - from).toArray();
            int row = Math.max(0, first - unwanted);
            step.run(some, KvBatch.of(cache, some.length), wanted, Arrays.copyOfRange(rows, row, row + wanted.length));
        }
    }

    /** Drops what a failed append has appended. */
    private void restore(int length) {
        try {
            cache.truncate(length);
        } catch (IllegalArgumentException _) { // the window has slid
            incomplete = true;
        }
    }

    KvCache cache() {
        return cache;
    }

    boolean isClosed() {
        return closed.get();
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
     * The number of tokens of which all but the first can still be {@linkplain #truncate dropped} after they were
     * appended together.
     *
     * @return the {@link #room}; with a sliding window fewer, since it reuses the memory of tokens that it has left
     *     behind, but at least one
     */
    public int revocableRoom() {
        return cache.revocableRoom();
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
        if (incomplete && length > 0) {
            throw new IllegalArgumentException("DecodingSession.truncate: an earlier append failed after the sliding"
                    + " window had dropped tokens; truncate(0) and append all tokens again");
        }
        cache.truncate(length);
        incomplete = false;
    }

    /**
     * The memory of this session.
     *
     * @return bytes of keys, values, logits and reused step memory; the step memory of a {@link BatchedDecoder} is not
     *     counted
     */
    public long bytes() {
        return cache.bytes() + (step == null ? 0 : step.bytes()) + (1L + each.size()) * logits.length * Float.BYTES;
    }

    /**
     * Ends the session: makes room for another one in its {@link BatchedDecoder}. A session that computes alone need
     * not be closed. If another thread waits in {@link #append}, a step that has begun is completed first; tokens that
     * are in none are dropped, and its append throws. Closing again has no effect.
     */
    @Override
    public void close() {
        if (closed.compareAndSet(false, true) && decoder != null) {
            decoder.close(this);
        }
    }
}
