package io.bitlab.core.gpu;

import io.bitlab.core.internal.DeviceException;
import io.bitlab.core.internal.DeviceRows;
import io.bitlab.core.internal.DeviceSession;
import java.lang.ref.Reference;
import java.util.ArrayList;
import java.util.List;

/** A queue that one thread holds, and what it computes there. */
final class GpuSession implements DeviceSession {

    private static final int ITEMS = 64; // as in rows.cl

    private final GpuProgram program;
    private final GpuQueue queue;
    private final int leastTiledRows;
    private final List<GpuLayer> used = new ArrayList<>(); // whose weights commands may still read
    private boolean isOpen = true;
    private boolean isIntact = true;

    GpuSession(GpuProgram program, GpuQueue queue, int leastTiledRows) {
        this.program = program;
        this.queue = queue;
        this.leastTiledRows = leastTiledRows;
    }

    /** A command or several; after a failure, the queue can only be released. */
    private interface Commands<T> {
        T run(GpuRowMemory memory);
    }

    private <T> T call(Commands<T> commands) {
        if (!isOpen || !isIntact) {
            throw new DeviceException("a result on the device was used after the computation that kept it there",
                    false);
        }
        isIntact = false;
        T result = commands.run(queue.rowMemory());
        isIntact = true;
        return result;
    }

    @Override
    public DeviceRows upload(float[] values, int rows, int columns) {
        return call(memory -> new Rows(memory.take(values, rows * columns), 0, rows, columns));
    }

    @Override
    public void close() {
        if (isOpen) {
            isOpen = false;
            try {
                queue.finish();
            } finally {
                Reference.reachabilityFence(used);
            }
            used.clear();
            queue.rowMemory().giveBack();
            program.endSession(queue, isIntact);
        }
    }

    /** Starts to multiply rows of this session with the weights of several layers, of the same blocks of columns. */
    List<DeviceRows> multiply(DeviceRows x, List<GpuLayer> layers) {
        used.addAll(layers);
        return call(memory -> multiply((Rows) x, layers, memory));
    }

    private List<DeviceRows> multiply(Rows x, List<GpuLayer> layers, GpuRowMemory memory) {
        GpuWeights first = layers.getFirst().weights();
        GpuRowMemory.Slot quantized = memory.take(x.rows * first.rowActivations());
        GpuRowMemory.Slot scales = memory.take((long) x.rows * Float.BYTES);
        queue.startRows("quantize", 1, x.rows, x.slot.buffer(), x.at, quantized.buffer(), scales.buffer(), x.columns,
                first.matrix().blockColumns(), first.wordsOfBlock() * GpuQueue.COLUMNS, first.matrix().blocks());
        List<DeviceRows> outputs = new ArrayList<>();
        for (int from = 0; from < layers.size(); from += GpuQueue.MOST_LAYERS) {
            List<GpuLayer> launch = layers.subList(from, Math.min(layers.size(), from + GpuQueue.MOST_LAYERS));
            GpuRowMemory.Slot y = memory.take(GpuLayer.bytes(launch, x.rows));
            queue.startProducts(launch, quantized.buffer(), y.buffer(), x.rows, x.rows >= leastTiledRows);
            int at = 0;
            for (GpuLayer layer : launch) {
                finish(y, at, scales, layer, x.rows, memory);
                outputs.add(new Rows(y, at, x.rows, layer.outs()));
                at += x.rows * layer.outs();
            }
        }
        return outputs;
    }

    private void finish(GpuRowMemory.Slot y, int at, GpuRowMemory.Slot scales, GpuLayer layer, int rows,
            GpuRowMemory memory) {
        boolean isBiased = layer.bias() != null;
        long bias = isBiased ? memory.take(layer.bias(), layer.outs()).buffer() : y.buffer(); // any buffer, for none
        queue.startRows("finish", Math.ceilDiv(layer.outs(), ITEMS), rows, y.buffer(), at, scales.buffer(), bias,
                isBiased ? 1 : 0, layer.outs());
    }

    /** Rows in a buffer of this session, from an index on. */
    private final class Rows implements DeviceRows {
        private final GpuRowMemory.Slot slot;
        private final int at;
        private final int rows;
        private final int columns;

        Rows(GpuRowMemory.Slot slot, int at, int rows, int columns) {
            this.slot = slot;
            this.at = at;
            this.rows = rows;
            this.columns = columns;
        }

        @Override
        public int rows() {
            return rows;
        }

        @Override
        public int columns() {
            return columns;
        }

        @Override
        public void read(float[] values) {
            call(memory -> {
                memory.read(slot, at, values);
                return values;
            });
        }

        @Override
        public DeviceRows plus(DeviceRows other) {
            return withEach("plus", (Rows) other);
        }

        @Override
        public DeviceRows squaredReluTimes(DeviceRows up) {
            return withEach("squared_relu_times", (Rows) up);
        }

        private DeviceRows withEach(String kernel, Rows other) {
            return call(memory -> {
                Rows y = like(memory);
                queue.startRows(kernel, Math.ceilDiv(columns, ITEMS), rows, slot.buffer(), at, other.slot.buffer(),
                        other.at, y.slot.buffer(), columns);
                return y;
            });
        }

        @Override
        public DeviceRows rmsNorm(float[] weight, float eps) {
            return call(memory -> {
                Rows y = like(memory);
                queue.startRows("rms_norm", 1, rows, slot.buffer(), at, memory.take(weight, columns).buffer(), eps,
                        y.slot.buffer(), columns);
                return y;
            });
        }

        private Rows like(GpuRowMemory memory) {
            return new Rows(memory.take((long) rows * columns * Float.BYTES), 0, rows, columns);
        }

        GpuSession session() {
            return GpuSession.this;
        }
    }

    /** The session of some rows. */
    static GpuSession of(DeviceRows x) {
        return ((Rows) x).session();
    }
}
