package io.bitlab.layers;

import io.bitlab.core.BitQuantConfig;
import io.bitlab.core.kernel.KernelRegistry;
import io.bitlab.core.kernel.PackedWeights;
import io.bitlab.core.kernel.TernaryKernel;
import io.bitlab.core.kernel.TernaryMatmul;
import io.bitlab.core.memory.Workspace;
import io.bitlab.core.ops.Ops;
import io.bitlab.core.quant.Activations;
import io.bitlab.core.quant.TernaryMatrix;
import io.bitlab.core.quant.TernaryQuantizer;
import io.bitlab.core.tensor.Autograd;
import io.bitlab.core.tensor.Shape;
import io.bitlab.core.tensor.Tensor;
import java.util.SequencedMap;
import java.util.concurrent.atomic.AtomicReference;

/**
 * The ternary linear layer (BitNet b1.58, Ma et al., 2024): weights in {-1, 0, +1} times a scale, activations int8 or
 * float32.
 *
 * <ul>
 * <li><b>In training</b> it holds float latent weights; the forward computes with their ternary form, the backward
 * passes the gradients straight through to the latent weights ({@link Ops#bitLinear}).
 * <li><b>In evaluation</b> the weights are packed once for the kernel that {@link KernelRegistry} chose for this shape,
 * and nothing changes any more: any number of threads may call {@link #forward} and {@link #apply}.
 * <li><b>Deployed</b>, only the packed weights and the bias remain.
 * </ul>
 *
 * <p>Input {@code [..., in]}, output {@code [..., out]}. With int8 activations the outputs of training and evaluation
 * are equal to the bit. With activation granularity PER_TENSOR a row's result depends on the other rows of its batch.
 */
public final class BitLinear extends Layer {

    private final int inFeatures;
    private final int outFeatures;
    private final BitQuantConfig config;
    private final Parameter bias;
    private final AtomicReference<Workspace> spareWorkspace = new AtomicReference<>();
    private Parameter weight;
    private float quantStrength = 1f;
    private volatile Frozen frozen;

    /** What evaluation needs: never modified. */
    private record Frozen(PackedWeights weights, float[] bias, String described) {
    }

    private BitLinear(Builder builder) {
        this.inFeatures = builder.inFeatures;
        this.outFeatures = builder.outFeatures;
        this.config = builder.config;
        this.weight = parameter("weight", builder.initializer, outFeatures, inFeatures);
        this.bias = builder.bias ? parameter("bias", Initializer.ZEROS, outFeatures) : null;
    }

    /** Takes over the parameters of a float layer. */
    BitLinear(Tensor weight, Tensor bias, BitQuantConfig config) {
        this(new Builder(weight.length(1), weight.length(0)).bias(bias != null).quantConfig(config));
        this.weight.adopt(weight);
        if (bias != null) {
            this.bias.adopt(bias);
        }
    }

    /**
     * Starts building a layer.
     *
     * @param inFeatures length of the input's last axis
     * @param outFeatures length of the output's last axis
     * @return a builder with bias, {@link BitQuantConfig#defaults()} and {@link Initializer#XAVIER_UNIFORM}
     */
    public static Builder builder(int inFeatures, int outFeatures) {
        requireSizes("BitLinear", inFeatures, outFeatures);
        return new Builder(inFeatures, outFeatures);
    }

    static void requireSizes(String layer, int inFeatures, int outFeatures) {
        if (inFeatures < 1 || outFeatures < 1) {
            throw new IllegalArgumentException(layer + "(" + inFeatures + " -> " + outFeatures
                    + "): both numbers of features must be at least 1");
        }
    }

    /** Collects what a {@link BitLinear} is made of. */
    public static final class Builder {
        private final int inFeatures;
        private final int outFeatures;
        private boolean bias = true;
        private BitQuantConfig config = BitQuantConfig.defaults();
        private Initializer initializer = Initializer.XAVIER_UNIFORM;

        private Builder(int inFeatures, int outFeatures) {
            this.inFeatures = inFeatures;
            this.outFeatures = outFeatures;
        }

        /**
         * Whether a bias is added.
         *
         * @param present true to add one; it starts at 0
         * @return this builder
         */
        public Builder bias(boolean present) {
            this.bias = present;
            return this;
        }

        /**
         * How weights and activations are quantised.
         *
         * @param newConfig the configuration
         * @return this builder
         */
        public Builder quantConfig(BitQuantConfig newConfig) {
            this.config = newConfig;
            return this;
        }

        /**
         * What draws the latent weights.
         *
         * @param newInitializer the initialiser
         * @return this builder
         */
        public Builder initializer(Initializer newInitializer) {
            this.initializer = newInitializer;
            return this;
        }

        /**
         * Makes the layer.
         *
         * @return a layer in training
         */
        public BitLinear build() {
            return new BitLinear(this);
        }
    }

    @Override
    public Tensor forward(Tensor x) {
        Frozen now = frozen;
        if (now == null) {
            return Ops.bitLinear(x, weight.tensor(), bias == null ? null : bias.tensor(), config, quantStrength,
                    described());
        }
        int rows = Ops.requireFeatures(x, inFeatures, now.described);
        float[] y = Workspace.floats(Math.multiplyExact(rows, outFeatures));
        multiply(now, x.data(), rows, y);
        return Autograd.result("BitLinear", y, Shape.with(x.shape(), x.rank() - 1, outFeatures), g -> {
            throw new IllegalStateException(
                    "backward: " + now.described + " is in evaluation and records no gradients; call "
                            + "train() on the model and run forward again");
        }, x);
    }

    /**
     * The forward for callers with arrays of their own: no {@link Tensor}, and scratch memory that is kept for the next
     * call.
     *
     * @param x {@code [rows, in]}, row-major; not modified
     * @param rows number of rows, at least 1
     * @param y {@code [rows, out]}, row-major; every element is written
     * @throws IllegalStateException in training: call {@link #eval()} first
     * @throws IllegalArgumentException if an array has another length, or x has values that can't be quantised
     */
    public void apply(float[] x, int rows, float[] y) {
        Frozen now = frozen;
        if (now == null) {
            throw new IllegalStateException(described() + ".apply: the layer is in training; call eval() first");
        }
        if (rows < 1 || x.length != (long) rows * inFeatures || y.length != (long) rows * outFeatures) {
            throw new IllegalArgumentException(now.described + ".apply: " + rows + " rows of " + inFeatures
                    + " inputs into rows of " + outFeatures + " outputs don't fit arrays of " + x.length + " and "
                    + y.length);
        }
        Workspace kept = spareWorkspace.getAndSet(null); // a second thread finds none and makes its own
        Workspace workspace = kept == null ? new Workspace() : kept;
        workspace.run(() -> multiply(now, x, rows, y));
        workspace.reset();
        spareWorkspace.set(workspace);
    }

    private void multiply(Frozen now, float[] x, int rows, float[] y) {
        Activations activations = TernaryMatmul.quantize(x, rows, inFeatures, config, now.described);
        TernaryMatmul.multiply(now.weights, activations, now.bias, y);
    }

    /**
     * How far training is from full quantisation: λ in {@code w + λ(q(w) - w)}, for weights and activations.
     *
     * @param strength from 0 (a float layer to the bit) to 1 (ternary, the default)
     * @return this layer
     */
    public BitLinear quantStrength(float strength) {
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
    public float quantStrength() {
        return quantStrength;
    }

    /**
     * How this layer quantises.
     *
     * @return its configuration
     */
    public BitQuantConfig quantConfig() {
        return config;
    }

    /**
     * The latent weights.
     *
     * @return the live tensor {@code [out, in]}
     * @throws IllegalStateException if they are gone, after {@link #deploy()}
     */
    public Tensor weight() {
        if (weight == null) {
            throw new IllegalStateException(
                    described() + ": deployed, the latent weights are gone; ternaryWeight() has "
                            + "what remains");
        }
        return weight.tensor();
    }

    /**
     * The ternary weights: those in use, or in training those that the latent weights round to now.
     *
     * @return codes and scales
     */
    public TernaryMatrix ternaryWeight() {
        Frozen now = frozen;
        return now != null ? now.weights.unpack() : quantizeWeight();
    }

    private TernaryMatrix quantizeWeight() {
        return TernaryQuantizer.quantize(weight.tensor().data(), outFeatures, inFeatures, config.weightGranularity(),
                config.weightScale());
    }

    /**
     * The kernel that runs this layer.
     *
     * @return the one its weights are packed for; in training, the one that they would be packed for
     */
    public TernaryKernel kernel() {
        Frozen now = frozen;
        return now != null ? now.weights.kernel() : KernelRegistry.kernelFor(config, outFeatures, inFeatures);
    }

    private void freeze(TernaryMatrix matrix) {
        float[] biasNow = bias == null ? null : bias.tensor().toArray();
        PackedWeights packed = KernelRegistry.kernelFor(config, outFeatures, inFeatures).pack(matrix);
        frozen = new Frozen(packed, biasNow, described());
    }

    @Override
    protected void onEval() {
        if (weight != null) { // otherwise ternary weights were loaded, and packed then
            freeze(quantizeWeight());
        }
    }

    @Override
    protected void onTrain() {
        frozen = null;
    }

    @Override
    protected void onDeploy() {
        dropLatentWeight();
        if (bias != null) {
            bias.adopt(Tensor.of(frozen.bias, outFeatures)); // one copy is enough
        }
    }

    private void dropLatentWeight() {
        weight = null;
        dropParameter("weight");
    }

    @Override
    protected void saveState(String prefix, Mode form, StateDict state) {
        if (weight != null && form != Mode.DEPLOYED) {
            super.saveState(prefix, form, state);
            return;
        }
        state.put(prefix + "weight", ternaryWeight());
        if (bias != null) {
            state.put(prefix + "bias", bias.tensor());
        }
    }

    @Override
    protected SequencedMap<String, int[]> stateShapes() {
        SequencedMap<String, int[]> shapes = super.stateShapes();
        shapes.putFirst("weight", new int[] {outFeatures, inFeatures}); // also when deployed
        return shapes;
    }

    @Override
    protected void checkState(String prefix, StateDict state) {
        if (weight == null && !state.isTernary(prefix + "weight")) {
            throw new IllegalArgumentException(
                    "loadStateDict: " + described() + " is deployed and can't take float weights; "
                            + "load them into a new model");
        }
    }

    @Override
    protected void loadState(String prefix, StateDict state) {
        if (state.isTernary(prefix + "weight")) {
            dropLatentWeight();
            super.loadState(prefix, state);
            freeze(state.ternary(prefix + "weight"));
        } else {
            super.loadState(prefix, state);
        }
    }

    @Override
    protected Memory ownMemory() {
        Memory floats = super.ownMemory();
        Frozen now = frozen;
        long weightBytes = (long) outFeatures * inFeatures * Float.BYTES;
        long biasBytes = bias == null ? 0 : (long) outFeatures * Float.BYTES;
        long packedBytes = (now != null ? now.weights : kernel().pack(quantizeWeight())).bytes();
        long evalBytes = mode() == Mode.EVAL ? packedBytes + biasBytes : mode() == Mode.DEPLOYED ? packedBytes : 0;
        return new Memory(weightBytes + biasBytes, packedBytes + biasBytes, floats.residentBytes() + evalBytes);
    }

    @Override
    protected long ownParameterCount() {
        return (long) outFeatures * inFeatures + (bias == null ? 0 : outFeatures);
    }

    @Override
    protected String describe() {
        return "BitLinear(" + inFeatures + " -> " + outFeatures + ")";
    }
}
