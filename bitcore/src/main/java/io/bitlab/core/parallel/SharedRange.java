package io.bitlab.core.parallel;

import io.bitlab.core.parallel.Parallel.NumberedRange;
import java.lang.invoke.VarHandle;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * The range that the threads of a {@link Parallel} work on; one object for all ranges, so that a range allocates
 * nothing.
 *
 * <p>Each thread has its own part, and takes from the others' parts when that is done. So a thread reads the same part
 * of an operand in every call, which its caches may still hold, and reads it as one stream.
 */
final class SharedRange {

    private static final int LINE = 16; // longs; each thread's counter has its own cache lines

    /** For each part, its range (upper half) and its first block that no thread has taken (lower half). */
    private final AtomicLongArray next;
    private final AtomicInteger unfinished = new AtomicInteger();
    private volatile int generation; // the number of the range
    private volatile Throwable failure;

    // Written while no thread can take blocks; valid only for a thread that has taken one.
    private int items;
    private int alignment;
    private int blocks;
    private int parts;
    private NumberedRange body;

    SharedRange(int threads) {
        next = new AtomicLongArray(threads * LINE);
    }

    /** The number of ranges that have begun. */
    int generation() {
        return generation;
    }

    /** The number of the range that a part's blocks belong to. */
    int rangeOf(int part) {
        return (int) (next.get(part * LINE) >>> 32);
    }

    /** Offers a range; the one before it must have ended. */
    void begin(int items, int alignment, int blocks, int parts, NumberedRange body) {
        int begun = generation + 1;
        for (int part = 0; part * LINE < next.length(); part++) { // some may have had blocks of the last range only
            next.set(part * LINE, word(begun, firstBlock(Math.min(part, parts), blocks, parts)));
        }
        // A late helper may still read the previous range, and take the sizes below for that one's. Then it finds the
        // words above changed, and takes nothing.
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

    /** Takes blocks until none are left, half of the rest at a time: first those of this part, then of the others. */
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

    /** After a failure, the remaining blocks are only counted. */
    private void run(int thread, int fromBlock, int toBlock) {
        try {
            if (failure == null) {
                body.run(thread, fromBlock * alignment, (int) Math.min(items, (long) toBlock * alignment));
            }
        } catch (Throwable e) { // an Error, too, must reach the waiting caller
            failure = e;
        } finally {
            unfinished.addAndGet(fromBlock - toBlock);
        }
    }

    /** Waits for the blocks that helpers took; each is nearly done, so spinning is fastest. */
    void await() {
        for (int spins = 0; unfinished.get() > 0; spins++) {
            if (spins < 10_000) {
                Thread.onSpinWait();
            } else {
                Thread.yield(); // more threads than processors: let the helper run
            }
        }
    }

    /** Releases the body, and throws what it threw. */
    void end() {
        body = null;
        switch (failure) {
            case null -> {
            }
            case RuntimeException e -> throw e;
            case Error e -> throw e;
            default -> throw new IllegalStateException(failure); // a body declares no checked exceptions
        }
    }

    private static int firstBlock(int part, int blocks, int parts) {
        return (int) ((long) blocks * part / parts);
    }

    private static long word(int generation, int block) {
        return (long) generation << 32 | block;
    }
}
