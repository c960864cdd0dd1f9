package io.bitlab.core.parallel;

import io.bitlab.core.parallel.Parallel.NumberedRange;
import java.lang.invoke.VarHandle;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * The range that the threads of a {@link Parallel} work on; one object for all ranges, so that a range costs no memory.
 *
 * <p>Every thread has a part of its own, and helps others when that is done. So a thread sees the same part of an
 * operand in every call, which its own caches may still hold, and reads it in one stream.
 */
final class SharedRange {

    private static final int LINE = 16; // longs: threads' counters stand in cache lines of their own

    /** For each part, which range it belongs to (upper half) and its first block that nobody took (lower half). */
    private final AtomicLongArray next;
    private final AtomicInteger unfinished = new AtomicInteger();
    private volatile int generation; // which range this is
    private volatile Throwable failure;

    // Written while no thread can take blocks: only who took one may rely on them.
    private int items;
    private int alignment;
    private int blocks;
    private int parts;
    private NumberedRange body;

    SharedRange(int threads) {
        next = new AtomicLongArray(threads * LINE);
    }

    /** How many ranges have begun. */
    int generation() {
        return generation;
    }

    /** Offers a range; the one before it must have ended. */
    void begin(int items, int alignment, int blocks, int parts, NumberedRange body) {
        int begun = generation + 1;
        for (int part = 0; part < parts; part++) {
            next.set(part * LINE, word(begun, firstBlock(part, blocks, parts)));
        }
        // A late helper may still look at the range before. Should it see the fields below, then also the words above.
        VarHandle.storeStoreFence();
        this.items = items;
        this.alignment = alignment;
        this.blocks = blocks;
        this.parts = parts;
        this.body = body;
        failure = null;
        unfinished.set(blocks);
        generation = begun;
    }

    /** Takes blocks until none are left: first those of this part, half of what is left at a time, then others'. */
    void takePart(int own) {
        int current = generation;
        int count = parts;
        for (int i = 0; i < count; i++) {
            int part = (own + i) % count;
            while (takeSome(current, part, own)) {
                // there may be more
            }
        }
    }

    private boolean takeSome(int current, int part, int thread) {
        long word = next.get(part * LINE);
        int from = (int) word;
        int left = firstBlock(part + 1, blocks, parts) - from;
        if ((int) (word >>> 32) != current || left <= 0) {
            return false;
        }
        int taken = Math.ceilDiv(left, 2);
        if (next.compareAndSet(part * LINE, word, word(current, from + taken))) {
            run(thread, from, from + taken);
        }
        return true;
    }

    /** After a failure the rest is only counted. */
    private void run(int thread, int fromBlock, int toBlock) {
        try {
            if (failure == null) {
                body.run(thread, fromBlock * alignment, (int) Math.min(items, (long) toBlock * alignment));
            }
        } catch (Throwable e) { // an Error too must reach the caller, who waits
            failure = e;
        } finally {
            unfinished.addAndGet(fromBlock - toBlock);
        }
    }

    /** Waits for the blocks that helpers took; each is nearly done, so spinning is the shortest wait. */
    void await() {
        for (int spins = 0; unfinished.get() > 0; spins++) {
            if (spins < 10_000) {
                Thread.onSpinWait();
            } else {
                Thread.yield(); // more threads than processors: let the helper run
            }
        }
    }

    /** Forgets the body, and throws what it threw. */
    void end() {
        body = null;
        switch (failure) {
            case null -> {
            }
            case RuntimeException e -> throw e;
            case Error e -> throw e;
            default -> throw new IllegalStateException(failure); // a body declares no others
        }
    }

    private static int firstBlock(int part, int blocks, int parts) {
        return (int) ((long) blocks * part / parts);
    }

    private static long word(int generation, int block) {
        return (long) generation << 32 | block;
    }
}
