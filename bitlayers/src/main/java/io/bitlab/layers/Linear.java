package io.bitlab.layers;

import io.bitlab.core.BitQuantConfig;
import io.bitlab.core.ops.LinearOps;
import io.bitlab.core.tensor.Tensor;

/**
 * The float linear layer {@code y = x·Wᵀ + b}. Input {@code [..., in]}, weights {@code [out, in]}, output
 * {@code [..., out]}.
 *
 * {@snippet class="io.bitlab.layers.snippets.LayersSnippets" region="linear"}
 */
public final class Linear extends FloatLayer {

    private final int inFeatures;
    private final int outFeatures;

    /**
     * Creates a layer with bias, initialised by {@link Initializer#XAVIER_UNIFORM}.
     *
     * @param inFeatures length of the input's last axis
     * @param outFeatures length of the output's last axis
     */
    public Linear(int inFeatures, int outFeatures) {
        this(inFeatures, outFeatures, true, Initializer.XAVIER_UNIFORM);
    }

    /**
     * Creates a layer.
     *
     * @param inFeatures length of the input's last axis
     * @param outFeatures length of the output's last axis
     * @param hasBias whether a bias is added; it starts at 0
     * @param initializer draws the weights
     */
    public Linear(int inFeatures, int outFeatures, boolean hasBias, Initializer initializer) {
        super(hasBias ? Initializer.ZEROS : null, initializer, checkedShape(inFeatures, outFeatures));
        this.inFeatures = inFeatures;
        this.outFeatures = outFeatures;
    }

    private static int[] checkedShape(int inFeatures, int outFeatures) {
        BitLinear.requireSizes("Linear", inFeatures, outFeatures);
        return new int[] {outFeatures, inFeatures};
    }

    /** Creates a layer that shares the parameter {@code [out, in]} of another one, without bias. */
    Linear(Parameter shared) {
        super(shared);
        this.inFeatures = shared.shape()[1];
        this.outFeatures = shared.shape()[0];
    }

    @Override
    Tensor forward(Tensor x, Tensor weights, Tensor biases) {
        return LinearOps.linear(x, weights, biases, describeWithPath());
    }

    @Override
    BitLinear createTernary(Parameter weights, Parameter biases, BitQuantConfig config) {
        return new BitLinear(weights, biases, config);
    }

    /**
     * Turns this layer into a ternary one, see {@link #toTernary}.
     *
     * @param config how to quantise
     * @return the ternary layer, in training; the same one at each call
     */
    public BitLinear toBitLinear(BitQuantConfig config) {
        return (BitLinear) toTernary(config);
    }

    @Override
    protected String describe() {
        return "Linear(" + inFeatures + " -> " + outFeatures + ")";
    }
}
