package io.bitlab.core.gpu;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Buffers for the rows of one session after the other, on one queue. Buffers are kept by their size. */
final class GpuRowMemory {

    private static final long READ_AND_WRITE = 1;

    /** A buffer on the device. */
    record Slot(long buffer, long bytes) {
    }

    private final OpenCl cl;
    private final GpuQueue queue;
    private final GpuHostMemory host;
    private final Map<Long, Deque<Slot>> idle = new HashMap<>();
    private final List<Slot> taken = new ArrayList<>();
    private long bytes; // of all buffers
    private long staged; // bytes of the host's memory from which commands may still copy
    private Slot fetched; // whose values the host's memory holds, or null

    GpuRowMemory(OpenCl cl, GpuQueue queue, GpuHostMemory host) {
        this.cl = cl;
        this.queue = queue;
        this.host = host;
    }

    /** A buffer with undefined contents, until {@link #giveBack}. */
    Slot take(long size) {
        Deque<Slot> ofSize = idle.get(size);
        Slot slot = ofSize == null ? null : ofSize.poll();
        if (slot == null) {
            slot = new Slot(queue.createBuffer(READ_AND_WRITE, size), size);
            bytes += size;
        }
        taken.add(slot);
        return slot;
    }

    /** A buffer with some values, which may change when this returns. */
    Slot take(float[] values, int count) {
        Slot slot = take((long) count * Float.BYTES);
        if (host.memory().byteSize() - staged < slot.bytes) {
            queue.finish();
            reserve(Math.max(slot.bytes, Math.min(staged + slot.bytes, GpuKernel.MOST_BYTES))); // for the next time
        }
        MemorySegment from = host.memory().asSlice(staged, slot.bytes);
        MemorySegment.copy(values, 0, from, JAVA_FLOAT, 0, count);
        queue.startUpload(slot.buffer, from);
        staged += slot.bytes;
        return slot;
    }

    /** Makes all of the host's memory available, and at least some of it, when no command copies from there. */
    private void reserve(long least) {
        staged = 0;
        fetched = null;
        if (host.memory().byteSize() < least) {
            host.allocate(least);
        }
    }

    /** Waits for the values of a buffer, and copies some. Several layers of a product have one buffer, copied once. */
    void read(Slot slot, int at, float[] values) {
        if (fetched != slot) {
            if (host.memory().byteSize() < slot.bytes) {
                queue.finish();
                reserve(slot.bytes);
            }
            queue.download(slot.buffer, host.memory().asSlice(0, slot.bytes));
            fetched = slot;
            staged = slot.bytes; // what comes next must not overwrite it
        }
        MemorySegment.copy(host.memory(), JAVA_FLOAT, (long) at * Float.BYTES, values, 0, values.length);
    }

    /** Makes all buffers available, when no command uses them; releases what is large. */
    void giveBack() {
        taken.forEach(slot -> idle.computeIfAbsent(slot.bytes, _ -> new ArrayDeque<>()).push(slot));
        taken.clear();
        fetched = null;
        staged = 0;
        if (bytes > GpuKernel.MOST_BYTES) {
            releaseBuffers();
        }
        if (host.memory().byteSize() > GpuKernel.MOST_BYTES) {
            host.release();
        }
    }

    private void releaseBuffers() {
        idle.values().forEach(slots -> slots.forEach(slot -> cl.releaseBuffer(slot.buffer)));
        idle.clear();
        bytes = 0;
    }

    /** Frees everything, when no command runs. */
    void release() {
        giveBack();
        releaseBuffers();
        host.release();
    }
}
