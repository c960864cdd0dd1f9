package io.bitlab.models.generate;

import io.bitlab.models.transformer.DecodingSession;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * A session that reads ahead: beside a token it appends guesses about those that follow, all in one step. While tokens
 * are drawn as guessed, their logits are there already; the first other one drops the rest. The logits are, to the bit,
 * those of one token after the other, so the tokens that are drawn do not depend on the guesses. For one thread.
 */
final class Lookahead implements AutoCloseable {

    private static final int[] NOTHING = {};

    private final DecodingSession session;
    private final TokenProposer proposer; // null for no guesses
    private final SpeculationPace pace;
    private final LongSupplier clock;
    private int[] guesses = NOTHING; // the last tokens of the session
    private boolean caughtUp; // the proposer, with the prompt of this generation
    private int right; // of them, from the first on
    private float[][] logits; // before the first guess, and after each
    private long nanos; // of the step
    private int proposed;
    private int accepted;

    /**
     * Starts a session.
     *
     * @param speculation null for no guesses
     */
    Lookahead(Supplier<DecodingSession> start, Speculation speculation) {
        this.proposer = speculation == null ? null : speculation.newProposer(); // first: it may refuse
        this.session = start.get();
        this.pace = new SpeculationPace(speculation == null ? 1 : speculation.mostTokens());
        this.clock = speculation == null ? () -> 0 : speculation.clock();
    }

    /** A generation begins, whose prompt may be long. */
    void begin() {
        caughtUp = false;
    }

    /** The session, which has no guesses after {@link #settle}. */
    DecodingSession session() {
        return session;
    }

    /** Whether no further token fits. */
    boolean isFull() {
        return session.room() == 0 && right == guesses.length;
    }

    /**
     * Appends the last token of a text, whose other tokens the session has.
     *
     * @param draws how many more tokens may be drawn
     * @return the logits of the token that follows, in an array that later calls overwrite
     */
    float[] append(TokenSequence text, int draws) {
        int token = text.array()[text.length() - 1];
        if (right < guesses.length && guesses[right] == token) {
            accepted++;
            return logits[++right];
        }
        settle();
        int most = proposer == null ? 0 : Math.min(Math.min(pace.length(), draws - 1), session.revocableRoom() - 1);
        if (most > 0 && !caughtUp) {
            proposer.catchUp(text, most);
            caughtUp = true;
        }
        long start = clock.getAsLong();
        int[] next = most < 1 ? NOTHING : proposer.propose(text, most);
        if (next.length == 0) {
            float[] only = session.append(token);
            pace.plain(clock.getAsLong() - start);
            return only;
        }
        int[] all = new int[1 + next.length];
        all[0] = token;
        System.arraycopy(next, 0, all, 1, next.length);
        logits = session.appendEach(all);
        guesses = next;
        proposed += next.length;
        nanos = clock.getAsLong() - start;
        return logits[0];
    }

    /** Drops the guesses that were not drawn. */
    void settle() {
        if (guesses.length == 0) {
            return;
        }
        int wrong = guesses.length - right;
        pace.checked(guesses.length, right, nanos);
        guesses = NOTHING;
        right = 0;
        if (wrong > 0) {
            session.truncate(session.length() - wrong);
        }
    }

    /** Ends the session. */
    @Override
    public void close() {
        session.close();
    }

    /** The number of guesses so far. */
    int proposed() {
        return proposed;
    }

    /** The number of guesses that were drawn. */
    int accepted() {
        return accepted;
    }
}
