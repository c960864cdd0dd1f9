package io.bitlab.core.kernel;

import io.bitlab.core.ActivationDtype;
import io.bitlab.core.BitQuantConfig;
import io.bitlab.core.parallel.Parallel;
import io.bitlab.core.quant.ActivationQuantizer;
import io.bitlab.core.quant.Activations;
import io.bitlab.core.quant.FloatActivations;
import org.apache.commons.math3.util.ArithmeticUtils;

/**
 * The road from float activations to float results through a ternary kernel, the same in training and evaluation:
 * quantise, prepare, multiply.
 */
public final class TernaryMatmul {

    private TernaryMatmul() {
    }

    /**
     * Brings activations into the form that a configuration asks for.
     *
     * @param x {@code [rows, columns]}, row-major; not modified, and still read later if the activations stay float
     * @param rows number of rows
     * @param columns number of input features
     * @param config says which form
     * @param layer what to call the layer in messages
     * @return int8 rows with their scales, or the floats themselves
     * @throws IllegalArgumentException if int8 is asked for and a value is NaN or infinite
     */
    public static Activations quantize(float[] x, int rows, int columns, BitQuantConfig config, String layer) {
        return config.activationDtype() == ActivationDtype.INT8
                ? ActivationQuantizer.quantize(x, rows, columns, config.activationGranularity(), layer)
                : new FloatActivations(x, rows, columns);
    }

    /**
     * Multiplies activations with packed weights, on the threads of {@link Parallel#current()}:
     * {@code y[row, o] = scales * sum_i(x[row, i] * w[o, i]) + bias[o]}.
     *
     * @param weights the packed weights
     * @param x activations with {@code weights.inFeatures()} columns; not modified
     * @param bias one value an output feature, or null; not modified
     * @param y {@code [rows, outFeatures]}, row-major; every element is written
     */
    public static void multiply(PackedWeights weights, Activations x, float[] bias, float[] y) {
        multiply(weights, weights.kernel().prepare(x), bias, y);
    }

    /**
     * The same with activations that were prepared before: once for all layers that read them, such as a query, a key
     * and a value projection.
     *
     * @param weights the packed weights
     * @param x activations with {@code weights.inFeatures()} columns, prepared by {@code weights.kernel()}; not
     *     modified
     * @param bias one value an output feature, or null; not modified
     * @param y {@code [rows, outFeatures]}, row-major; every element is written
     * @throws IllegalArgumentException if another kernel prepared the activations
     */
    public static void multiply(PackedWeights weights, PreparedActivations x, float[] bias, float[] y) {
        multiplyAll(new PackedWeights[] {weights}, new PreparedActivations[] {x}, new float[][] {bias},
                new float[][] {y});
    }

    /**
     * Multiplies the same activations with the weights of several layers: prepared once, and in one range of all output
     * features, so that threads meet once instead of once a layer.
     *
     * @param weights the packed weights of each layer
     * @param x activations with as many columns as each layer has inputs; not modified
     * @param biases each layer's bias, or null where it has none; not modified
     * @param ys each layer's {@code [rows, outFeatures]}, row-major; every element is written
     */
    public static void multiplyAll(PackedWeights[] weights, Activations x, float[][] biases, float[][] ys) {
        PreparedActivations[] prepared = new PreparedActivations[weights.length];
        for (int i = 0; i < weights.length; i++) {
            TernaryKernel kernel = weights[i].kernel();
            prepared[i] = i > 0 && kernel == weights[i - 1].kernel() ? prepared[i - 1] : kernel.prepare(x);
        }
        multiplyAll(weights, prepared, biases, ys);
    }

    private static void multiplyAll(PackedWeights[] weights, PreparedActivations[] x, float[][] biases, float[][] ys) {
        double nanos = 0;
        int slices = x[0].slices();
        for (int i = 0; i < weights.length; i++) {
            nanos += (double) x[i].rows() * weights[i].outFeatures() * weights[i].inFeatures()
                    * weights[i].kernel().nanosPerWeight();
            slices = x[i] == x[0] ? slices : 1;
        }
        if (slices >= Parallel.current().threads()) {
            Parallel.current().forRange(slices, 1, (long) nanos, (thread, from, to) -> {
                for (int slice = from; slice < to; slice++) {
                    PreparedActivations rows = x[0].slice(thread, slice);
                    for (int i = 0; i < weights.length; i++) {
                        weights[i].kernel().multiply(weights[i], rows, biases[i], ys[i], 0, weights[i].outFeatures());
                    }
                }
            });
            return;
        }
        int partRows = partRows(x[0].rows(), weights);
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
                    weights[i].kernel().multiply(weights[i], x[i].forThread(thread), biases[i], ys[i],
                            first * partRows, end);
                }
            }
        });
    }

    /**
     * Output features of the parts that threads take, the same for all weights. For one row, whose time is that of
     * reading the weights, as many as stand together, unless that leaves too few parts; for a batch as few as can be.
     */
    private static int partRows(int rows, PackedWeights... weights) {
        int least = 1;
        int most = 1;
        for (PackedWeights w : weights) {
            least = ArithmeticUtils.lcm(least, w.kernel().rowAlignment());
            most = Math.max(most, w.partRows());
        }
        most = Math.ceilDiv(most, least) * least;
        int parts = 0;
        for (PackedWeights w : weights) {
            parts += Math.ceilDiv(w.outFeatures(), most);
        }
        return rows == 1 && parts >= 2 * Parallel.current().threads() ? most : least;
    }
}
