package io.bitlab.layers;

import io.bitlab.core.BitQuantConfig;
import io.bitlab.core.kernel.KernelRegistry;
import io.bitlab.core.kernel.TernaryKernel;
import io.bitlab.core.ops.LinearOps;
import io.bitlab.core.quant.TernaryMatrix;
import io.bitlab.core.tensor.Shape;
import io.bitlab.core.tensor.Tensor;
import java.util.Optional;
import java.util.SequencedMap;

/**
 * A layer with ternary weights: what {@link BitLinear} and {@link BitConv2d} have in common.
 *
 * <ul>
 * <li><b>In training</b> the layer holds float latent weights. The forward computes with their ternary form; the
 * backward passes the gradients straight through to the latent weights ({@link LinearOps#bitLinear}).
 * <li><b>In evaluation</b> the weights are packed once for the kernel that {@link KernelRegistry} chose for this shape,
 * and nothing changes any more: any number of threads may call {@code forward}.
 * <li><b>Deployed</b>, only the packed weights and the bias remain.
 * </ul>
 *
 * <p>The weights form a matrix {@code [out, columns]}.
 */
public abstract sealed class TernaryLayer extends Layer permits BitLinear, BitConv2d {

    static final String WEIGHT = "weight";
    private static final String BIAS = "bias";

    private final int[] weightShape;
    private final int outFeatures;
    private final int columns;
    private final BitQuantConfig config;
    private final Parameter bias; // or null
    private Optional<Parameter> latentWeight; // empty when deployed
    private float quantStrength = 1f;
    private volatile TernaryWeights weights;

    /** Creates a layer with new latent weights and, unless its initialiser is null, a new bias. */
    TernaryLayer(BitQuantConfig config, Initializer biasInitializer, Initializer initializer, int... weightShape) {
        this.config = config;
        this.weightShape = weightShape.clone();
        this.outFeatures = weightShape[0];
        this.columns = Shape.product(weightShape, 1, weightShape.length);
        this.latentWeight = Optional.of(parameter(WEIGHT, initializer, weightShape));
        this.bias = biasInitializer == null ? null : parameter(BIAS, biasInitializer, outFeatures);
        onTrain();
    }

    /** Creates a layer that takes over the parameters of a float layer; the bias may be null. */
    TernaryLayer(BitQuantConfig config, Parameter weight, Parameter bias) {
        this.config = config;
        this.weightShape = weight.shape();
        this.outFeatures = weightShape[0];
        this.columns = weight.size() / outFeatures;
        this.latentWeight = Optional.of(parameter(WEIGHT, weight));
        this.bias = bias == null ? null : parameter(BIAS, bias);
        onTrain();
    }

    /** Float weights from which the layer quantises those that it computes with; the bias may be null. */
    abstract TernaryWeights latentWeights(Parameter weight, Parameter bias);

    /** Packs weights; the bias may be null. */
    abstract TernaryWeights packedWeights(TernaryMatrix matrix, float[] bias);

    /** The weights in use: latent in training, otherwise packed. */
    final TernaryWeights weights() {
        return weights;
    }

    final int outFeatures() {
        return outFeatures;
    }

    final int columns() {
        return columns;
    }

    // ---------------------------------------------------------------- settings and weights

    /**
     * Sets how strongly training quantises: λ in {@code w + λ(q(w) - w)}, for weights and activations.
     *
     * @param strength from 0 (a float layer to the bit) to 1 (ternary, the default)
     * @return this layer
     * @throws IllegalArgumentException if the strength is outside that range
     */
    public TernaryLayer quantStrength(float strength) {
        if (!(strength >= 0f && strength <= 1f)) {
            throw new IllegalArgumentException(
                    describeWithPath() + ": quantStrength " + strength + " is not in [0, 1]");
        }
        quantStrength = strength;
        return this;
    }

    /**
     * How strongly training quantises.
     *
     * @return λ, from 0 to 1
     */
    public final float quantStrength() {
        return quantStrength;
    }

    /**
     * How this layer quantises weights and activations.
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
     * @throws IllegalStateException after {@link #deploy()}, which drops them
     */
    public final Tensor weight() {
        return latentWeight.orElseThrow(() -> new IllegalStateException(describeWithPath()
                + ": deployed, the latent weights are gone; ternaryWeight() has what remains")).tensor();
    }

    /**
     * The ternary weights: in evaluation those in use, in training those that the latent weights are quantised to now.
     *
     * @return codes and scales of {@code [out, columns]}; a layer with several groups has a scale for each row,
     *     whatever the granularity
     */
    public final TernaryMatrix ternaryWeight() {
        return weights.matrix();
    }

    /**
     * The kernel that runs this layer.
     *
     * @return the kernel its weights are packed for; in training, the one they would be packed for
     */
    public final TernaryKernel kernel() {
        return weights.kernel();
    }

    // ---------------------------------------------------------------- modes

    private void pack(TernaryMatrix matrix) {
        weights = packedWeights(matrix, bias == null ? null : bias.tensor().toArray());
    }

    @Override
    protected void onEval() {
        // Loaded ternary weights are packed already.
        latentWeight.ifPresent(weight -> pack(latentWeights(weight, bias).matrix()));
    }

    @Override
    protected void onTrain() {
        latentWeight.ifPresent(weight -> weights = latentWeights(weight, bias));
    }

    @Override
    protected void onDeploy() {
        dropLatentWeight();
        if (bias != null) {
            bias.adopt(Tensor.of(weights.packedBias(), outFeatures)); // one copy is enough
        }
    }

    private void dropLatentWeight() {
        latentWeight = Optional.empty();
        node().removeParameter(WEIGHT);
    }

    // ---------------------------------------------------------------- state

    @Override
    protected void saveState(String prefix, Mode target, StateDict state) {
        if (latentWeight.isPresent() && target != Mode.DEPLOYED) {
            super.saveState(prefix, target, state);
            return;
        }
        state.put(prefix + WEIGHT, ternaryWeight(), weightShape);
        if (bias != null) {
            state.put(prefix + BIAS, bias.tensor());
        }
    }

    @Override
    protected SequencedMap<String, int[]> stateShapes() {
        SequencedMap<String, int[]> shapes = super.stateShapes();
        shapes.putFirst(WEIGHT, weightShape.clone()); // also when deployed
        return shapes;
    }

    @Override
    protected void checkState(String prefix, StateDict state) {
        if (state.isEmbeddingTable(prefix + WEIGHT)) {
            throw new IllegalArgumentException("loadStateDict: the state has an embedding table for '" + prefix
                    + "weight', but " + describe() + " is a ternary layer; nothing was loaded");
        }
        if (latentWeight.isEmpty() && !state.isTernary(prefix + WEIGHT)) {
            throw new IllegalArgumentException("loadStateDict: " + describeWithPath()
                    + " is deployed and can't take float weights; load them into a new model");
        }
    }

    @Override
    protected void loadState(String prefix, StateDict state) {
        if (state.isTernary(prefix + WEIGHT)) {
            dropLatentWeight();
            super.loadState(prefix, state);
            pack(state.ternary(prefix + WEIGHT));
        } else {
            super.loadState(prefix, state);
        }
    }

    // ---------------------------------------------------------------- sizes

    @Override
    protected MemoryFootprint ownMemory() {
        long weightBytes = (long) outFeatures * columns * Float.BYTES;
        long biasBytes = bias == null ? 0 : (long) outFeatures * Float.BYTES;
        long packedBytes = weights.packedBytes();
        long evalBytes = switch (mode()) {
            case TRAIN -> 0;
            case EVAL -> packedBytes + biasBytes;
            case DEPLOYED -> packedBytes; // the bias is a parameter
        };
        return new MemoryFootprint(weightBytes + biasBytes, packedBytes + biasBytes,
                super.ownMemory().residentBytes() + evalBytes);
    }

    @Override
    MemoryFootprint savedByTying(Parameter tied) {
        MemoryFootprint saved = super.savedByTying(tied);
        boolean isWeight = latentWeight.filter(weight -> weight == tied).isPresent();
        return isWeight ? new MemoryFootprint(saved.floatBytes(), 0, saved.residentBytes()) : saved;
    }

    @Override
    protected long ownParameterCount() {
        return (long) outFeatures * columns + (bias == null ? 0 : outFeatures);
    }
}
