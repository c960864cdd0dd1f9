package io.bitlab.layers;

import io.bitlab.core.BitQuantConfig;
import io.bitlab.core.ops.Ops;
import io.bitlab.core.tensor.Tensor;

/**
 * The float linear layer: {@code y = x·Wᵀ + b}, x {@code [..., in]}, W {@code [out, in]}, y {@code [..., out]}.
 */
public final class Linear extends Layer {

    private final int inFeatures;
    private final int outFeatures;
    private Parameter weight;
    private Parameter bias;
    private BitLinear successor;

    /**
     * A layer with bias, initialised by {@link Initializer#XAVIER_UNIFORM}.
     *
     * @param inFeatures length of the input's last axis
     * @param outFeatures length of the output's last axis
     */
    public Linear(int inFeatures, int outFeatures) {
        this(inFeatures, outFeatures, true, Initializer.XAVIER_UNIFORM);
    }

    /**
     * A layer.
     *
     * @param inFeatures length of the input's last axis
     * @param outFeatures length of the output's last axis
     * @param hasBias whether a bias is added; it starts at 0
     * @param initializer draws the weights
     */
    public Linear(int inFeatures, int outFeatures, boolean hasBias, Initializer initializer) {
        BitLinear.requireSizes("Linear", inFeatures, outFeatures);
        this.inFeatures = inFeatures;
        this.outFeatures = outFeatures;
        this.weight = parameter("weight", initializer, outFeatures, inFeatures);
        this.bias = hasBias ? parameter("bias", Initializer.ZEROS, outFeatures) : null;
    }

    @Override
    public Tensor forward(Tensor x) {
        if (successor != null) {
            return successor.forward(x);
        }
        return Ops.linear(x, weight.tensor(), bias == null ? null : bias.tensor(), described());
    }

    /**
     * Turns this layer into a ternary one that takes over its weights and bias. From then on this object only forwards
     * to it, so that a network which keeps this layer in a field becomes ternary too; put the result in its place in
     * the tree with {@link Layer#replaceLayers}.
     *
     * @param config how to quantise
     * @return the ternary layer, in training
     */
    public BitLinear toBitLinear(BitQuantConfig config) {
        if (successor == null) {
            successor = new BitLinear(weight.tensor(), bias == null ? null : bias.tensor(), config);
            weight = null; // so that the successor's deploy() frees the memory
            bias = null;
            dropParameter("weight");
            dropParameter("bias");
        }
        return successor;
    }

    /**
     * The weights.
     *
     * @return the live tensor {@code [out, in]}
     */
    public Tensor weight() {
        return successor != null ? successor.weight() : weight.tensor();
    }

    @Override
    protected String describe() {
        return "Linear(" + inFeatures + " -> " + outFeatures + ")";
    }
}
