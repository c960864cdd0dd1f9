package io.bitlab.layers;

import io.bitlab.core.BitQuantConfig;
import io.bitlab.core.tensor.Tensor;

/** A layer with float weights that can become ternary: what {@link Linear} and {@link Conv2d} have in common. */
public abstract sealed class FloatLayer extends Layer permits Linear, Conv2d {

    private Parameter weight;
    private Parameter bias;
    private TernaryLayer successor;

    FloatLayer(boolean hasBias, Initializer initializer, int... weightShape) {
        this.weight = parameter("weight", initializer, weightShape);
        this.bias = hasBias ? parameter("bias", Initializer.ZEROS, weightShape[0]) : null;
    }

    /** Shares the weights of another layer; no bias. */
    FloatLayer(Parameter shared) {
        this.weight = parameter("weight", shared);
    }

    @Override
    public final Tensor forward(Tensor x) {
        return observed(successor != null ? successor.forward(x)
                : forward(x, weight.tensor(), bias == null ? null : bias.tensor()));
    }

    /** The output with these weights; the bias may be null. */
    abstract Tensor forward(Tensor x, Tensor weights, Tensor biases);

    /** The ternary layer of this form with these parameters; the bias may be null. */
    abstract TernaryLayer ternary(Parameter weights, Parameter biases, BitQuantConfig config);

    /**
     * Turns this layer into a ternary one that takes over its weights and bias. From then on this object only forwards
     * to it, so that a network which keeps this layer in a field becomes ternary too; put the result in its place in
     * the tree with {@link Layer#replaceLayers}.
     *
     * @param config how to quantise
     * @return the ternary layer, in training; the same one at each call
     */
    public TernaryLayer toTernary(BitQuantConfig config) {
        if (successor == null) {
            weight.tensor(); // drawn while this layer knows its path
            successor = ternary(weight, bias, config);
            weight.pass(this, successor);
            dropParameter("weight"); // so that the successor's deploy() frees the memory
            weight = null;
            if (bias != null) {
                bias.pass(this, successor);
                dropParameter("bias");
                bias = null;
            }
        }
        return successor;
    }

    /**
     * The weights.
     *
     * @return the live tensor, {@code [out, in]} or {@code [out, in / groups, kernelHeight, kernelWidth]}
     * @throws IllegalStateException if the layer became ternary and was deployed
     */
    public final Tensor weight() {
        return successor != null ? successor.weight() : weight.tensor();
    }
}
