package io.bitlab.core.gpu;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import io.bitlab.core.math.ActivationFunction;
import io.bitlab.core.math.FloatMath;
import java.lang.foreign.MemorySegment;
import java.util.function.LongFunction;

/** What rows.cl says, in Java. */
final class FakeRowKernels {

    private final LongFunction<MemorySegment> buffers;

    FakeRowKernels(LongFunction<MemorySegment> buffers) {
        this.buffers = buffers;
    }

    /** Runs a kernel with its arguments, which are handles of buffers and 32 bits of numbers. */
    void run(String kernel, Object[] a, int rows) {
        switch (kernel) {
            case "finish" -> finish(a, rows);
            case "plus" -> {
                for (int i = 0; i < rows * (int) a[5]; i++) {
                    set(a[4], i, get(a[0], (int) a[1] + i) + get(a[2], (int) a[3] + i));
                }
            }
            case "squared_relu_times" -> {
                for (int i = 0; i < rows * (int) a[5]; i++) {
                    set(a[4], i, ActivationFunction.SQUARED_RELU.apply(get(a[0], (int) a[1] + i))
                            * get(a[2], (int) a[3] + i));
                }
            }
            case "rms_norm" -> rmsNorm(a, rows);
            case "quantize" -> quantize(a, rows);
            default -> throw new AssertionError(kernel);
        }
    }

    private float get(Object buffer, int at) {
        return buffers.apply((Long) buffer).getAtIndex(JAVA_FLOAT, at);
    }

    private void set(Object buffer, int at, float value) {
        buffers.apply((Long) buffer).setAtIndex(JAVA_FLOAT, at, value);
    }

    private void finish(Object[] a, int rows) {
        int columns = (int) a[5];
        for (int i = 0; i < rows * columns; i++) {
            int at = (int) a[1] + i;
            set(a[0], at, get(a[0], at) * get(a[2], i / columns) + ((int) a[4] == 1 ? get(a[3], i % columns) : 0f));
        }
    }

    private void rmsNorm(Object[] a, int rows) {
        int columns = (int) a[5];
        float[] weight = row(a[2], 0, columns);
        for (int row = 0; row < rows; row++) {
            float[] x = row(a[0], (int) a[1] + row * columns, columns);
            FloatMath.get().rmsNorm(x, 0, weight, Float.intBitsToFloat((int) a[3]), x, 0, columns);
            for (int i = 0; i < columns; i++) {
                set(a[4], row * columns + i, x[i]);
            }
        }
    }

    private float[] row(Object buffer, int at, int columns) {
        float[] row = new float[columns];
        for (int i = 0; i < columns; i++) {
            row[i] = get(buffer, at + i);
        }
        return row;
    }

    private void quantize(Object[] a, int rows) {
        int columns = (int) a[4];
        int blockColumns = (int) a[5];
        int blockBytes = (int) a[6];
        int blocks = (int) a[7];
        MemorySegment q = buffers.apply((Long) a[2]).fill((byte) 0);
        for (int row = 0; row < rows; row++) {
            float[] x = row(a[0], (int) a[1] + row * columns, columns);
            float m = 1e-5f;
            for (float value : x) {
                m = Math.max(m, Math.abs(value));
            }
            boolean isFinite = m <= Float.MAX_VALUE;
            set(a[3], row, isFinite ? m / 127 : Float.NaN);
            for (int i = 0; i < columns && isFinite; i++) {
                long at = (long) (row * blocks + i / blockColumns) * blockBytes + i % blockColumns;
                q.set(JAVA_BYTE, at, (byte) Math.rint(x[i] * (127 / m)));
            }
        }
    }
}
