package io.bitlab.layers;

import io.bitlab.core.BitQuantConfig;
import io.bitlab.core.kernel.KernelRegistry;
import io.bitlab.core.kernel.PackedWeights;
import io.bitlab.core.kernel.TernaryKernel;
import io.bitlab.core.kernel.TernaryMatmul;
import io.bitlab.core.memory.Workspace;
import io.bitlab.core.ops.LinearOps;
import io.bitlab.core.ops.QuantizedInput;
import io.bitlab.core.ops.QuantizedWeightCache;
import io.bitlab.core.quant.Activations;
import io.bitlab.core.quant.TernaryMatrix;
import io.bitlab.core.quant.TernaryQuantizer;
import io.bitlab.core.tensor.Autograd;
import io.bitlab.core.tensor.Shape;
import io.bitlab.core.tensor.Tensor;
import java.util.Arrays;
import java.util.SequencedMap;

/**
 * A layer whose weights become ternary: what {@link BitLinear} and {@link BitConv2d} have in common.
 *
 * <p>Its weights are a matrix {@code [out, columns]}, in one or several groups of rows; each group multiplies an input
 * of its own and is a ternary matrix of its own.
 *
 * <ul>
 * <li><b>In training</b> the layer holds float latent weights; the forward computes with their ternary form, the
 * backward passes the gradients straight through to the latent weights ({@link LinearOps#bitLinear}).
 * <li><b>In evaluation</b> the weights are packed once for the kernel that {@link KernelRegistry} chose for this shape,
 * and nothing changes any more: any number of threads may call {@code forward}.
 * <li><b>Deployed</b>, only the packed weights and the bias remain.
 * </ul>
 */
public abstract sealed class TernaryLayer extends Layer permits BitLinear, BitConv2d {

    private final int[] weightShape;
    private final int outFeatures;
    private final int columns;
    private final int groups;
    private final BitQuantConfig config;
    private final Parameter bias;
    private Parameter weight;
    private float quantStrength = 1f;
    private final QuantizedWeightCache[] forms; // in training, of each group
    private volatile Packed packed;

    /** What evaluation needs, the weights group by group: never modified. */
    private record Packed(PackedWeights[] weights, float[] bias, String described) {
    }

    /** A layer with latent weights and, if asked for, a bias of its own. */
    TernaryLayer(BitQuantConfig config, int groups, boolean hasBias, Initializer initializer, int... weightShape) {
        this.config = config;
        this.groups = groups;
        this.forms = new QuantizedWeightCache[groups];
        forgetForms();
        this.weightShape = weightShape.clone();
        this.outFeatures = weightShape[0];
        this.columns = Shape.product(weightShape, 1, weightShape.length);
        this.weight = parameter("weight", initializer, weightShape);
        this.bias = hasBias ? parameter("bias", Initializer.ZEROS, outFeatures) : null;
    }

    /** A layer that takes over the parameters of a float layer. */
    TernaryLayer(BitQuantConfig config, int groups, Parameter weight, Parameter bias) {
        this.config = config;
        this.groups = groups;
        this.forms = new QuantizedWeightCache[groups];
        forgetForms();
        this.weightShape = weight.shape();
        this.outFeatures = weightShape[0];
        this.columns = weight.size() / outFeatures;
        this.weight = parameter("weight", weight);
        this.bias = bias == null ? null : parameter("bias", bias);
    }

    private void forgetForms() {
        Arrays.setAll(forms, group -> new QuantizedWeightCache(config));
    }

    // ---------------------------------------------------------------- computing

    /** {@code [rows, out]} from one input {@code [rows, columns]} a group. */
    final Tensor multiply(Tensor... inputs) {
        Packed now = packed;
        Tensor[] outputs = new Tensor[groups];
        if (now != null) {
            Arrays.setAll(outputs, group -> evaluate(now, group, inputs[group]));
        } else if (groups == 1) {
            Tensor matrix = weightShape.length == 2 ? weight.tensor() : weight.tensor().reshape(outFeatures, columns);
            outputs[0] = train(0, inputs[0], matrix, bias == null ? null : bias.tensor());
        } else {
            Tensor matrix = weight.tensor().reshape(outFeatures, columns);
            int part = outFeatures / groups;
            Arrays.setAll(outputs,
                    group -> train(group, inputs[group], matrix.slice(0, group * part, (group + 1) * part),
                            bias == null ? null : bias.tensor().slice(0, group * part, (group + 1) * part)));
        }
        return groups == 1 ? outputs[0] : Tensor.concat(-1, outputs);
    }

    private Tensor train(int group, Tensor x, Tensor matrix, Tensor biasPart) {
        return LinearOps.bitLinear(x, matrix, biasPart, forms[group], quantStrength, described());
    }

    private Tensor evaluate(Packed now, int group, Tensor x) {
        int rows = Shape.requireFeatures(x, columns, now.described);
        float[] y = Workspace.floats(Math.multiplyExact(rows, now.weights[group].outFeatures()));
        multiply(now, group, x.data(), rows, y);
        return evaluated(now, y, x);
    }

    private Tensor evaluated(Packed now, float[] y, Tensor x) {
        int out = y.length / (x.size() / columns);
        return Autograd.unrecorded(getClass().getSimpleName(), () -> now.described, y,
                Shape.with(x.shape(), x.rank() - 1, out), x);
    }

    /**
     * The outputs of several layers that read the same input, which is rounded and prepared once; null unless all of
     * them are ternary, have one group, quantise alike and are all packed or all fully ternary in training.
     */
    static Tensor[] multiplyTogether(Tensor x, Layer... layers) {
        TernaryLayer[] ternary = new TernaryLayer[layers.length];
        Packed[] packed = new Packed[layers.length];
        for (int i = 0; i < layers.length; i++) {
            if (!(layers[i] instanceof TernaryLayer layer) || layer.groups != 1) {
                return null;
            }
            ternary[i] = layer;
            packed[i] = layer.packed;
            boolean alike = layer.config.equals(ternary[0].config) && (packed[i] == null) == (packed[0] == null)
                    && (packed[i] != null || layer.quantStrength == 1f && layer.weightShape.length == 2);
            if (!alike) {
                return null;
            }
        }
        Tensor[] outputs = packed[0] == null ? trainTogether(x, ternary) : evaluateTogether(x, ternary, packed);
        for (int i = 0; i < layers.length; i++) {
            layers[i].observed(outputs[i]);
        }
        return outputs;
    }

    private static Tensor[] trainTogether(Tensor x, TernaryLayer... layers) {
        TernaryLayer first = layers[0];
        int rows = Shape.requireFeatures(x, first.columns, first.described());
        QuantizedInput input = new QuantizedInput(x, rows, first.columns, first.config, first.described());
        Tensor[] outputs = new Tensor[layers.length];
        Arrays.setAll(outputs, i -> LinearOps.bitLinear(input, layers[i].weight.tensor(),
                layers[i].bias == null ? null : layers[i].bias.tensor(), layers[i].forms[0], layers[i].described()));
        return outputs;
    }

    private static Tensor[] evaluateTogether(Tensor x, TernaryLayer[] layers, Packed... packed) {
        PackedWeights[] weights = new PackedWeights[layers.length];
        float[][] biases = new float[layers.length][];
        float[][] ys = new float[layers.length][];
        int rows = 0;
        for (int i = 0; i < layers.length; i++) {
            weights[i] = packed[i].weights[0];
            biases[i] = packed[i].bias;
            rows = Shape.requireFeatures(x, layers[i].columns, packed[i].described);
            ys[i] = Workspace.floats(Math.multiplyExact(rows, weights[i].outFeatures()));
        }
        TernaryMatmul.multiplyAll(weights, TernaryMatmul.quantize(x.data(), rows, layers[0].columns, layers[0].config,
                packed[0].described), biases, ys);
        Tensor[] outputs = new Tensor[layers.length];
        Arrays.setAll(outputs, i -> layers[i].evaluated(packed[i], ys[i], x));
        return outputs;
    }

    /** The packed product of the only group, for callers with arrays of their own. */
    final void multiply(float[] x, int rows, float[] y) {
        multiply(packed, 0, x, rows, y);
    }

    private void multiply(Packed now, int group, float[] x, int rows, float[] y) {
        Activations activations = TernaryMatmul.quantize(x, rows, columns, config, now.described);
        TernaryMatmul.multiply(now.weights[group], activations, partOf(now.bias, group), y);
    }

    private float[] partOf(float[] values, int group) {
        if (values == null || groups == 1) {
            return values;
        }
        float[] part = Workspace.floats(values.length / groups);
        System.arraycopy(values, group * part.length, part, 0, part.length);
        return part;
    }

    /** This layer with its place, as it was named when its weights were packed; null in training. */
    final String describedPacked() {
        Packed now = packed;
        return now == null ? null : now.described;
    }

    // ---------------------------------------------------------------- looking

    /**
     * How far training is from full quantisation: λ in {@code w + λ(q(w) - w)}, for weights and activations.
     *
     * @param strength from 0 (a float layer to the bit) to 1 (ternary, the default)
     * @return this layer
     * @throws IllegalArgumentException if the strength is outside that range
     */
    public TernaryLayer quantStrength(float strength) {
        if (!(strength >= 0f && strength <= 1f)) {
            throw new IllegalArgumentException(described() + ": quantStrength " + strength + " is not in [0, 1]");
        }
        quantStrength = strength;
        return this;
    }

    /**
     * How far training is from full quantisation.
     *
     * @return λ, from 0 to 1
     */
    public final float quantStrength() {
        return quantStrength;
    }

    /**
     * How this layer quantises.
     *
     * @return its configuration
     */
    public final BitQuantConfig quantConfig() {
        return config;
    }

    /**
     * The latent weights.
     *
     * @return the live tensor, {@code [out, in]} or {@code [out, in / groups, kernelHeight, kernelWidth]}
     * @throws IllegalStateException if they are gone, after {@link #deploy()}
     */
    public final Tensor weight() {
        if (weight == null) {
            throw new IllegalStateException(described()
                    + ": deployed, the latent weights are gone; ternaryWeight() has what remains");
        }
        return weight.tensor();
    }

    /**
     * The ternary weights: those in use, or in training those that the latent weights round to now.
     *
     * @return codes and scales of {@code [out, columns]}; a layer with several groups has a scale for each row,
     * whatever the granularity
     */
    public final TernaryMatrix ternaryWeight() {
        Packed now = packed;
        return now == null ? quantizeWeight()
                : joined(Arrays.stream(now.weights).map(PackedWeights::unpack).toArray(TernaryMatrix[]::new));
    }

    private static TernaryMatrix joined(TernaryMatrix... parts) {
        return parts.length == 1 ? parts[0] : TernaryMatrix.stack(parts);
    }

    private TernaryMatrix quantizeWeight() {
        float[] latent = weight.tensor().data();
        TernaryMatrix[] parts = new TernaryMatrix[groups];
        int size = latent.length / groups;
        for (int i = 0; i < groups; i++) {
            float[] part = groups == 1 ? latent : Arrays.copyOfRange(latent, i * size, (i + 1) * size);
            parts[i] = TernaryQuantizer.quantize(part, outFeatures / groups, columns, config.weightGranularity(),
                    config.weightScale());
        }
        return joined(parts);
    }

    /**
     * The kernel that runs this layer.
     *
     * @return the one its weights are packed for; in training, the one that they would be packed for
     */
    public final TernaryKernel kernel() {
        Packed now = packed;
        return now != null ? now.weights[0].kernel()
                : KernelRegistry.kernelFor(config, outFeatures / groups, columns);
    }

    // ---------------------------------------------------------------- modes

    private void pack(TernaryMatrix matrix) {
        forgetForms();
        packed = new Packed(packed(matrix), bias == null ? null : bias.tensor().toArray(), described());
    }

    private PackedWeights[] packed(TernaryMatrix matrix) {
        TernaryKernel kernel = KernelRegistry.kernelFor(config, outFeatures / groups, columns);
        PackedWeights[] parts = new PackedWeights[groups];
        int size = outFeatures / groups;
        Arrays.setAll(parts, i -> kernel.pack(groups == 1 ? matrix : matrix.rows(i * size, (i + 1) * size)));
        return parts;
    }

    @Override
    protected void onEval() {
        if (weight != null) { // otherwise ternary weights were loaded, and packed then
            pack(quantizeWeight());
        }
    }

    @Override
    protected void onTrain() {
        packed = null;
    }

    @Override
    protected void onDeploy() {
        dropLatentWeight();
        if (bias != null) {
            bias.adopt(Tensor.of(packed.bias, outFeatures)); // one copy is enough
        }
    }

    private void dropLatentWeight() {
        weight = null;
        dropParameter("weight");
    }

    // ---------------------------------------------------------------- state

    @Override
    protected void saveState(String prefix, Mode form, StateDict state) {
        if (weight != null && form != Mode.DEPLOYED) {
            super.saveState(prefix, form, state);
            return;
        }
        state.put(prefix + "weight", ternaryWeight(), weightShape);
        if (bias != null) {
            state.put(prefix + "bias", bias.tensor());
        }
    }

    @Override
    protected SequencedMap<String, int[]> stateShapes() {
        SequencedMap<String, int[]> shapes = super.stateShapes();
        shapes.putFirst("weight", weightShape.clone()); // also when deployed
        return shapes;
    }

    @Override
    protected void checkState(String prefix, StateDict state) {
        if (state.isTable(prefix + "weight")) {
            throw new IllegalArgumentException("loadStateDict: the state has a table for '" + prefix
                    + "weight', but " + describe() + " is a ternary layer; nothing was loaded");
        }
        if (weight == null && !state.isTernary(prefix + "weight")) {
            throw new IllegalArgumentException("loadStateDict: " + described()
                    + " is deployed and can't take float weights; load them into a new model");
        }
    }

    @Override
    protected void loadState(String prefix, StateDict state) {
        if (state.isTernary(prefix + "weight")) {
            dropLatentWeight();
            super.loadState(prefix, state);
            pack(state.ternary(prefix + "weight"));
        } else {
            super.loadState(prefix, state);
        }
    }

    // ---------------------------------------------------------------- reports

    @Override
    protected Memory ownMemory() {
        Memory floats = super.ownMemory();
        Packed now = packed;
        long weightBytes = (long) outFeatures * columns * Float.BYTES;
        long biasBytes = bias == null ? 0 : (long) outFeatures * Float.BYTES;
        PackedWeights[] parts = now != null ? now.weights : packed(quantizeWeight());
        long packedBytes = Arrays.stream(parts).mapToLong(PackedWeights::bytes).sum();
        long evalBytes = mode() == Mode.EVAL ? packedBytes + biasBytes : mode() == Mode.DEPLOYED ? packedBytes : 0;
        return new Memory(weightBytes + biasBytes, packedBytes + biasBytes, floats.residentBytes() + evalBytes);
    }

    @Override
    Memory savedByTying(Parameter tied) {
        Memory saved = super.savedByTying(tied);
        return tied == weight ? new Memory(saved.floatBytes(), 0, saved.residentBytes()) : saved;
    }

    @Override
    protected long ownParameterCount() {
        return (long) outFeatures * columns + (bias == null ? 0 : outFeatures);
    }
}
