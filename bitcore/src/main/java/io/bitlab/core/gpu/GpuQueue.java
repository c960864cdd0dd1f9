package io.bitlab.core.gpu;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.bitlab.core.internal.DeviceException;
import io.bitlab.core.quant.QuantizedActivations;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * A queue of commands with kernels and buffers of its own, for one thread at a time: copies activations to the device,
 * multiplies them with weights that are there, and copies the sums back.
 */
final class GpuQueue {

    /** Items of a group of the kernel that has the most: the product of the sizes in {@link #TILE_GROUP}. */
    static final int LARGEST_GROUP = 128;

    /** Layers of a launch. */
    static final int MOST_LAYERS = 3;

    static final long READ_ONLY = 4;
    private static final long WRITE_ONLY = 2;
    private static final long ON_HOST = 16;

    // As in ternary.cl:
    private static final int COLUMNS = 16; // of a word of weights, and of a vector of activations
    private static final int[] ROW_GROUP = {64, 1};
    private static final int[] ROW_RESULTS = {4, 1};
    private static final int[] TILE_GROUP = {32, 4};
    static final int TILE_ROWS = 16;
    private static final int[] TILE_RESULTS = {128, TILE_ROWS};
    private static final int COMMON_ARGUMENTS = 5;
    private static final int LAYER_ARGUMENTS = 5;

    private final OpenCl cl;
    private final long context;
    private final MemorySegment scratch = Arena.ofAuto().allocate(4 * Long.BYTES, Long.BYTES);
    private final Buffer input = new Buffer(READ_ONLY);
    private final Buffer output = new Buffer(WRITE_ONLY);
    private long queue;
    private long row; // one row of activations
    private long rowOfBlocks; // one row of activations, and several blocks of scales
    private long tiles; // many rows

    // What the input holds, so that several layers that read one input need one copy; 0 is nothing.
    private long heldId;
    private int heldFirstRow;
    private int heldRows;
    private int heldBlockColumns;

    /**
     * Creates the queue and its kernels.
     *
     * @throws DeviceException if that fails; then nothing is left behind
     */
    GpuQueue(OpenCl cl, long context, long program, long device) {
        this.cl = cl;
        this.context = context;
        try {
            queue = cl.createQueue(context, device);
            row = cl.createKernel(program, "row");
            rowOfBlocks = cl.createKernel(program, "row_of_blocks");
            tiles = cl.createKernel(program, "tiles");
        } catch (DeviceException e) {
            release();
            throw e;
        }
    }

    /** Waits for what is still running, and frees everything. */
    void release() {
        if (queue != 0) {
            cl.finish(queue);
        }
        input.release();
        output.release();
        for (long kernel : new long[] {row, rowOfBlocks, tiles}) {
            if (kernel != 0) {
                cl.releaseKernel(kernel);
            }
        }
        if (queue != 0) {
            cl.releaseQueue(queue);
        }
    }

    /** Copies to a buffer of the device, and waits for it. */
    void upload(long buffer, long offset, MemorySegment from) {
        cl.write(queue, buffer, true, offset, from);
    }

    /**
     * Multiplies some rows of activations with the weights of several layers in one launch.
     *
     * @param layers at most {@link #MOST_LAYERS} layers of the same device, with the same blocks of columns
     * @param firstRow first row of activations
     * @param rows number of rows
     * @param tiled whether to use the kernel for many rows
     * @throws DeviceException if a command fails; then the queue can only be released
     */
    void multiply(List<GpuLayer> layers, GpuActivations x, int firstRow, int rows, boolean tiled) {
        GpuWeights first = layers.getFirst().weights();
        hold(x, firstRow, rows, first.matrix().blockColumns());
        long bytes = 0;
        for (GpuLayer layer : layers) {
            bytes += layer.bytes(rows);
        }
        output.reserve(bytes);
        long kernel = tiled ? tiles : first.matrix().blocks() > 1 ? rowOfBlocks : row;
        int[] results = tiled ? TILE_RESULTS : ROW_RESULTS;
        argument(kernel, 0, input.device);
        argument(kernel, 1, output.device);
        argument(kernel, 2, first.wordsOfBlock());
        argument(kernel, 3, first.matrix().blocks());
        argument(kernel, 4, rows);
        int groups = 0;
        for (int i = 0; i < MOST_LAYERS; i++) {
            boolean isMissing = i >= layers.size(); // then any buffers do
            GpuLayer layer = layers.get(isMissing ? 0 : i);
            int at = COMMON_ARGUMENTS + LAYER_ARGUMENTS * i;
            argument(kernel, at, layer.weights().words());
            argument(kernel, at + 1, layer.weights().scales());
            argument(kernel, at + 2, layer.weights().scaleStep());
            argument(kernel, at + 3, layer.fromOut());
            argument(kernel, at + 4, isMissing ? 0 : layer.outs());
            groups += isMissing ? 0 : Math.ceilDiv(layer.outs(), results[0]);
        }
        launch(kernel, groups, Math.ceilDiv(rows, results[1]), tiled ? TILE_GROUP : ROW_GROUP);
        MemorySegment sums = output.host.asSlice(0, bytes);
        cl.read(queue, output.device, sums);
        long offset = 0;
        for (GpuLayer layer : layers) {
            layer.take(sums.asSlice(offset, layer.bytes(rows)), x, firstRow, rows);
            offset += layer.bytes(rows);
        }
    }

    /** Copies rows of activations to the input, each block of columns padded with zeros to whole vectors. */
    private void hold(GpuActivations x, int firstRow, int rows, int blockColumns) {
        if (heldId == x.id() && heldFirstRow == firstRow && heldRows == rows && heldBlockColumns == blockColumns) {
            return;
        }
        heldId = 0;
        QuantizedActivations values = x.activations();
        int columns = values.columns();
        int blocks = Math.ceilDiv(columns, blockColumns);
        long blockBytes = (long) Math.ceilDiv(blockColumns, COLUMNS) * COLUMNS;
        long bytes = (long) rows * blocks * blockBytes;
        input.reserve(bytes);
        MemorySegment host = input.host.asSlice(0, bytes);
        if (blocks * blockBytes == columns) {
            MemorySegment.copy(values.values(), firstRow * columns, host, JAVA_BYTE, 0, rows * columns);
        } else {
            host.fill((byte) 0);
            for (int i = 0; i < rows; i++) {
                for (int block = 0; block < blocks; block++) {
                    int from = block * blockColumns;
                    MemorySegment.copy(values.values(), (firstRow + i) * columns + from, host, JAVA_BYTE,
                            ((long) i * blocks + block) * blockBytes, Math.min(blockColumns, columns - from));
                }
            }
        }
        cl.write(queue, input.device, false, 0, host);
        heldId = x.id();
        heldFirstRow = firstRow;
        heldRows = rows;
        heldBlockColumns = blockColumns;
    }

    private void launch(long kernel, int groupsOfOutputs, int groupsOfRows, int[] group) {
        MemorySegment global = scratch.asSlice(0, 2 * Long.BYTES);
        MemorySegment local = scratch.asSlice(2 * Long.BYTES, 2 * Long.BYTES);
        global.setAtIndex(JAVA_LONG, 0, (long) groupsOfOutputs * group[0]);
        global.setAtIndex(JAVA_LONG, 1, (long) groupsOfRows * group[1]);
        local.setAtIndex(JAVA_LONG, 0, group[0]);
        local.setAtIndex(JAVA_LONG, 1, group[1]);
        cl.launch(queue, kernel, global, local);
    }

    // Set each time, also to the same: a new buffer may have the handle of one that was released.

    private void argument(long kernel, int index, long handle) {
        scratch.set(JAVA_LONG, 0, handle);
        cl.setArgument(kernel, index, scratch.asSlice(0, Long.BYTES));
    }

    private void argument(long kernel, int index, int value) {
        scratch.set(JAVA_INT, 0, value);
        cl.setArgument(kernel, index, scratch.asSlice(0, Integer.BYTES));
    }

    /** Memory of the device and as much of the host, which grows as needed. */
    private final class Buffer {
        private final long flags;
        private long device;
        private long pinned; // where the host's memory comes from the driver
        private MemorySegment host = MemorySegment.NULL;

        Buffer(long flags) {
            this.flags = flags;
        }

        void reserve(long bytes) {
            if (host.byteSize() >= bytes) {
                return;
            }
            long size = Math.max(bytes, Math.min(2 * host.byteSize(), GpuKernel.MOST_BYTES));
            release();
            device = cl.createBuffer(context, flags, size);
            touch();
            host = pin(size);
        }

        /** Some drivers allocate at first use, and a kernel that fails for lack of memory doesn't say why. */
        private void touch() {
            cl.write(queue, device, true, 0, scratch.asSlice(0, Integer.BYTES));
        }

        /** Memory from which drivers copy directly; where they have none left, any. */
        private MemorySegment pin(long size) {
            try {
                pinned = cl.createBuffer(context, ON_HOST, size);
                return cl.map(queue, pinned, size);
            } catch (DeviceException e) {
                releasePinned();
                return Arena.ofAuto().allocate(size, Long.BYTES);
            }
        }

        void release() {
            if (pinned != 0 && host.byteSize() > 0) {
                cl.unmap(queue, pinned, host);
            }
            host = MemorySegment.NULL;
            releasePinned();
            if (device != 0) {
                cl.releaseBuffer(device);
                device = 0;
            }
        }

        private void releasePinned() {
            if (pinned != 0) {
                cl.releaseBuffer(pinned);
                pinned = 0;
            }
        }
    }
}
