package io.bitlab.models.train;

import io.bitlab.core.math.CounterRandom;
import java.util.Arrays;
import java.util.List;

/**
 * A text as a stream of tokens, for language models: windows of {@code context} tokens, in which the token that follows
 * each is its target. Immutable; safe to share between threads.
 *
 * <p>To train, an epoch is {@link #samplesPerEpoch} windows. The stream is divided into as many equal parts, and a
 * window begins at a random place in each: other ones in each epoch, but always evenly spread (stratified sampling). To
 * measure, windows follow each other, so that each token but the first is a target exactly once; the last window may be
 * shorter.
 *
 * {@snippet :
 * TokenDataset.Split data = TokenDataset.of(tokens, 256).split(0.1);
 * trainer.fit(data.train(), data.validation());
 * }
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
     * A stream of tokens.
     *
     * @param tokens numbers from 0; copied
     * @param context how many tokens the model sees at once
     * @return the data, with {@code tokens / context} windows an epoch
     * @throws IllegalArgumentException if a token is negative, or there are not more tokens than the context has
     */
    public static TokenDataset of(int[] tokens, int context) {
        return new TokenDataset(tokens.clone(), context, Math.max(1, tokens.length / Math.max(1, context)));
    }

    /**
     * Documents, one behind the other, each ended by a token of its own, so that the model learns where texts end. A
     * window may reach from one document into the next ("packed").
     *
     * @param documents the tokens of each; copied
     * @param endToken what follows each document
     * @param context how many tokens the model sees at once
     * @return the data, with {@code tokens / context} windows an epoch
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
     * The same text with shorter or longer epochs, to validate and to report more or less often.
     *
     * @param windows how many windows make an epoch, at least 1
     * @return the changed copy
     * @throws IllegalArgumentException if the windows have fewer than 1 or more than 2^31 - 1 tokens together
     */
    public TokenDataset withSamplesPerEpoch(int windows) {
        return new TokenDataset(tokens, context, windows);
    }

    /**
     * Two parts of a text.
     *
     * @param train its beginning, to train with
     * @param validation its end, to validate with
     */
    public record Split(TokenDataset train, TokenDataset validation) {
    }

    /**
     * Divides the text into its beginning and its end, so that the model has seen nothing near what it is measured on.
     *
     * @param validationShare share of the tokens that goes to the validation, between 0 and 1: of n tokens the largest
     *     k with {@code k / (double) n <= validationShare}
     * @return both parts, with as many windows an epoch as their lengths give
     * @throws IllegalArgumentException if the share is not between 0 and 1, or a part is shorter than a window
     */
    public Split split(double validationShare) {
        if (!(validationShare > 0 && validationShare < 1)) {
            throw new IllegalArgumentException("TokenDataset.split: validation share " + validationShare
                    + " is not between 0 and 1");
        }
        int border = tokens.length - Dataset.countOf(validationShare, tokens.length);
        return new Split(of(Arrays.copyOf(tokens, border), context),
                of(Arrays.copyOfRange(tokens, border, tokens.length), context));
    }

    /**
     * The number of tokens.
     *
     * @return more than the context
     */
    public int length() {
        return tokens.length;
    }

    /**
     * How many tokens the model sees at once.
     *
     * @return at least 1
     */
    public int context() {
        return context;
    }

    /**
     * How many windows make an epoch of training.
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

    /** Where a window of an epoch begins: at random in its part of the stream. */
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

    /** Also tells texts of one length apart. */
    @Override
    public String toString() {
        return "TokenDataset(" + tokens.length + " tokens, hash " + new Digest().ints(tokens) + ")";
    }
}
