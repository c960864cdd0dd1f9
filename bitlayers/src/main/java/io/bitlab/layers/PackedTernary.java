package io.bitlab.layers;

import io.bitlab.core.kernel.KernelRegistry;
import io.bitlab.core.kernel.PackedWeights;
import io.bitlab.core.kernel.TernaryKernel;
import io.bitlab.core.kernel.TernaryMatmul;
import io.bitlab.core.memory.Workspace;
import io.bitlab.core.quant.Activations;
import io.bitlab.core.quant.TernaryMatrix;
import io.bitlab.core.tensor.Autograd;
import io.bitlab.core.tensor.Shape;
import io.bitlab.core.tensor.Tensor;
import java.util.Arrays;

/** Ternary weights in evaluation: packed for the kernel that multiplies them, with a copy of the bias. Immutable. */
final class PackedTernary implements TernaryWeights {

    private final TernaryLayer layer;
    private final String label; // describes the layer, for messages
    private final PackedWeights[] groups;
    private final float[] bias; // or null

    PackedTernary(TernaryLayer layer, TernaryMatrix matrix, float[] bias) {
        this.layer = layer;
        this.label = layer.describeWithPath();
        this.groups = pack(layer, matrix);
        this.bias = bias;
    }

    /** The weights of each group, packed for the kernel that the registry chooses. */
    static PackedWeights[] pack(TernaryLayer layer, TernaryMatrix matrix) {
        PackedWeights[] groups = new PackedWeights[layer.groups()];
        int size = layer.outFeatures() / groups.length;
        TernaryKernel kernel = KernelRegistry.kernelFor(layer.quantConfig(), size, layer.columns());
        Arrays.setAll(groups, i -> kernel.pack(groups.length == 1 ? matrix : matrix.rows(i * size, (i + 1) * size)));
        return groups;
    }

    static long bytes(PackedWeights... groups) {
        return Arrays.stream(groups).mapToLong(PackedWeights::bytes).sum();
    }

    static TernaryMatrix joined(TernaryMatrix... groups) {
        return groups.length == 1 ? groups[0] : TernaryMatrix.stack(groups);
    }

    String label() {
        return label;
    }

    /** A copy of the layer's bias, or null. */
    float[] bias() {
        return bias;
    }

    long bytes() {
        return bytes(groups);
    }

    @Override
    public Tensor[] multiply(Tensor... inputs) {
        Tensor[] outputs = new Tensor[groups.length];
        for (int group = 0; group < outputs.length; group++) {
            Tensor x = inputs[group];
            float[] y = newOutput(x, group);
            multiply(group, x.data(), x.size() / layer.columns(), y);
            outputs[group] = result(y, x);
        }
        return outputs;
    }

    /** The product of the only group, for callers with their own arrays. */
    void multiply(float[] x, int rows, float[] y) {
        multiply(0, x, rows, y);
    }

    private void multiply(int group, float[] x, int rows, float[] y) {
        Activations activations = TernaryMatmul.quantize(x, rows, layer.columns(), layer.quantConfig(), label);
        TernaryMatmul.multiply(groups[group], activations, biasOf(group), y);
    }

    private float[] biasOf(int group) {
        if (bias == null || groups.length == 1) {
            return bias;
        }
        float[] part = Workspace.floats(bias.length / groups.length);
        System.arraycopy(bias, group * part.length, part, 0, part.length);
        return part;
    }

    private float[] newOutput(Tensor x, int group) {
        int rows = Shape.requireFeatures(x, layer.columns(), label);
        return Workspace.floats(Math.multiplyExact(rows, groups[group].outFeatures()));
    }

    private Tensor result(float[] y, Tensor x) {
        int out = y.length / (x.size() / layer.columns());
        return Autograd.unrecorded(layer.getClass().getSimpleName(), () -> label, y,
                Shape.with(x.shape(), x.rank() - 1, out), x);
    }

    /** Products of one input with the weights of several layers of one group each, which quantise alike. */
    static Tensor[] multiplyAll(Tensor x, PackedTernary... layers) {
        PackedWeights[] weights = new PackedWeights[layers.length];
        float[][] biases = new float[layers.length][];
        float[][] ys = new float[layers.length][];
        for (int i = 0; i < layers.length; i++) {
            weights[i] = layers[i].groups[0];
            biases[i] = layers[i].bias;
            ys[i] = layers[i].newOutput(x, 0);
        }
        PackedTernary first = layers[0];
        int columns = first.layer.columns();
        TernaryMatmul.multiplyAll(weights, TernaryMatmul.quantize(x.data(), x.size() / columns, columns,
                first.layer.quantConfig(), first.label), biases, ys);
        Tensor[] outputs = new Tensor[layers.length];
        Arrays.setAll(outputs, i -> layers[i].result(ys[i], x));
        return outputs;
    }

    @Override
    public TernaryMatrix matrix() {
        return joined(Arrays.stream(groups).map(PackedWeights::unpack).toArray(TernaryMatrix[]::new));
    }

    @Override
    public TernaryKernel kernel() {
        return groups[0].kernel();
    }

    @Override
    public boolean canShareInputWith(TernaryWeights other) {
        return other instanceof PackedTernary packed && layer.quantConfig().equals(packed.layer.quantConfig());
    }
}
