package io.bitlab.layers;

import io.bitlab.core.Granularity;
import io.bitlab.core.internal.DeviceProducts;
import io.bitlab.core.kernel.KernelRegistry;
import io.bitlab.core.kernel.PackedWeights;
import io.bitlab.core.kernel.TernaryKernel;
import io.bitlab.core.kernel.TernaryMatmul;
import io.bitlab.core.memory.Workspace;
import io.bitlab.core.quant.Activations;
import io.bitlab.core.quant.TernaryMatrix;
import io.bitlab.core.tensor.Autograd;
import io.bitlab.core.tensor.OnDevice;
import io.bitlab.core.tensor.Shape;
import io.bitlab.core.tensor.Tensor;
import java.util.Arrays;
import java.util.List;

/** Ternary weights in evaluation: packed for the kernel that multiplies them, with a copy of the bias. Immutable. */
final class PackedTernary implements TernaryWeights {

    private final TernaryLayer layer;
    private final String label; // describes the layer, for messages
    private final PackedWeights packed;
    private final float[] bias; // or null
    private final DeviceProducts device; // where results may stay, or null

    PackedTernary(TernaryLayer layer, TernaryMatrix matrix, float[] bias) {
        this.layer = layer;
        this.label = layer.describeWithPath();
        this.packed = KernelRegistry.kernelFor(layer.quantConfig(), layer.outFeatures(), layer.columns()).pack(matrix);
        this.bias = bias;
        boolean mayStay = layer.quantConfig().activationGranularity() == Granularity.PER_CHANNEL;
        this.device = mayStay && packed.kernel() instanceof DeviceProducts on && on.hasDevice() ? on : null;
    }

    String label() {
        return label;
    }

    @Override
    public float[] packedBias() {
        return bias;
    }

    @Override
    public long packedBytes() {
        return packed.bytes();
    }

    @Override
    public Tensor multiply(Tensor x) {
        if (device != null && OnDevice.isKept()) {
            return multiplyAll(x, this)[0];
        }
        float[] y = newOutput(x);
        TernaryMatmul.multiply(packed, quantized(x), bias, y);
        return result(y, x);
    }

    /** The product for callers with their own arrays. */
    void multiply(float[] x, int rows, float[] y) {
        TernaryMatmul.multiply(packed, TernaryMatmul.quantize(x, rows, layer.columns(), layer.quantConfig(), label),
                bias,
                y);
    }

    private Activations quantized(Tensor x) {
        int columns = layer.columns();
        int samples = x.rank() == 1 ? 1 : x.length(0);
        return TernaryMatmul.quantize(x.data(), x.size() / columns, columns, samples, layer.quantConfig(), label);
    }

    private float[] newOutput(Tensor x) {
        int rows = Shape.requireFeatures(x, layer.columns(), label);
        return Workspace.floats(Shape.size(label, rows, packed.outFeatures()));
    }

    private Tensor result(float[] y, Tensor x) {
        return Autograd.unrecorded(layer.getClass().getSimpleName(), () -> label, y, outputShape(x), x);
    }

    private int[] outputShape(Tensor x) {
        return Shape.with(x.shape(), x.rank() - 1, packed.outFeatures());
    }

    /** Products of one input with the weights of several layers, which quantise alike. */
    static Tensor[] multiplyAll(Tensor x, PackedTernary... layers) {
        PackedWeights[] weights = new PackedWeights[layers.length];
        float[][] biases = new float[layers.length][];
        for (int i = 0; i < layers.length; i++) {
            weights[i] = layers[i].packed;
            biases[i] = layers[i].bias;
        }
        Tensor[] kept = layers[0].device != null && OnDevice.isKept() ? keepOnDevice(x, layers, weights, biases) : null;
        return kept != null ? kept : multiplyAll(x, layers, weights, biases);
    }

    /** The products as tensors on the device of the layers; null if they can't be kept there. */
    private static Tensor[] keepOnDevice(Tensor x, PackedTernary[] layers, PackedWeights[] weights, float[][] biases) {
        DeviceProducts device = layers[0].device;
        int[][] shapes = new int[layers.length][];
        for (int i = 0; i < layers.length; i++) {
            Shape.requireFeatures(x, layers[i].layer.columns(), layers[i].label);
            shapes[i] = layers[i].outputShape(x);
            if (layers[i].device != device) {
                return null;
            }
        }
        return OnDevice.products(device, x, List.of(weights), biases, shapes,
                () -> multiplyAll(x, layers, weights, biases));
    }

    private static Tensor[] multiplyAll(Tensor x, PackedTernary[] layers, PackedWeights[] weights, float[][] biases) {
        float[][] ys = new float[layers.length][];
        Arrays.setAll(ys, i -> layers[i].newOutput(x));
        TernaryMatmul.multiplyAll(weights, layers[0].quantized(x), biases, ys);
        Tensor[] outputs = new Tensor[layers.length];
        Arrays.setAll(outputs, i -> layers[i].result(ys[i], x));
        return outputs;
    }

    @Override
    public TernaryMatrix matrix() {
        return packed.unpack();
    }

    @Override
    public TernaryKernel kernel() {
        return packed.kernel();
    }

    @Override
    public boolean canShareInputWith(TernaryWeights other) {
        return other instanceof PackedTernary linear && layer.quantConfig().equals(linear.layer.quantConfig());
    }
}
