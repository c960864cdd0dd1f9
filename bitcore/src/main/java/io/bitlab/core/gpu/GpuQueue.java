package io.bitlab.core.gpu;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.bitlab.core.internal.DeviceException;
import io.bitlab.core.quant.QuantizedActivations;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

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

    // As in ternary.cl:
    static final int COLUMNS = 16; // of a word of weights, and of a vector of activations
    private static final int[] ROW_GROUP = {64, 1};
    private static final int[] ROW_RESULTS = {4, 1};
    private static final int[] TILE_GROUP = {32, 4};
    static final int TILE_ROWS = 16;
    private static final int[] TILE_RESULTS = {128, TILE_ROWS};
    private static final int COMMON_ARGUMENTS = 5;
    private static final int LAYER_ARGUMENTS = 5;

    private final OpenCl cl;
    private final long context;
    private final long program;
    private final MemorySegment scratch = Arena.ofAuto().allocate(4 * Long.BYTES, Long.BYTES);
    private final Buffer input;
    private final Buffer output;
    private final GpuRowMemory rowMemory;
    private final Map<String, Long> rowKernels = new HashMap<>(); // of rows.cl, as they are needed
    private final long queue;
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
        this.program = program;
        this.queue = cl.createQueue(context, device);
        this.input = new Buffer(READ_ONLY);
        this.output = new Buffer(WRITE_ONLY);
        this.rowMemory = new GpuRowMemory(cl, this, new GpuHostMemory(cl, context, queue));
        try {
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
        cl.finish(queue);
        input.release();
        output.release();
        rowMemory.release();
        for (long kernel : new long[] {row, rowOfBlocks, tiles}) {
            if (kernel != 0) {
                cl.releaseKernel(kernel);
            }
        }
        rowKernels.values().forEach(cl::releaseKernel);
        cl.releaseQueue(queue);
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
        hold(x, firstRow, rows, layers.getFirst().weights().matrix().blockColumns());
        long bytes = GpuLayer.bytes(layers, rows);
        output.reserve(bytes);
        startProducts(layers, input.device, output.device, rows, tiled);
        MemorySegment sums = output.host().asSlice(0, bytes);
        cl.read(queue, output.device, sums);
        long offset = 0;
        for (GpuLayer layer : layers) {
            layer.take(sums.asSlice(offset, layer.bytes(rows)), x, firstRow, rows);
            offset += layer.bytes(rows);
        }
    }

    /**
     * Starts to multiply rows that are on the device, as they must be for {@code ternary.cl}.
     *
     * @param x the buffer of the activations
     * @param y the buffer of the results, which are not yet multiplied with the scales of the activations
     */
    void startProducts(List<GpuLayer> layers, long x, long y, int rows, boolean tiled) {
        GpuWeights first = layers.getFirst().weights();
        long kernel = tiled ? tiles : first.matrix().blocks() > 1 ? rowOfBlocks : row;
        int[] results = tiled ? TILE_RESULTS : ROW_RESULTS;
        argument(kernel, 0, x);
        argument(kernel, 1, y);
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
        MemorySegment host = input.host().asSlice(0, bytes);
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

    // ---------------------------------------------------------------- rows that stay on the device

    /** Buffers for rows. */
    GpuRowMemory rowMemory() {
        return rowMemory;
    }

    /** A new buffer, which the caller releases. Some drivers allocate at first use, and fail there without a reason. */
    long createBuffer(long flags, long bytes) {
        long buffer = cl.createBuffer(context, flags, bytes);
        try {
            cl.write(queue, buffer, true, 0, scratch.asSlice(0, Integer.BYTES));
        } catch (DeviceException e) {
            cl.releaseBuffer(buffer);
            throw e;
        }
        return buffer;
    }

    /** Starts to copy to a buffer; the memory must not change before a later command has finished. */
    void startUpload(long buffer, MemorySegment from) {
        cl.write(queue, buffer, false, 0, from);
    }

    /** Waits for all commands so far, and copies the beginning of a buffer. */
    void download(long buffer, MemorySegment to) {
        cl.read(queue, buffer, to);
    }

    /** Waits for all commands. */
    void finish() {
        cl.finish(queue);
    }

    /**
     * Starts a kernel of {@code rows.cl}.
     *
     * @param groups groups of items for each row
     * @param arguments handles of buffers, and numbers of 32 bits
     */
    void startRows(String kernel, int groups, int rows, Object... arguments) {
        long handle = rowKernels.computeIfAbsent(kernel, name -> cl.createKernel(program, name));
        for (int i = 0; i < arguments.length; i++) {
            switch (arguments[i]) {
                case Long buffer -> argument(handle, i, buffer);
                case Float number -> argument(handle, i, Float.floatToRawIntBits(number));
                case Object number -> argument(handle, i, (int) number);
            }
        }
        launch(handle, groups, rows, ROW_GROUP);
    }

    // ---------------------------------------------------------------- commands

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
        private final GpuHostMemory hostMemory = new GpuHostMemory(cl, context, queue);
        private long device;

        Buffer(long flags) {
            this.flags = flags;
        }

        MemorySegment host() {
            return hostMemory.memory();
        }

        void reserve(long bytes) {
            if (host().byteSize() >= bytes) {
                return;
            }
            long size = Math.max(bytes, Math.min(2 * host().byteSize(), GpuKernel.MOST_BYTES));
            release();
            device = createBuffer(flags, size);
            hostMemory.allocate(size);
        }

        void release() {
            hostMemory.release();
            if (device != 0) {
                cl.releaseBuffer(device);
                device = 0;
            }
        }
    }
}
