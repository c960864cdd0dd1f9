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
 * The feed-forward part of a transformer block, which works on each position separately, with ternary projections:
 * {@code y = down(norm(f(gate(x)) * up(x)))}, or without a gate {@code y = down(norm(f(up(x))))}. The norm is BitNet
 * b1.58 2B4T's sub-norm, which is optional. Input and output {@code [..., hiddenSize]}.
 *
 * {@snippet class="io.bitlab.layers.snippets.AttentionSnippets" region="feedForward"}
 *
 * <p>Squared ReLU with a gate is the form of BitNet b1.58 2B4T, SiLU with a gate is SwiGLU (Shazeer, <i>GLU Variants
 * Improve Transformer</i>, 2020), GELU without a gate is GPT-2's. The children have the names of Hugging Face's models:
 * {@code gate_proj}, {@code up_proj}, {@code ffn_sub_norm}, {@code down_proj}.
 */
public final class FeedForward extends Layer {

    private final int hiddenSize;
    private final int intermediateSize;
    private final ActivationFunction activation;
    private final Layer gate; // or null
    private final Layer up;
    private final RMSNorm norm; // or null
    private final Layer down;

    private FeedForward(Builder builder) {
        hiddenSize = builder.hiddenSize;
        intermediateSize = builder.intermediateSize;
        activation = builder.activation;
        gate = builder.gated
                ? child("gate_proj", projection(hiddenSize, intermediateSize, builder.config, builder.initializer))
                : null;
        up = child("up_proj", projection(hiddenSize, intermediateSize, builder.config, builder.initializer));
        norm = builder.normEps > 0f ? child("ffn_sub_norm", new RMSNorm(intermediateSize, builder.normEps)) : null;
        down = child("down_proj", projection(intermediateSize, hiddenSize, builder.config, builder.outputInitializer));
    }

    static float requireEps(String layer, float eps) {
        if (!(eps >= 0f)) {
            throw new IllegalArgumentException(layer + ".subNorm: epsilon " + eps + ", expected 0 or more");
        }
        return eps;
    }

    /** Creates a linear layer without bias, ternary unless the configuration is null. */
    static Layer projection(int in, int out, BitQuantConfig config, Initializer initializer) {
        return config == null ? new Linear(in, out, false, initializer)
                : BitLinear.builder(in, out).bias(false).quantConfig(config).initializer(initializer).build();
    }

    /**
     * Starts building a feed-forward part.
     *
     * @param hiddenSize features of a position
     * @param intermediateSize features between the projections
     * @return a builder: squared ReLU with gate, no sub-norm, {@link BitQuantConfig#defaults()}
     * @throws IllegalArgumentException if a number is not positive
     */
    public static Builder builder(int hiddenSize, int intermediateSize) {
        return new Builder(hiddenSize, intermediateSize);
    }

    /** Collects the settings of a {@link FeedForward}. */
    public static final class Builder {
        private final int hiddenSize;
        private final int intermediateSize;
        private ActivationFunction activation = ActivationFunction.SQUARED_RELU;
        private boolean gated = true;
        private float normEps;
        private BitQuantConfig config = BitQuantConfig.defaults();
        private Initializer initializer = Initializer.XAVIER_UNIFORM;
        private Initializer outputInitializer = Initializer.XAVIER_UNIFORM;

        private Builder(int hiddenSize, int intermediateSize) {
            if (hiddenSize < 1 || intermediateSize < 1) {
                throw new IllegalArgumentException("FeedForward(" + hiddenSize + " -> " + intermediateSize
                        + "): at least 1 feature of each is needed");
            }
            this.hiddenSize = hiddenSize;
            this.intermediateSize = intermediateSize;
        }

        /**
         * Sets the activation function.
         *
         * @param function such as SQUARED_RELU, SILU or GELU
         * @param withGate true to multiply it with a second projection, false to apply it to the only one
         * @return this builder
         */
        public Builder activation(ActivationFunction function, boolean withGate) {
            activation = function;
            gated = withGate;
            return this;
        }

        /**
         * Adds an {@link RMSNorm} before the last projection.
         *
         * @param eps epsilon of the norm; 0 for no norm
         * @return this builder
         * @throws IllegalArgumentException if it is negative or NaN
         */
        public Builder subNorm(float eps) {
            normEps = requireEps("FeedForward", eps);
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
         * @param in initialiser of the first projections
         * @param out initialiser of the last projection
         * @return this builder
         */
        public Builder initializers(Initializer in, Initializer out) {
            initializer = in;
            outputInitializer = out;
            return this;
        }

        /**
         * Creates the layer.
         *
         * @return a layer in training
         */
        public FeedForward build() {
            return new FeedForward(this);
        }
    }

    @Override
    public Tensor forward(Tensor x) {
        Tensor intermediate;
        if (gate == null) {
            intermediate = Pointwise.apply(activation, up.forward(x));
        } else {
            Tensor[] both = BitLinear.forwardAll(x, gate, up);
            intermediate = Pointwise.gated(activation, both[0], both[1]);
        }
        return observed(down.forward(norm == null ? intermediate : norm.forward(intermediate)));
    }

    @Override
    protected String describe() {
        return "FeedForward(" + hiddenSize + " -> " + intermediateSize + ", " + activation
                + (gate == null ? ")" : " gate)");
    }
}
