package io.bitlab.layers;

import io.bitlab.core.BitQuantConfig;
import io.bitlab.core.tensor.Tensor;

/**
 * A layer with float weights that can become ternary: what {@link Linear} and {@link Conv2d} have in common.
 * {@link io.bitlab.layers.convert.Ternarizer} converts all of a network.
 */
public abstract sealed class FloatLayer extends Layer permits Linear, Conv2d {

    private Parameter weight;
    private Parameter bias;
    private TernaryLayer successor;

    /** Creates a layer with new weights and, unless its initialiser is null, a new bias. */
    FloatLayer(Initializer biasInitializer, Initializer initializer, int... weightShape) {
        this.weight = parameter("weight", initializer, weightShape);
        this.bias = biasInitializer == null ? null : parameter("bias", biasInitializer, weightShape[0]);
    }

    /** Creates a layer that shares the weights of another one, without bias. */
    FloatLayer(Parameter shared) {
        this.weight = parameter("weight", shared);
    }

    @Override
    public final Tensor forward(Tensor x) {
        return observed(successor != null ? successor.forward(x)
                : forward(x, weight.tensor(), bias == null ? null : bias.tensor()));
    }

    /** The layer that computes: the ternary one that this has become, or this. */
    final Layer current() {
        return successor != null ? successor : this;
    }

    /** Computes the output with these weights; the biases may be null. */
    abstract Tensor forward(Tensor x, Tensor weights, Tensor biases);

    /** Creates the ternary layer of the same sizes with these parameters; the biases may be null. */
    abstract TernaryLayer createTernary(Parameter weights, Parameter biases, BitQuantConfig config);

    /**
     * Turns this layer into a ternary one that takes over its weights and bias. From then on, this object only forwards
     * to the ternary layer, so that a network which keeps it in a field becomes ternary too. To put the ternary layer
     * into the tree, use {@link Layer#replaceLayers}.
     *
     * @param config how to quantise
     * @return the ternary layer, in training; the same one at each call
     */
    public TernaryLayer toTernary(BitQuantConfig config) {
        if (successor == null) {
            weight.tensor(); // drawn now, while this layer knows its path
            successor = createTernary(weight, bias, config);
            weight.pass(this, successor);
            node().removeParameter("weight"); // so that the successor's deploy() frees the memory
            weight = null;
            if (bias != null) {
                bias.pass(this, successor);
                node().removeParameter("bias");
                bias = null;
            }
        }
        return successor;
    }

    /**
     * The weights, after {@link #toTernary} the latent weights.
     *
     * @return the live tensor, {@code [out, in]} or {@code [out, in / groups, kernelHeight, kernelWidth]}
     * @throws IllegalStateException if the layer became ternary and was deployed
     */
    public final Tensor weight() {
        return successor != null ? successor.weight() : weight.tensor();
    }
}
