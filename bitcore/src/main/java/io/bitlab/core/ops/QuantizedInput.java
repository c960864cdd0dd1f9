package io.bitlab.core.ops;

import io.bitlab.core.BitQuantConfig;
import io.bitlab.core.kernel.PreparedActivations;
import io.bitlab.core.kernel.TernaryKernel;
import io.bitlab.core.kernel.TernaryMatmul;
import io.bitlab.core.quant.Activations;
import io.bitlab.core.quant.FloatActivations;
import io.bitlab.core.quant.QuantizedActivations;
import io.bitlab.core.quant.QuantizedPatches;
import io.bitlab.core.tensor.Tensor;

/**
 * The input of one or several ternary layers in training: quantised once, prepared once for their kernel, and
 * dequantised once for the backward. Query, key and value projections share one, for example.
 *
 * <p>Its arrays come from the bound {@link io.bitlab.core.memory.Workspace}, so it is valid for one training step. Not
 * thread-safe.
 */
public final class QuantizedInput {

    private final Tensor x;
    private final Activations activations;
    private PreparedActivations prepared;
    private TernaryKernel kernel; // the one that prepared is for
    private float[] values;

    /**
     * Quantises an input.
     *
     * @param x {@code [..., columns]}; not modified
     * @param rows the product of all axes but the last
     * @param columns length of the last axis
     * @param config how to quantise; {@link io.bitlab.core.ActivationDtype#FLOAT32} keeps the floats
     * @param layer name of the first layer for messages
     * @throws IllegalArgumentException if activations are int8 and a value is NaN or infinite
     */
    public QuantizedInput(Tensor x, int rows, int columns, BitQuantConfig config, String layer) {
        this.x = x;
        int samples = x.rank() == 1 ? 1 : x.length(0);
        this.activations = TernaryMatmul.quantize(x.data(), rows, columns, samples, config, layer);
    }

    Tensor tensor() {
        return x;
    }

    PreparedActivations preparedFor(TernaryKernel wanted) {
        if (kernel != wanted) {
            prepared = wanted.prepare(activations);
            kernel = wanted;
        }
        return prepared;
    }

    /** The dequantised values, {@code [rows, columns]}. */
    float[] values() {
        if (values == null) {
            values = switch (activations) {
                case QuantizedActivations int8 -> int8.dequantize();
                case QuantizedPatches int8 -> int8.dequantize();
                case FloatActivations floats -> floats.values();
            };
        }
        return values;
    }
}
