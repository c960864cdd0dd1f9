package io.bitlab.layers;

import io.bitlab.core.BitQuantConfig;
import io.bitlab.core.kernel.KernelRegistry;
import io.bitlab.core.memory.Workspace;
import io.bitlab.core.ops.LinearOps;
import io.bitlab.core.quant.TernaryMatrix;
import io.bitlab.core.tensor.Tensor;
import java.util.concurrent.atomic.AtomicReference;

/**
 * The ternary linear layer (BitNet b1.58, Ma et al., 2024): {@code y = x·Wᵀ + b} with weights in {-1, 0, +1} times a
 * scale, and activations int8 or float32. Input {@code [..., in]}, weights {@code [out, in]}, output
 * {@code [..., out]}.
 *
 * {@snippet class="io.bitlab.layers.snippets.LayersSnippets" region="bitLinear"}
 *
 * <ul>
 * <li><b>In training</b> it holds float latent weights. The forward computes with their ternary form; the backward
 * passes the gradients straight through to the latent weights ({@link LinearOps#bitLinear}).
 * <li><b>In evaluation</b> the weights are packed once for the kernel that {@link KernelRegistry} chose for this shape,
 * and nothing changes any more: any number of threads may call {@link #forward} and {@link #apply}.
 * <li><b>Deployed</b>, only the packed weights and the bias remain.
 * </ul>
 *
 * <p>With int8 activations the outputs of training and evaluation are equal to the bit. With activation granularity
 * PER_TENSOR the result of a row depends on the other rows of its batch.
 */
public final class BitLinear extends TernaryLayer {

    private final AtomicReference<Workspace> spareWorkspace = new AtomicReference<>();

    private BitLinear(Builder builder) {
        super(builder.config, builder.bias ? Initializer.ZEROS : null, builder.initializer, builder.outFeatures,
                builder.inFeatures);
    }

    /** Takes over the parameters of a float layer. */
    BitLinear(Parameter weight, Parameter bias, BitQuantConfig config) {
        super(config, weight, bias);
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

    /** Collects the settings of a {@link BitLinear}. */
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
         * Chooses whether a bias is added.
         *
         * @param present true to add one; it starts at 0
         * @return this builder
         */
        public Builder bias(boolean present) {
            this.bias = present;
            return this;
        }

        /**
         * Sets how weights and activations are quantised.
         *
         * @param newConfig the configuration
         * @return this builder
         */
        public Builder quantConfig(BitQuantConfig newConfig) {
            this.config = newConfig;
            return this;
        }

        /**
         * Sets what draws the latent weights.
         *
         * @param newInitializer the initialiser
         * @return this builder
         */
        public Builder initializer(Initializer newInitializer) {
            this.initializer = newInitializer;
            return this;
        }

        /**
         * Creates the layer.
         *
         * @return a layer in training
         */
        public BitLinear build() {
            return new BitLinear(this);
        }
    }

    @Override
    TernaryWeights latentWeights(Parameter weight, Parameter bias) {
        return new LatentTernary(this, weight, bias);
    }

    @Override
    TernaryWeights packedWeights(TernaryMatrix matrix, float[] bias) {
        return new PackedTernary(this, matrix, bias);
    }

    @Override
    public Tensor forward(Tensor x) {
        return observed(weights().multiply(x));
    }

    /**
     * The forward of several layers that read the same input, such as the query, key and value projections of
     * attention. If all are ternary and have the same configuration, the input is quantised and prepared once, and in
     * evaluation the layers share the threads. Outputs and gradients have the same bits as with {@code forward} of each
     * layer.
     *
     * @param x the common input; not modified
     * @param layers ternary or float layers, at least one
     * @return the output of each layer
     */
    public static Tensor[] forwardAll(Tensor x, Layer... layers) {
        return SharedInput.forwardAll(x, layers);
    }

    /**
     * The forward on plain arrays, without a {@link Tensor}. It keeps its scratch memory for the next call, so repeated
     * calls allocate nothing.
     *
     * {@snippet class="io.bitlab.layers.snippets.LayersSnippets" region="apply"}
     *
     * @param x {@code [rows, in]}, row-major; not modified
     * @param rows number of rows, at least 1
     * @param y {@code [rows, out]}, row-major; every element is written
     * @throws IllegalStateException in training: call {@link #eval()} first
     * @throws IllegalArgumentException if an array has another length, or x has values that can't be quantised
     */
    public void apply(float[] x, int rows, float[] y) {
        if (!(weights() instanceof PackedTernary packed)) {
            throw new IllegalStateException(describeWithPath() + ".apply: the layer is in training; call eval() first");
        }
        if (rows < 1 || x.length != (long) rows * columns() || y.length != (long) rows * outFeatures()) {
            throw new IllegalArgumentException(packed.label() + ".apply: " + rows + " rows of " + columns()
                    + " inputs into rows of " + outFeatures() + " outputs don't fit arrays of " + x.length + " and "
                    + y.length);
        }
        Workspace kept = spareWorkspace.getAndSet(null); // a second thread finds none and makes its own
        Workspace workspace = kept == null ? new Workspace() : kept;
        workspace.run(() -> packed.multiply(x, rows, y));
        workspace.reset();
        spareWorkspace.set(workspace);
    }

    @Override
    public BitLinear quantStrength(float strength) {
        super.quantStrength(strength);
        return this;
    }

    @Override
    protected String describe() {
        return "BitLinear(" + columns() + " -> " + outFeatures() + ")";
    }
}
