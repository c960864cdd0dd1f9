package io.bitlab.core.ops;

import io.bitlab.core.BitQuantConfig;
import io.bitlab.core.kernel.PreparedActivations;
import io.bitlab.core.kernel.TernaryKernel;
import io.bitlab.core.kernel.TernaryMatmul;
import io.bitlab.core.quant.Activations;
import io.bitlab.core.quant.FloatActivations;
import io.bitlab.core.quant.QuantizedActivations;
import io.bitlab.core.tensor.Tensor;

/**
 * The input of one or several ternary layers in training: rounded once, prepared once for a kernel, and made floats
 * again once for the backward. A query, a key and a value projection share one.
 *
 * <p>Its memory is the bound workspace's, so it lives as long as one step. Belongs to one thread.
 */
public final class QuantizedInput {

    private final Tensor x;
    private final Activations activations;
    private PreparedActivations prepared;
    private TernaryKernel kernel; // that prepared is for
    private float[] values;

    /**
     * Rounds an input.
     *
     * @param x {@code [..., columns]}; not modified
     * @param rows the product of all axes but the last
     * @param columns length of the last axis
     * @param config how to round
     * @param layer what to call the first layer in messages
     * @throws IllegalArgumentException if a value can't be rounded
     */
    public QuantizedInput(Tensor x, int rows, int columns, BitQuantConfig config, String layer) {
        this.x = x;
        this.activations = TernaryMatmul.quantize(x.data(), rows, columns, config, layer);
    }

    Tensor tensor() {
        return x;
    }

    PreparedActivations preparedFor(TernaryKernel reader) {
        if (kernel != reader) {
            prepared = reader.prepare(activations);
            kernel = reader;
        }
        return prepared;
    }

    /** What the rounded values stand for. */
    float[] values() {
        if (values == null) {
            values = switch (activations) {
                case QuantizedActivations int8 -> int8.dequantize();
                case FloatActivations floats -> floats.values();
            };
        }
        return values;
    }
}
