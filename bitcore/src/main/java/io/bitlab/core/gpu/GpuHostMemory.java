package io.bitlab.core.gpu;

import io.bitlab.core.internal.DeviceException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Memory of the host from which drivers copy directly; where they have none left, any. */
final class GpuHostMemory {

    private static final long ON_HOST = 16;

    private final OpenCl cl;
    private final long context;
    private final long queue;
    private long pinned; // the driver's buffer, or 0
    private MemorySegment memory = MemorySegment.NULL;

    GpuHostMemory(OpenCl cl, long context, long queue) {
        this.cl = cl;
        this.context = context;
        this.queue = queue;
    }

    /** All of the memory; none at first. */
    MemorySegment memory() {
        return memory;
    }

    /** Takes new memory, in place of the present. */
    void allocate(long bytes) {
        release();
        try {
            pinned = cl.createBuffer(context, ON_HOST, bytes);
            memory = cl.map(queue, pinned, bytes);
        } catch (DeviceException e) {
            releasePinned();
            memory = ofJava(bytes);
        }
    }

    private static MemorySegment ofJava(long bytes) {
        try {
            return Arena.ofAuto().allocate(bytes, Long.BYTES);
        } catch (OutOfMemoryError e) {
            throw new DeviceException("there is no memory outside of the heap (" + e.getMessage() + ")", true);
        }
    }

    void release() {
        if (pinned != 0) {
            cl.unmap(queue, pinned, memory);
        }
        memory = MemorySegment.NULL;
        releasePinned();
    }

    private void releasePinned() {
        if (pinned != 0) {
            cl.releaseBuffer(pinned);
            pinned = 0;
        }
    }
}
