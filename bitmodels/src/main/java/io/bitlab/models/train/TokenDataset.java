package io.bitlab.models.train;

import io.bitlab.core.math.CounterRandom;
import io.bitlab.models.internal.Checksum;
import io.bitlab.models.internal.HeldOut;
import java.util.Arrays;
import java.util.List;

/**
 * A stream of tokens to train and evaluate language models. A sample is a window of {@code context} tokens; the target
 * of each token is the one after it.
 *
 * {@snippet class="io.bitlab.models.snippets.TrainSnippets" region="tokens"}
 *
 * <p>For training, an epoch has {@link #samplesPerEpoch} windows: the stream is divided into that many equal parts, and
 * a window starts at a random position of each (stratified sampling). For evaluation, windows are consecutive, so each
 * token but the first is a target exactly once; the last window may be shorter.
 *
 * <p><b>Thread safety:</b> immutable.
 */
public final class TokenDataset {

    private final int[] tokens;
    private final int context;
    private final int samplesPerEpoch;
    private final int largestToken;

    private TokenDataset(int[] tokens, int context, int samplesPerEpoch) {
        this.tokens = tokens;
        this.context = context;
        this.samplesPerEpoch = samplesPerEpoch;
        this.largestToken = requireTokens(tokens);
        if (context < 1 || tokens.length <= context) {
            throw new IllegalArgumentException("TokenDataset: " + tokens.length + " tokens with a context of " + context
                    + "; expected a context of at least 1, and at least one token more than the context");
        }
        long targets = (long) samplesPerEpoch * context;
        if (samplesPerEpoch < 1 || targets > Integer.MAX_VALUE) {
            throw new IllegalArgumentException("TokenDataset: " + samplesPerEpoch + " windows an epoch of " + context
                    + " tokens each, expected 1 to " + Integer.MAX_VALUE / context);
        }
    }

    private static int requireTokens(int... tokens) {
        int largest = -1;
        for (int i = 0; i < tokens.length; i++) {
            if (tokens[i] < 0) {
                throw new IllegalArgumentException("TokenDataset: token " + tokens[i] + " at position " + i
                        + ", expected a number from 0");
            }
            largest = Math.max(largest, tokens[i]);
        }
        return largest;
    }

    /**
     * Creates a data set from a stream of tokens.
     *
     * @param tokens token ids; copied
     * @param context tokens per window
     * @return the data, with {@code tokens / context} windows per epoch
     * @throws IllegalArgumentException if a token is negative, or there are not more tokens than the context has
     */
    public static TokenDataset of(int[] tokens, int context) {
        return new TokenDataset(tokens.clone(), context, Math.max(1, tokens.length / Math.max(1, context)));
    }

    /**
     * Creates a data set from documents. They are concatenated, each followed by an end token, so that the model learns
     * where texts end. A window may span documents ("packing").
     *
     * @param documents the token ids of each document; copied
     * @param endToken the id of the end token
     * @param context tokens per window
     * @return the data, with {@code tokens / context} windows per epoch
     * @throws IllegalArgumentException if a token is negative, or there are not more tokens than the context has
     */
    public static TokenDataset ofDocuments(List<int[]> documents, int endToken, int context) {
        int[] stream = new int[Math.toIntExact(documents.stream().mapToLong(d -> d.length + 1L).sum())];
        int at = 0;
        for (int[] document : documents) {
            System.arraycopy(document, 0, stream, at, document.length);
            at += document.length;
            stream[at++] = endToken;
        }
        return new TokenDataset(stream, context, Math.max(1, stream.length / Math.max(1, context)));
    }

    /**
     * Returns a copy with another number of windows per epoch, to validate and report more or less often.
     *
     * @param windows windows per epoch, at least 1
     * @return the changed copy
     * @throws IllegalArgumentException if the windows have fewer than 1 or more than 2^31 - 1 tokens together
     */
    public TokenDataset withSamplesPerEpoch(int windows) {
        return new TokenDataset(tokens, context, windows);
    }

    /**
     * A text split into two parts.
     *
     * @param train the beginning
     * @param validation the end
     */
    public record Split(TokenDataset train, TokenDataset validation) {
    }

    /**
     * Splits the text into a beginning to train on and an end to validate on.
     *
     * @param validationShare share of the tokens that goes to the validation part, between 0 and 1: of n tokens the
     *     largest k with {@code k / (double) n <= validationShare}
     * @return both parts, with {@code tokens / context} windows per epoch
     * @throws IllegalArgumentException if the share is not between 0 and 1, or a part is shorter than a window
     */
    public Split split(double validationShare) {
        if (!(validationShare > 0 && validationShare < 1)) {
            throw new IllegalArgumentException("TokenDataset.split: validation share " + validationShare
                    + " is not between 0 and 1");
        }
        int border = tokens.length - HeldOut.count(validationShare, tokens.length);
        return new Split(of(Arrays.copyOf(tokens, border), context),
                of(Arrays.copyOfRange(tokens, border, tokens.length), context));
    }

    /**
     * Returns the number of tokens.
     *
     * @return more than the context
     */
    public int length() {
        return tokens.length;
    }

    /**
     * Returns the number of tokens per window.
     *
     * @return at least 1
     */
    public int context() {
        return context;
    }

    /**
     * Returns the number of windows per epoch.
     *
     * @return at least 1
     */
    public int samplesPerEpoch() {
        return samplesPerEpoch;
    }

    /** The largest token. */
    int largestToken() {
        return largestToken;
    }

    /** The start of a window of an epoch: a random position in its part of the stream. */
    int start(long seed, int epoch, int index) {
        CounterRandom random = new CounterRandom(seed, CounterRandom.stream("windows " + epoch));
        random.seek(index);
        int starts = tokens.length - context;
        return Math.min(starts - 1, (int) ((index + random.nextDouble()) * starts / samplesPerEpoch));
    }

    /** Copies tokens of the stream. */
    void copy(int from, int[] to, int at, int count) {
        System.arraycopy(tokens, from, to, at, count);
    }

    /** Includes a checksum, because it is part of the fingerprint in checkpoints. */
    @Override
    public String toString() {
        return "TokenDataset(" + tokens.length + " tokens, hash " + new Checksum().ints(tokens) + ")";
    }
}
