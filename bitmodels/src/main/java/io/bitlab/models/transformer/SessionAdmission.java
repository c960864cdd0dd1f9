package io.bitlab.models.transformer;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;

/**
 * Bounds the sessions of a {@link BatchedDecoder} and the positions of their caches. Who waits is admitted in the order
 * of arrival: a large session may have to wait for several small ones to end, but later small ones don't overtake it.
 */
final class SessionAdmission {

    private final int maxSessions;
    private final long maxPositions;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Deque<Object> waiting = new ArrayDeque<>(); // in the order of arrival
    private int sessions;
    private long positions;

    SessionAdmission(int maxSessions, long maxPositions) {
        this.maxSessions = maxSessions;
        this.maxPositions = maxPositions;
    }

    /**
     * Admits a session.
     *
     * @param more positions that its cache may hold
     * @param patienceNanos how long to wait for room; 0 to refuse at once
     * @throws TooManySessionsException if there is no room, or the thread is interrupted while it waits; its interrupt
     *     status is kept
     * @throws IllegalArgumentException if there will never be room
     */
    void enter(int more, long patienceNanos) {
        if (more > maxPositions) {
            throw new IllegalArgumentException("BatchedDecoder.newSession: a cache of " + more
                    + " positions, expected at most the " + maxPositions
                    + " of all sessions (maxPositions); build it with a smaller capacity");
        }
        Object ticket = new Object();
        lock.lock();
        try {
            waiting.add(ticket);
            long left = patienceNanos;
            while (waiting.peek() != ticket || sessions == maxSessions || positions + more > maxPositions) {
                if (left <= 0) {
                    throw refused(more, "close one, try again later, or build the decoder with more");
                }
                left = changed.awaitNanos(left);
            }
            sessions++;
            positions += more;
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            throw refused(more, "and the thread was interrupted while it waited for one to close");
        } finally {
            waiting.remove(ticket);
            changed.signalAll(); // the next one may have room
            lock.unlock();
        }
    }

    private TooManySessionsException refused(int more, String advice) {
        return new TooManySessionsException("BatchedDecoder.newSession: no room for a session of " + more
                + " positions: " + sessions + " sessions are open (maxSessions " + maxSessions + "), with " + positions
                + " positions (maxPositions " + maxPositions + "), " + (waiting.size() - 1) + " more wait; " + advice);
    }

    /** Gives back the room of a session. */
    void leave(int fewer) {
        lock.lock();
        try {
            sessions--;
            positions -= fewer;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    int sessions() {
        return (int) locked(() -> sessions);
    }

    long positions() {
        return locked(() -> positions);
    }

    /** How many wait for room. */
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
