package io.bitlab.core.kernel;

import io.bitlab.core.Granularity;
import io.bitlab.core.internal.DeviceException;
import io.bitlab.core.internal.DeviceProducts;
import io.bitlab.core.internal.DeviceRows;
import io.bitlab.core.internal.DeviceSession;
import io.bitlab.core.internal.LastResortLogger;
import io.bitlab.core.math.ActivationFunction;
import io.bitlab.core.math.FloatMath;
import io.bitlab.core.memory.Workspace;
import io.bitlab.core.quant.ActivationQuantizer;
import io.bitlab.core.quant.TernaryMatrix;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.slf4j.Logger;

/**
 * Results that stay on the device of a kernel, if what the device computes from them has the bits of the processor.
 * That is checked with rows longer than a group of items, which go through each operation, and numbers that reveal
 * fused or inexact operations and flushed subnormals.
 */
final class CheckedRows implements DeviceProducts {

    private static final int ROWS = 3;
    private static final int COLUMNS = 8 * 64 + 21;
    private static final int OUT = 70;
    private static final float EPS = 1e-5f;
    private static final long PAUSE_NANOS = 10_000_000_000L;

    private static final Logger LOG = LastResortLogger.of(CheckedRows.class);

    private final TernaryKernel kernel;
    private final DeviceProducts products;
    private final TernaryKernel oracle;
    private boolean areKept = true; // until a check finds a difference; by check() only
    private volatile boolean checked; // and nothing differs
    private volatile long nextSession = System.nanoTime(); // after a lack of memory, later
    private volatile boolean lackedMemory;

    /**
     * Guards the results of a kernel.
     *
     * @param kernel the kernel
     * @param products the kernel
     * @param oracle the kernel that it must equal
     */
    CheckedRows(TernaryKernel kernel, DeviceProducts products, TernaryKernel oracle) {
        this.kernel = kernel;
        this.products = products;
        this.oracle = oracle;
    }

    @Override
    public boolean hasDevice() {
        return true;
    }

    @Override
    public DeviceSession openSession() {
        return System.nanoTime() - nextSession >= 0 && (checked || check()) ? products.openSession() : null;
    }

    @Override
    public List<DeviceRows> multiply(int rows, Supplier<DeviceRows> x, List<?> weights, float[][] biases) {
        return products.multiply(rows, x, weights, biases);
    }

    /** For lack of memory: for a while, the device multiplies only. */
    @Override
    public void failed(DeviceException failure) {
        nextSession = System.nanoTime() + PAUSE_NANOS;
        if (!lackedMemory) {
            lackedMemory = true;
            LOG.warn("Ternary kernel '{}' leaves what lies between products to the processor for some seconds: {}",
                    kernel.name(), failure.getMessage());
        }
    }

    // ---------------------------------------------------------------- check

    /** Compares with the processor, once; false if they differ, or no session can be had now. */
    private synchronized boolean check() {
        if (!checked && areKept) {
            try (DeviceSession session = products.openSession()) {
                if (session != null) {
                    // the caller's workspace would keep the arrays
                    Optional<String> found = new Workspace().call(() -> difference(session));
                    found.ifPresent(difference -> {
                        areKept = false;
                        LOG.warn("Ternary kernel '{}' leaves what lies between products to the processor: {}",
                                kernel.name(), difference);
                    });
                    checked = areKept;
                }
            }
        }
        return checked;
    }

    /** The first operation that differs; empty if none does. */
    private Optional<String> difference(DeviceSession session) {
        float[] x = values(ROWS * COLUMNS, 1);
        float[] other = values(ROWS * COLUMNS, 2);
        float[] weight = values(COLUMNS, 3);
        float[] bias = values(OUT, 4);
        byte[] trits = new byte[OUT * COLUMNS];
        for (int i = 0; i < trits.length; i++) {
            trits[i] = (byte) (SelfCheck.number(i, 3) - 1);
        }
        TernaryMatrix matrix = TernaryMatrix.of(trits, OUT, COLUMNS, new float[] {0.3f});
        PackedWeights packed = kernel.pack(matrix);
        DeviceRows rows = session.upload(x, ROWS, COLUMNS);
        DeviceRows others = session.upload(other, ROWS, COLUMNS);
        DeviceRows sum = rows.plus(others);
        DeviceRows gated = rows.squaredReluTimes(others);
        DeviceRows normed = sum.rmsNorm(weight, EPS);
        List<DeviceRows> multiplied = products.multiply(ROWS, () -> normed, List.of(packed, packed),
                new float[][] {bias, null});
        float[] expectedSum = sum(x, other);
        float[] expectedNorm = normed(expectedSum, weight);
        return difference("a sum", sum, expectedSum)
                .or(() -> difference("squared ReLU", gated, gated(x, other)))
                .or(() -> difference("an RMSNorm", normed, expectedNorm))
                .or(() -> difference("a product with bias", multiplied.get(0), product(matrix, expectedNorm, bias)))
                .or(() -> difference("a product", multiplied.get(1), product(matrix, expectedNorm, null)));
    }

    private static float[] values(int count, int seed) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            float value = (SelfCheck.number(i + seed * count, 20_001) - 10_000) / 3000f;
            values[i] = i % 50 == seed ? value * 1e-39f : value;
        }
        return values;
    }

    private static float[] sum(float[] a, float[] b) {
        float[] y = new float[a.length];
        for (int i = 0; i < y.length; i++) {
            y[i] = a[i] + b[i];
        }
        return y;
    }

    private static float[] gated(float[] x, float[] up) {
        float[] y = new float[x.length];
        for (int i = 0; i < y.length; i++) {
            y[i] = ActivationFunction.SQUARED_RELU.apply(x[i]) * up[i];
        }
        return y;
    }

    private static float[] normed(float[] x, float[] weight) {
        float[] y = new float[x.length];
        for (int at = 0; at < x.length; at += COLUMNS) {
            FloatMath.get().rmsNorm(x, at, weight, EPS, y, at, COLUMNS);
        }
        return y;
    }

    private float[] product(TernaryMatrix matrix, float[] x, float[] bias) {
        float[] y = new float[ROWS * OUT];
        oracle.compute(oracle.pack(matrix), oracle.prepare(ActivationQuantizer.quantize(x, ROWS, COLUMNS,
                Granularity.PER_CHANNEL, "CheckedRows")), bias, y, 0, OUT);
        return y;
    }

    private static Optional<String> difference(String operation, DeviceRows rows, float[] expected) {
        float[] y = new float[expected.length];
        rows.read(y);
        for (int i = 0; i < y.length; i++) {
            if (Float.floatToIntBits(y[i]) != Float.floatToIntBits(expected[i])) {
                return Optional.of(operation + " gives " + y[i] + ", expected " + expected[i]);
            }
        }
        return Optional.empty();
    }
}
