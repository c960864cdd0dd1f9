package io.bitlab.layers.attention;

import io.bitlab.core.BitQuantConfig;
import io.bitlab.core.math.ActivationFunction;
import io.bitlab.core.ops.Pointwise;
import io.bitlab.core.tensor.Tensor;
import io.bitlab.layers.BitLinear;
import io.bitlab.layers.Initializer;
import io.bitlab.layers.Layer;
import io.bitlab.layers.Linear;
import io.bitlab.layers.RMSNorm;

/**
 * The part of a transformer block that works on each position by itself, with ternary projections:
 * {@code down(norm(f(gate(x)) * up(x)))}, or without a gate {@code down(norm(f(up(x))))}; the norm is BitNet b1.58
 * 2B4T's sub-norm, if there is one.
 *
 * <p>f and gate make the usual forms: squared ReLU with gate is BitNet b1.58 2B4T's, SiLU with gate is SwiGLU (Shazeer,
 * 2020), GELU without gate is GPT-2's. Input and output {@code [..., hidden]}. The children have the names of Hugging
 * Face's models: {@code gate_proj}, {@code up_proj}, {@code ffn_sub_norm}, {@code down_proj}.
 */
public final class FeedForward extends Layer {

    private final int hidden;
    private final int between;
    private final ActivationFunction f;
    private final Layer gate; // or null
    private final Layer up;
    private final RMSNorm norm; // or null
    private final Layer down;

    private FeedForward(Builder builder) {
        hidden = builder.hidden;
        between = builder.between;
        f = builder.f;
        gate = builder.gated
                ? child("gate_proj", projection(hidden, between, builder.config, builder.initializer)) : null;
        up = child("up_proj", projection(hidden, between, builder.config, builder.initializer));
        norm = builder.normEps > 0f ? child("ffn_sub_norm", new RMSNorm(between, builder.normEps)) : null;
        down = child("down_proj", projection(between, hidden, builder.config, builder.outInitializer));
    }

    /** A linear layer without bias, ternary unless the configuration is null. */
    static Layer projection(int in, int out, BitQuantConfig config, Initializer initializer) {
        return config == null ? new Linear(in, out, false, initializer)
                : BitLinear.builder(in, out).bias(false).quantConfig(config).initializer(initializer).build();
    }

    /**
     * Starts building a feed-forward part.
     *
     * @param hidden features of a position
     * @param between features between the projections
     * @return a builder: squared ReLU with gate, no sub-norm, {@link BitQuantConfig#defaults()}
     * @throws IllegalArgumentException if a number is not positive
     */
    public static Builder builder(int hidden, int between) {
        return new Builder(hidden, between);
    }

    /** Collects what a {@link FeedForward} is made of. */
    public static final class Builder {
        private final int hidden;
        private final int between;
        private ActivationFunction f = ActivationFunction.SQUARED_RELU;
        private boolean gated = true;
        private float normEps;
        private BitQuantConfig config = BitQuantConfig.defaults();
        private Initializer initializer = Initializer.XAVIER_UNIFORM;
        private Initializer outInitializer = Initializer.XAVIER_UNIFORM;

        private Builder(int hidden, int between) {
            if (hidden < 1 || between < 1) {
                throw new IllegalArgumentException("FeedForward(" + hidden + " -> " + between
                        + "): at least 1 feature of each is needed");
            }
            this.hidden = hidden;
            this.between = between;
        }

        /**
         * Sets the function.
         *
         * @param function such as SQUARED_RELU, SILU or GELU
         * @param withGate whether it is the gate of another projection
         * @return this builder
         */
        public Builder activation(ActivationFunction function, boolean withGate) {
            f = function;
            gated = withGate;
            return this;
        }

        /**
         * Puts a norm before the last projection.
         *
         * @param eps what keeps its root away from 0; 0 for no norm
         * @return this builder
         */
        public Builder subNorm(float eps) {
            normEps = eps;
            return this;
        }

        /**
         * Sets how the projections quantise.
         *
         * @param value the configuration; null for float projections
         * @return this builder
         */
        public Builder quantConfig(BitQuantConfig value) {
            config = value;
            return this;
        }

        /**
         * Sets what draws the weights.
         *
         * @param in of the first projections
         * @param out of the last projection
         * @return this builder
         */
        public Builder initializers(Initializer in, Initializer out) {
            initializer = in;
            outInitializer = out;
            return this;
        }

        /**
         * Makes the layer.
         *
         * @return a layer in training
         */
        public FeedForward build() {
            return new FeedForward(this);
        }
    }

    @Override
    public Tensor forward(Tensor x) {
        Tensor opened;
        if (gate == null) {
            opened = Pointwise.apply(f, up.forward(x));
        } else {
            Tensor[] both = BitLinear.forwardAll(x, gate, up);
            opened = Pointwise.gated(f, both[0], both[1]);
        }
        return observed(down.forward(norm == null ? opened : norm.forward(opened)));
    }

    @Override
    protected String describe() {
        return "FeedForward(" + hidden + " -> " + between + ", " + f + (gate == null ? ")" : " gate)");
    }
}
