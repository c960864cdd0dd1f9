package io.bitlab.models.transformer;

import io.bitlab.core.parallel.Parallel;
import io.bitlab.layers.attention.KvCache;
import java.time.Duration;

/**
 * Decodes several conversations of one model together. Each conversation runs in its own thread, with its own
 * {@link DecodingSession}, as if it were alone; the tokens that they append at about the same time go through the
 * network in one batch, which reads the weights once. The logits are, to the bit, those of a session alone.
 *
 * {@snippet class="io.bitlab.models.snippets.TransformerSnippets" region="batched"}
 *
 * <p><b>Steps.</b> There is no thread of its own: one of the threads that wait in {@link DecodingSession#append}
 * computes a step for all of them. A step waits a moment for the sessions of the step before, at most a quarter of its
 * time and 20 ms. A conversation that is alone never waits.
 *
 * <p><b>Fairness.</b> A step has a bounded number of tokens, which all waiting sessions share equally; what one doesn't
 * need, the others get. So a long prompt is read in pieces beside the single tokens of the others.
 *
 * <p><b>Admission.</b> The number of open sessions is bounded, and so is the memory of their caches, as a number of
 * positions. A new session beyond that is refused, or waits for its turn; sessions are admitted in the order of
 * arrival. Close sessions, in a try statement: an abandoned one keeps its room.
 *
 * <p><b>Failures.</b> If the tokens of one session can't be computed, only its append throws. An {@link Error}, such as
 * one about memory, ends the appends of all sessions in the step; none of their tokens were appended. A thread that is
 * interrupted while it waits for logits still gets them, and keeps its interrupt status.
 *
 * <p><b>Thread safety:</b> all methods may be called from any thread.
 */
public final class BatchedDecoder {

    private final BitTransformer model;
    private final long patienceNanos;
    private final DecodingStep step;
    private final StepQueue queue;
    private final SessionAdmission admission;

    private BatchedDecoder(Builder builder) {
        model = builder.model;
        patienceNanos = builder.admissionWait.toNanos();
        step = new DecodingStep(model);
        queue = new StepQueue(step, builder.stepTokens, Parallel.current());
        admission = new SessionAdmission(builder.maxSessions, builder.maxPositions);
    }

    /**
     * Starts building a decoder.
     *
     * @param model the model of all sessions
     * @return a builder with the defaults that its methods document
     */
    public static Builder builder(BitTransformer model) {
        return new Builder(model);
    }

    /** Collects the settings of a {@link BatchedDecoder}. For one thread. */
    public static final class Builder {
        private final BitTransformer model;
        private int maxSessions = 16;
        private long maxPositions = Long.MAX_VALUE;
        private int stepTokens = DecodingStep.TOKENS;
        private Duration admissionWait = Duration.ZERO;

        private Builder(BitTransformer model) {
            this.model = model;
        }

        /**
         * Sets how many sessions may be open at once.
         *
         * @param sessions at least 1; default 16
         * @return this builder
         * @throws IllegalArgumentException if it is less than 1
         */
        public Builder maxSessions(int sessions) {
            maxSessions = (int) requirePositive("maxSessions", sessions);
            return this;
        }

        /**
         * Sets how many positions the caches of all open sessions may have together. A session counts with the capacity
         * of its cache, whether it fills it or not, so that no session runs out of memory that others took.
         *
         * @param positions at least 1; default: no bound besides {@link #maxSessions}
         * @return this builder
         * @throws IllegalArgumentException if it is less than 1
         */
        public Builder maxPositions(long positions) {
            maxPositions = requirePositive("maxPositions", positions);
            return this;
        }

        /**
         * Sets how many tokens a step computes at most, unless more sessions than that append one each. Fewer shorten
         * the pause that the prompt of one conversation causes in the others, and read prompts more slowly.
         *
         * @param tokens at least 1; default {@value DecodingStep#TOKENS}
         * @return this builder
         * @throws IllegalArgumentException if it is less than 1
         */
        public Builder stepTokens(int tokens) {
            stepTokens = (int) requirePositive("stepTokens", tokens);
            return this;
        }

        /**
         * Sets how long a new session waits for room before it is refused.
         *
         * @param wait not negative; default 0
         * @return this builder
         * @throws IllegalArgumentException if it is negative
         */
        public Builder admissionWait(Duration wait) {
            if (wait.isNegative()) {
                throw new IllegalArgumentException(
                        "BatchedDecoder: admissionWait is " + wait + ", expected 0 or a positive time");
            }
            admissionWait = wait;
            return this;
        }

        private static long requirePositive(String name, long value) {
            if (value < 1) {
                throw new IllegalArgumentException(
                        "BatchedDecoder: " + name + " is " + value + ", expected at least 1");
            }
            return value;
        }

        /**
         * Creates the decoder. Its steps compute on the threads of {@link Parallel#current()} of this call.
         *
         * @return a decoder without sessions
         */
        public BatchedDecoder build() {
            return new BatchedDecoder(this);
        }
    }

    /**
     * The model that all sessions decode with.
     *
     * @return the model
     */
    public BitTransformer model() {
        return model;
    }

    /**
     * Opens a session of up to {@code maxPositionEmbeddings} tokens, with keys and values in float32.
     *
     * @return an empty session, to be closed by the caller
     * @throws TooManySessionsException if there is no room, even after the {@linkplain Builder#admissionWait wait}
     * @throws IllegalStateException in training: call {@code eval()} first
     */
    public DecodingSession newSession() {
        return newSession(model.cacheBuilder().build());
    }

    /**
     * Opens a session with a given cache, for instance one with less capacity, for which there is room sooner.
     *
     * @param cache built by {@link BitTransformer#cacheBuilder}; empty, and used by this session alone
     * @return an empty session, to be closed by the caller
     * @throws TooManySessionsException if there is no room, even after the {@linkplain Builder#admissionWait wait}, or
     *     the thread is interrupted while it waits; its interrupt status is kept
     * @throws IllegalStateException in training: call {@code eval()} first
     * @throws IllegalArgumentException if the cache is not empty, or larger than all sessions together may be
     */
    public DecodingSession newSession(KvCache cache) {
        model.requireNew(cache, "BatchedDecoder");
        DecodingSession session = new DecodingSession(model, cache, this);
        admission.enter(cache.capacity(), patienceNanos);
        return session;
    }

    /** Appends tokens, and computes the logits after the last ones, as many as there are arrays for them. */
    void append(DecodingSession session, float[][] logits, int... tokens) {
        queue.append(session, logits, tokens);
    }

    /** Gives back the room of a session; called once. */
    void close(DecodingSession session) {
        queue.close(session);
        admission.leave(session.cache().capacity());
    }

    /**
     * What this decoder does at the moment, and has done so far.
     *
     * @return the figures; those of different moments if sessions are running
     */
    public Load load() {
        return new Load(admission.sessions(), admission.positions(), admission.waiting(), queue.waiting(),
                queue.steps(), queue.tokens(), queue.stepBytes());
    }

    /**
     * The load of a decoder.
     *
     * @param sessions open sessions
     * @param positions capacity of their caches
     * @param queued sessions that wait to be opened
     * @param appending sessions that wait for logits, those in the running step included
     * @param steps steps computed so far
     * @param tokens tokens computed so far; divided by the steps, the mean batch
     * @param stepBytes memory that the steps reuse; keys and values are not counted
     */
    public record Load(int sessions, long positions, int queued, int appending, long steps, long tokens,
            long stepBytes) {
    }

    @Override
    public String toString() {
        return "BatchedDecoder(" + model + ", " + admission.sessions() + " sessions)";
    }
}
