package io.bitlab.core.vector;

import io.bitlab.core.parallel.Parallel;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Supplier;

/**
 * Memory for each thread that computes. It goes by the thread rather than by its number, which a thread of another pool
 * may share. Safe for any number of threads.
 */
final class ThreadMemory<T> {

    private final Supplier<T> make;
    private final Queue<T> free = new ConcurrentLinkedQueue<>();
    private final Map<Thread, T> taken = new ConcurrentHashMap<>();

    /** Takes it in advance, for as many threads as will compute. */
    ThreadMemory(Supplier<T> make) {
        this.make = make;
        for (int i = 0; i < Parallel.current().threads(); i++) {
            free.add(make.get());
        }
    }

    /** That of the calling thread; made now if there are more threads than expected. */
    T get() {
        return taken.computeIfAbsent(Thread.currentThread(), _ -> {
            T memory = free.poll();
            return memory != null ? memory : make.get();
        });
    }
}
