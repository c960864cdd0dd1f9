package io.bitlab.core.kernel;

import io.bitlab.core.ActivationDtype;
import io.bitlab.core.BitQuantConfig;
import io.bitlab.core.internal.MatrixShape;
import io.bitlab.core.kernel.schedule.BatchParts;
import io.bitlab.core.kernel.schedule.LayersAtOnce;
import io.bitlab.core.kernel.schedule.RowParts;
import io.bitlab.core.memory.Workspace;
import io.bitlab.core.parallel.Parallel;
import io.bitlab.core.quant.ActivationQuantizer;
import io.bitlab.core.quant.Activations;
import io.bitlab.core.quant.FloatActivations;
import io.bitlab.core.quant.QuantizedPatches;
import java.util.List;
import org.apache.commons.math3.util.ArithmeticUtils;

/**
 * The ternary matrix product of float activations, the same in training and evaluation: quantise, prepare, multiply, on
 * the threads of {@link Parallel#current()}.
 *
 * {@snippet class="io.bitlab.core.snippets.KernelSnippets" region="matmul"}
 *
 * <p><b>Thread safety:</b> all methods may be called from any thread.
 */
public final class TernaryMatmul {

    /** Patches that are copied to rows at a time: enough for several threads, and not nine times a large image. */
    private static final int UNFOLDED_BYTES = 1 << 20;

    private TernaryMatmul() {
    }

    /**
     * Quantises activations as a configuration says.
     *
     * @param x {@code [rows, columns]}, row-major; not modified. For float activations the result keeps this array
     * @param rows samples or tokens, at least 1
     * @param columns input features, at least 1
     * @param config the dtype and granularity of the activations
     * @param layer the layer that the activations enter; opens every message
     * @return int8 rows with their scales, or the floats themselves
     * @throws IllegalArgumentException if a size is wrong, or if a value that int8 should hold is NaN or infinite
     */
    public static Activations quantize(float[] x, int rows, int columns, BitQuantConfig config, String layer) {
        return quantize(x, rows, columns, rows, config, layer);
    }

    /**
     * Quantises samples of several rows as a configuration says.
     *
     * @param x {@code [rows, columns]}, row-major; not modified. For float activations the result keeps this array
     * @param rows tokens or pixels, at least 1
     * @param columns input features, at least 1
     * @param samples number of samples, a divisor of the rows; consecutive rows belong to a sample
     * @param config the dtype and granularity of the activations
     * @param layer the layer that the activations enter; opens every message
     * @return int8 rows with their scales, or the floats themselves
     * @throws IllegalArgumentException if a size is wrong, or if a value that int8 should hold is NaN or infinite
     */
    public static Activations quantize(float[] x, int rows, int columns, int samples, BitQuantConfig config,
            String layer) {
        return config.activationDtype() == ActivationDtype.INT8
                ? ActivationQuantizer.quantize(x, rows, columns, samples, config.activationGranularity(), layer)
                : new FloatActivations(x, rows, columns);
    }

    /**
     * Multiplies activations with packed weights: {@code y[row, o] = scales * sum_i(x[row, i] * w[o, i]) + bias[o]}.
     *
     * @param weights the packed weights
     * @param x activations with {@code weights.inFeatures()} columns; not modified
     * @param bias {@code [outFeatures]}, or null; not modified
     * @param y {@code [rows, outFeatures]}, row-major; every element is overwritten
     * @throws IllegalArgumentException if the kernel does not read activations of this dtype, or an array has the wrong
     *     length
     */
    public static void multiply(PackedWeights weights, Activations x, float[] bias, float[] y) {
        if (x instanceof QuantizedPatches patches && !weights.kernel().readsPatches(patches.grid())) {
            multiplyUnfolded(weights, patches, bias, y);
        } else {
            multiply(weights, weights.kernel().prepare(x), bias, y);
        }
    }

    private static void multiplyUnfolded(PackedWeights weights, QuantizedPatches x, float[] bias, float[] y) {
        int out = weights.outFeatures();
        MatrixShape.check("TernaryMatmul: the output of " + x, x.rows(), out, y.length);
        int together = Math.max(1, UNFOLDED_BYTES / x.columns());
        if (x.rows() <= together) {
            multiply(weights, weights.kernel().prepare(x.unfold(0, x.rows())), bias, y);
            return;
        }
        Workspace memory = new Workspace(); // the caller's would keep every part until its reset
        for (int row = 0; row < x.rows(); row += together) {
            int from = row;
            int end = Math.min(x.rows(), row + together);
            memory.run(() -> {
                float[] part = Workspace.floats((end - from) * out);
                multiply(weights, weights.kernel().prepare(x.unfold(from, end)), bias, part);
                System.arraycopy(part, 0, y, from * out, part.length);
            });
            memory.reset();
        }
    }

    /**
     * As above, with activations that were prepared before: once for all layers that read them, such as the query, key
     * and value projections.
     *
     * @param weights the packed weights
     * @param x activations with {@code weights.inFeatures()} columns, prepared by {@code weights.kernel()}; not
     *     modified
     * @param bias {@code [outFeatures]}, or null; not modified
     * @param y {@code [rows, outFeatures]}, row-major; every element is overwritten
     * @throws IllegalArgumentException if another kernel prepared the activations, or an array has the wrong length
     */
    public static void multiply(PackedWeights weights, PreparedActivations x, float[] bias, float[] y) {
        multiplyAll(new PackedWeights[] {weights}, new PreparedActivations[] {x}, new float[][] {bias},
                new float[][] {y});
    }

    /**
     * Multiplies the same activations with the weights of several layers: prepares them once, and divides the output
     * features of all layers in one range, so that threads synchronise once instead of once per layer.
     *
     * @param weights the packed weights of each layer, at least one
     * @param x activations with as many columns as each layer has input features; not modified
     * @param biases for each layer its bias, or null; not modified
     * @param ys for each layer {@code [rows, outFeatures]}, row-major; every element is overwritten
     * @throws IllegalArgumentException if a kernel does not read activations of this dtype, or an array has the wrong
     *     length
     */
    public static void multiplyAll(PackedWeights[] weights, Activations x, float[][] biases, float[][] ys) {
        if (x instanceof QuantizedPatches) { // not all kernels may read them
            for (int i = 0; i < weights.length; i++) {
                multiply(weights[i], x, biases[i], ys[i]);
            }
            return;
        }
        PreparedActivations[] prepared = new PreparedActivations[weights.length];
        for (int i = 0; i < weights.length; i++) {
            TernaryKernel kernel = weights[i].kernel();
            prepared[i] = i > 0 && kernel == weights[i - 1].kernel() ? prepared[i - 1] : kernel.prepare(x);
        }
        multiplyAll(weights, prepared, biases, ys);
    }

    private static void multiplyAll(PackedWeights[] weights, PreparedActivations[] x, float[][] biases, float[][] ys) {
        double nanos = 0;
        boolean oneInput = true;
        for (int i = 0; i < weights.length; i++) {
            nanos += (double) x[i].rows() * weights[i].outFeatures() * weights[i].inFeatures()
                    * weights[i].kernel().nanosPerWeight();
            oneInput &= x[i] == x[0];
        }
        if (oneInput && weights.length > 1 && x[0] instanceof LayersAtOnce layers && layers.isAtOnce()) {
            for (int i = 0; i < weights.length; i++) {
                Operands.check(x[i].kernel(), weights[i], x[i], biases[i], ys[i], 0, weights[i].outFeatures());
            }
            layers.multiplyAll(List.of(weights), biases, ys);
            return;
        }
        int slices = slices(x[0]);
        if (oneInput && slices >= Parallel.current().threads()) {
            Parallel.current().forRange(slices, 1, (long) nanos, (thread, from, to) -> {
                for (int slice = from; slice < to; slice++) {
                    PreparedActivations rows = slice(x[0], thread, slice);
                    for (int i = 0; i < weights.length; i++) {
                        weights[i].kernel().multiply(weights[i], rows, biases[i], ys[i], 0, weights[i].outFeatures());
                    }
                }
            });
            return;
        }
        int partRows = partRows(x[0], weights);
        int[] firstPart = new int[weights.length + 1];
        for (int i = 0; i < weights.length; i++) {
            firstPart[i + 1] = firstPart[i] + Math.ceilDiv(weights[i].outFeatures(), partRows);
        }
        Parallel.current().forRange(firstPart[weights.length], 1, (long) nanos, (thread, from, to) -> {
            for (int i = 0; i < weights.length; i++) {
                int first = Math.max(from, firstPart[i]) - firstPart[i];
                int last = Math.min(to, firstPart[i + 1]) - firstPart[i];
                if (first < last) {
                    int end = (int) Math.min(weights[i].outFeatures(), (long) last * partRows);
                    weights[i].kernel().multiply(weights[i], forThread(x[i], thread), biases[i], ys[i],
                            first * partRows, end);
                }
            }
        });
    }

    /**
     * Output features of the parts that threads take, the same for all weights. For one row, whose time is that of
     * reading the weights, as many as are neighbours in memory, unless that leaves too few parts; for a batch as few as
     * possible, or as few as {@linkplain BatchParts#leastPartRows are worth a part}, if each thread then has one.
     */
    private static int partRows(PreparedActivations x, PackedWeights... weights) {
        int least = 1;
        int most = 1;
        int outFeatures = 0;
        for (PackedWeights w : weights) {
            least = ArithmeticUtils.lcm(least, w.kernel().rowAlignment());
            most = Math.max(most, w instanceof RowParts parts ? parts.partRows() : w.kernel().rowAlignment());
            outFeatures += w.outFeatures();
        }
        most = Math.ceilDiv(most, least) * least;
        int parts = 0;
        for (PackedWeights w : weights) {
            parts += Math.ceilDiv(w.outFeatures(), most);
        }
        int threads = Parallel.current().threads();
        if (x.rows() == 1) {
            return parts >= 2 * threads ? most : least;
        }
        int worth = x instanceof BatchParts<?> batch ? batch.leastPartRows() : 1;
        return Math.ceilDiv(Math.min(worth, Math.ceilDiv(outFeatures, threads)), least) * least;
    }

    // ---------------------------------------------------------------- activations without parts are read as they are

    static PreparedActivations forThread(PreparedActivations x, int thread) {
        return x instanceof BatchParts<?> parts ? (PreparedActivations) parts.forThread(thread) : x;
    }

    private static int slices(PreparedActivations x) {
        return x instanceof BatchParts<?> parts ? parts.slices() : 1;
    }

    private static PreparedActivations slice(PreparedActivations x, int thread, int slice) {
        return x instanceof BatchParts<?> parts ? (PreparedActivations) parts.slice(thread, slice) : x;
    }
}
