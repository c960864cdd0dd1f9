package io.bitlab.core.kernel;

import io.bitlab.core.ActivationDtype;
import io.bitlab.core.kernel.schedule.LayersAtOnce;
import io.bitlab.core.quant.Activations;
import io.bitlab.core.quant.FloatActivations;
import io.bitlab.core.quant.PatchGrid;
import io.bitlab.core.quant.QuantizedActivations;
import io.bitlab.core.quant.QuantizedPatches;
import io.bitlab.core.quant.TernaryMatrix;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Compares two kernels on one small multiplication: large enough to run every loop of a kernel (tiles of four 512-bit
 * vectors and a rest, single rows of activations and four at a time), small enough to take a few milliseconds in the
 * interpreter. Kernels that read patches are compared on some as well.
 */
final class SelfCheck {

    static final int OUT = 4 * 32 + 3;
    static final int IN = 83;
    private static final int ROWS = 5;
    private static final int BLOCK_COLUMNS = 32;
    /** For devices: more outputs, words, blocks and rows than a group of items takes at a time. */
    private static final int DEVICE_OUT = 5;
    private static final int DEVICE_IN = 16 * 64 + 19;
    private static final int DEVICE_ROWS = 17;
    private static final int DEVICE_BLOCK_COLUMNS = 16;
    /** Two images of 3 x 4 with 6 channels, kernel 3 x 3 with padding: 54 columns. */
    private static final PatchGrid PATCHES = new PatchGrid(2, 3, 4, 6, 0, 6, 3, 3, 1, 1, 1, 1, 1, 1);

    private SelfCheck() {
    }

    /**
     * The first difference, with one scale and with blocks of scales, each for several rows and for one, for several
     * layers at once, and for patches; empty if all are equal.
     */
    static Optional<String> difference(TernaryKernel kernel, TernaryKernel oracle, ActivationDtype dtype) {
        byte[] trits = trits(IN);
        float[] scales = new float[OUT * Math.ceilDiv(IN, BLOCK_COLUMNS)];
        for (int i = 0; i < scales.length; i++) {
            scales[i] = (1 + number(i, 100)) / 64f;
        }
        TernaryMatrix matrix = TernaryMatrix.of(trits, OUT, IN, new float[] {0.75f});
        TernaryMatrix blocks = TernaryMatrix.ofBlocks(trits, OUT, IN, scales, BLOCK_COLUMNS);
        return difference(kernel, oracle, matrix, activations(dtype, ROWS, IN))
                .or(() -> difference(kernel, oracle, blocks, activations(dtype, ROWS, IN)))
                .or(() -> difference(kernel, oracle, matrix, activations(dtype, 1, IN)))
                .or(() -> difference(kernel, oracle, blocks, activations(dtype, 1, IN)))
                .or(() -> differenceOnDevice(kernel, oracle, dtype))
                .or(() -> dtype == ActivationDtype.INT8 && kernel.readsPatches(PATCHES)
                        ? difference(kernel, oracle, TernaryMatrix.of(trits(PATCHES.columns()), OUT, PATCHES.columns(),
                                new float[] {0.75f}),
                                new QuantizedPatches(int8(PATCHES.size()), new float[] {0.5f},
                                        PATCHES))
                        : Optional.empty());
    }

    private static byte[] trits(int in) {
        byte[] trits = new byte[OUT * in];
        for (int i = 0; i < trits.length; i++) {
            trits[i] = (byte) (number(i, 3) - 1);
        }
        return trits;
    }

    private static byte[] int8(int count) {
        byte[] values = new byte[count];
        for (int i = 0; i < count; i++) {
            values[i] = (byte) (number(i, 255) - 127);
        }
        return values;
    }

    private static Optional<String> difference(
            TernaryKernel kernel, TernaryKernel oracle, TernaryMatrix matrix, Activations x) {
        return difference(product(kernel, matrix, x), product(oracle, matrix, x), matrix, x);
    }

    /** On kernels that compute several layers at once, which need larger matrices for all of their loops. */
    private static Optional<String> differenceOnDevice(
            TernaryKernel kernel, TernaryKernel oracle, ActivationDtype dtype) {
        if (!(kernel.prepare(activations(dtype, 1, IN)) instanceof LayersAtOnce layers && layers.isAtOnce())) {
            return Optional.empty();
        }
        return differenceAtOnce(kernel, oracle, DEVICE_IN, activations(dtype, DEVICE_ROWS, DEVICE_IN))
                .or(() -> differenceAtOnce(kernel, oracle, DEVICE_IN, activations(dtype, 1, DEVICE_IN)))
                .or(() -> differenceAtOnce(kernel, oracle, DEVICE_BLOCK_COLUMNS,
                        activations(dtype, DEVICE_ROWS, DEVICE_IN)))
                .or(() -> differenceAtOnce(kernel, oracle, DEVICE_BLOCK_COLUMNS, activations(dtype, 1, DEVICE_IN)));
    }

    /** Two layers and the first again. Products are rounded, and some are subnormal, so that a fused sum shows. */
    private static Optional<String> differenceAtOnce(
            TernaryKernel kernel, TernaryKernel oracle, int blockColumns, Activations x) {
        int size = DEVICE_OUT * DEVICE_IN;
        byte[] trits = trits(DEVICE_IN);
        float[] scales = new float[DEVICE_OUT * Math.ceilDiv(DEVICE_IN, blockColumns)];
        for (int i = 0; i < scales.length; i++) {
            scales[i] = number(i, 50) == 0 ? 1e-40f : (1 + number(i, 100)) / 97f;
        }
        TernaryMatrix first = TernaryMatrix.ofBlocks(Arrays.copyOf(trits, size), DEVICE_OUT, DEVICE_IN, scales,
                blockColumns);
        TernaryMatrix second = TernaryMatrix.ofBlocks(Arrays.copyOfRange(trits, size, 2 * size), DEVICE_OUT, DEVICE_IN,
                scales, blockColumns);
        List<TernaryMatrix> matrices = List.of(first, second, first);
        float[][] ys = new float[matrices.size()][x.rows() * DEVICE_OUT];
        ((LayersAtOnce) kernel.prepare(x)).multiplyAll(matrices.stream().map(kernel::pack).toList(),
                new float[ys.length][], ys);
        Optional<String> found = Optional.empty();
        for (int i = 0; i < ys.length && found.isEmpty(); i++) {
            int layer = i + 1;
            found = difference(ys[i], product(oracle, matrices.get(i), x), matrices.get(i), x)
                    .map(difference -> "layer " + layer + " of several: " + difference);
        }
        return found;
    }

    private static Optional<String> difference(float[] y, float[] expected, TernaryMatrix matrix, Activations x) {
        for (int i = 0; i < y.length; i++) {
            if (Float.floatToIntBits(y[i]) != Float.floatToIntBits(expected[i])) {
                return Optional.of(x + " times " + matrix + " gives " + y[i] + " in row " + i / matrix.outFeatures()
                        + ", output " + i % matrix.outFeatures() + ", expected " + expected[i]);
            }
        }
        return Optional.empty();
    }

    private static float[] product(TernaryKernel kernel, TernaryMatrix matrix, Activations x) {
        float[] y = new float[x.rows() * matrix.outFeatures()];
        kernel.compute(kernel.pack(matrix), kernel.prepare(x), null, y, 0, matrix.outFeatures());
        return y;
    }

    private static Activations activations(ActivationDtype dtype, int rows, int in) {
        if (dtype == ActivationDtype.INT8) {
            return new QuantizedActivations(int8(rows * in), new float[] {0.5f}, rows, in);
        }
        float[] values = new float[rows * in];
        for (int i = 0; i < values.length; i++) {
            values[i] = (number(i, 20_001) - 10_000) / 1024f;
        }
        return new FloatActivations(values, rows, in);
    }

    /** A fixed sequence of numbers from 0 to bound - 1: a multiplicative hash (Knuth, TAOCP 3, 6.4). */
    static int number(int i, int bound) {
        return ((i + 1) * 0x9e3779b1 >>> 8) % bound;
    }
}
