package io.bitlab.models.transformer;

import io.bitlab.core.parallel.Parallel;
import io.bitlab.layers.attention.KvBatch;
import io.bitlab.layers.attention.KvCache;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;

/**
 * Gathers the tokens that the sessions of a {@link BatchedDecoder} append, each in its own thread, and computes them in
 * common steps. No thread is started: of the waiting ones, one leads a step while the others wait for its result. Who
 * leads always has tokens of its own in the step.
 *
 * <p>A step begins when all sessions of the step before have come back with their next token, so that conversations
 * stay together; a session that takes longer than a part of the last step's time is not waited for. Sessions that were
 * not in the last step, such as chats between two questions, never are.
 */
final class StepQueue {

    /** How long to wait for the sessions of the last step: this part of its time, but no longer than that. */
    private static final int PART_OF_STEP = 4;
    private static final long MOST_NANOS = 20_000_000;

    private final DecodingStep step;
    private final int stepTokens;
    private final Parallel parallel;
    private final ReentrantLock lock = new ReentrantLock();
    private final List<Append> waiting = new ArrayList<>(); // in the order of arrival
    private final Set<DecodingSession> expected = Collections.newSetFromMap(new IdentityHashMap<>());
    private boolean stepping;
    private long waitUntil; // the time after which a step no longer waits for those expected
    private long steps;
    private long rows;
    private long stepBytes;

    StepQueue(DecodingStep step, int stepTokens, Parallel parallel) {
        this.step = step;
        this.stepTokens = stepTokens;
        this.parallel = parallel;
    }

    /** Tokens that a session appends; the first {@code done} are part of its sequence. */
    private static final class Append {
        final DecodingSession session;
        final float[][] logits; // after the last tokens
        final int[] tokens;
        final Condition changed;
        int done;
        int now; // tokens in the running step
        Throwable failure;
        Thread leader; // that saw the failure

        Append(DecodingSession session, float[][] logits, int[] tokens, Condition changed) {
            this.session = session;
            this.logits = logits;
            this.tokens = tokens;
            this.changed = changed;
        }

        int left() {
            return tokens.length - done;
        }

        /** The first token after which logits are wanted, of those in the running step; or else the one after them. */
        int firstWanted() {
            return Math.clamp(tokens.length - logits.length, done, done + now);
        }

        /** Where the logits after a token belong. */
        float[] logitsAfter(int token) {
            return logits[token - (tokens.length - logits.length)];
        }

        boolean isOver() {
            return left() == 0 || failure != null;
        }

        void fail(Throwable thrown) {
            failure = thrown;
            leader = Thread.currentThread();
        }
    }

    /**
     * Appends tokens to a session, in one or more steps that others may share; waits for its logits.
     *
     * @param logits after the last tokens, as many as there are arrays; overwritten
     * @throws IllegalStateException if the session is closed meanwhile, or an error ended a step that another thread
     *     led; what a session's own tokens cause is thrown as if it were alone
     */
    void append(DecodingSession session, float[][] logits, int... tokens) {
        Append own = new Append(session, logits, tokens, lock.newCondition());
        boolean interrupted = false;
        lock.lock();
        try {
            expected.remove(session);
            waiting.add(own);
            while (!own.isOver()) {
                long nanos = waitUntil - System.nanoTime();
                if (session.isClosed()) {
                    own.fail(DecodingSession.closedException());
                } else if (stepping || !expected.isEmpty() && nanos > 0 && waiting.getFirst() != own) {
                    own.changed.awaitUninterruptibly();
                } else if (!expected.isEmpty() && nanos > 0) {
                    try {
                        own.changed.awaitNanos(nanos);
                    } catch (InterruptedException _) {
                        interrupted = true; // and the flag is cleared, or the next wait would end at once
                    }
                } else {
                    interrupted |= Thread.interrupted(); // it must not disturb what others share
                    lead();
                }
            }
        } finally {
            waiting.remove(own);
            wakeFirst();
            lock.unlock();
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
        if (own.failure != null) {
            throw thrown(own);
        }
    }

    /** The first of those that wait decides when the next step begins, unless the last session expected arrives. */
    private void wakeFirst() {
        if (!stepping && !waiting.isEmpty()) {
            waiting.getFirst().changed.signalAll();
        }
    }

    private static RuntimeException thrown(Append own) {
        if (own.failure instanceof Error error && own.leader == Thread.currentThread()) {
            throw error;
        }
        return own.failure instanceof RuntimeException exception ? exception
                : new IllegalStateException("DecodingSession.append: a step that this session shared with others failed"
                        + " in thread '" + own.leader.getName() + "': " + own.failure, own.failure);
    }

    // ---------------------------------------------------------------- steps

    /** Runs a step with tokens of all that wait; called, and left, with the lock held. */
    private void lead() {
        List<Append> parts = share();
        if (parts.isEmpty()) {
            return; // closed at this moment
        }
        stepping = true;
        expected.clear();
        lock.unlock();
        long start = System.nanoTime();
        try {
            run(parts);
        } finally {
            lock.lock();
            stepping = false;
            long end = System.nanoTime();
            waitUntil = end + Math.min(MOST_NANOS, (end - start) / PART_OF_STEP);
            finish(parts);
        }
    }

    /**
     * Divides the tokens of a step among all that wait: each gets the same share, and what one doesn't need goes to the
     * others. A single token therefore never waits for a long prompt, and a short prompt not for all of a long one.
     */
    private List<Append> share() {
        List<Append> parts = new ArrayList<>(waiting);
        parts.removeIf(part -> part.session.isClosed());
        parts.sort(Comparator.comparingInt(Append::left));
        int free = Math.max(stepTokens, parts.size());
        for (int i = 0; i < parts.size(); i++) { // those that need least first
            Append part = parts.get(i);
            part.now = Math.min(part.left(), free / (parts.size() - i));
            free -= part.now;
        }
        return parts;
    }

    private void finish(List<Append> parts) {
        steps++;
        stepBytes = step.bytes(); // between steps, which change it
        for (Append part : parts) {
            part.now = 0;
            if (part.isOver()) {
                waiting.remove(part);
                if (!part.session.isClosed()) {
                    expected.add(part.session);
                }
            }
            if (part.isOver() || part.session.isClosed()) {
                part.changed.signalAll();
            }
        }
        wakeFirst();
    }

    /** Without the lock; if the tokens of one session can't be computed, the others must not suffer. */
    private void run(List<Append> parts) {
        try {
            compute(parts);
        } catch (RuntimeException e) {
            if (parts.size() == 1) {
                parts.getFirst().fail(e);
            } else {
                parts.forEach(part -> run(List.of(part)));
            }
        } catch (Error e) {
            parts.forEach(part -> part.fail(e));
        }
    }

    private void compute(List<Append> parts) {
        int count = parts.size();
        KvCache[] caches = new KvCache[count];
        int[] positions = new int[count];
        int total = 0;
        int wanted = 0;
        for (int i = 0; i < count; i++) {
            Append part = parts.get(i);
            caches[i] = part.session.cache();
            positions[i] = part.now;
            total += part.now;
            wanted += part.done + part.now - part.firstWanted();
        }
        int[] tokens = new int[total];
        int[] wantedRows = new int[wanted];
        float[][] logits = new float[wanted][];
        int at = 0;
        int row = 0;
        for (Append part : parts) {
            System.arraycopy(part.tokens, part.done, tokens, at, part.now);
            for (int token = part.firstWanted(); token < part.done + part.now; token++) {
                wantedRows[row] = at + token - part.done;
                logits[row++] = part.logitsAfter(token);
            }
            at += part.now;
        }
        parallel.call(() -> {
            step.run(tokens, KvBatch.of(caches, positions), wantedRows, logits);
            return null;
        });
        parts.forEach(part -> part.done += part.now);
        rows += total;
    }

    // ---------------------------------------------------------------- closing

    /** Forgets a closed session; if a step has begun with its tokens, waits for its end. */
    void close(DecodingSession session) {
        lock.lock();
        try {
            expected.remove(session);
            for (Append part : List.copyOf(waiting)) {
                if (part.session == session) {
                    part.changed.signalAll();
                    while (part.now > 0) {
                        part.changed.awaitUninterruptibly();
                    }
                }
            }
            wakeFirst();
        } finally {
            lock.unlock();
        }
    }

    /** The number of steps so far. */
    long steps() {
        return locked(() -> steps);
    }

    /** The number of tokens computed so far. */
    long tokens() {
        return locked(() -> rows);
    }

    /** The memory that steps reuse. */
    long stepBytes() {
        return locked(() -> stepBytes);
    }

    /** The number of sessions that wait for logits. */
    int waiting() {
        return (int) locked(waiting::size);
    }

    private long locked(LongSupplier value) {
        lock.lock();
        try {
            return value.getAsLong();
        } finally {
            lock.unlock();
        }
    }
}
