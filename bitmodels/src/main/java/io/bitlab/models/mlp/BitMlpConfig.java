package io.bitlab.models.mlp;

import io.bitlab.core.BitQuantConfig;
import io.bitlab.models.BitModelConfig;
import io.bitlab.models.config.ConfigChecks;
import io.bitlab.models.config.ConfigField;
import io.bitlab.models.config.ConfigFields;
import io.bitlab.models.io.JsonObject;
import java.util.Map;

/**
 * The sizes and choices of a {@link BitMlp}. Immutable.
 *
 * {@snippet class="io.bitlab.models.snippets.MlpSnippets" region="config"}
 *
 * <p>The JSON names are those of the Python original: {@code n_layers}, {@code in_channels}, {@code hidden_dim},
 * {@code out_channels}, {@code dropout}, {@code float_edges}, {@code norm}, {@code quantization_config}.
 *
 * @param nLayers linear layers, 1 to {@value #MOST_LAYERS}
 * @param inChannels input features
 * @param hiddenDim features between the layers
 * @param outChannels output features
 * @param dropout probability of dropout after each hidden layer, in [0, 1)
 * @param floatEdges whether the first and the last layer stay float
 * @param norm whether an RMSNorm precedes each ternary layer
 * @param quantConfig how the ternary layers quantise; null for a float network, see {@link #floatTwin()}
 */
public record BitMlpConfig(int nLayers, int inChannels, int hiddenDim, int outChannels, float dropout,
        boolean floatEdges, boolean norm, BitQuantConfig quantConfig) implements BitModelConfig<BitMlp> {

    /** The {@code model_type} of these models. */
    public static final String MODEL_TYPE = "bitmlp";

    /** Far more layers than can be trained; stops a damaged file from building millions. */
    private static final int MOST_LAYERS = 1000;

    /** Checks the values. */
    public BitMlpConfig {
        ConfigChecks checks = new ConfigChecks("BitMlpConfig");
        checks.positive("nLayers", nLayers, MOST_LAYERS);
        checks.positive("inChannels", inChannels);
        checks.positive("hiddenDim", hiddenDim);
        checks.positive("outChannels", outChannels);
        checks.dropout("dropout", dropout);
    }

    /**
     * A builder with the defaults that its methods give. {@code inChannels} and {@code outChannels} have none and must
     * be set.
     *
     * @return a new builder
     */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * A builder that starts from this configuration.
     *
     * @return a new builder
     */
    public Builder toBuilder() {
        Builder builder = new Builder();
        builder.fields.copyFrom(this);
        return builder;
    }

    /**
     * The same network with float layers, for comparison. With the same seed, it starts from the same weights.
     *
     * @return this configuration without quantisation
     */
    public BitMlpConfig floatTwin() {
        return toBuilder().quantConfig(null).build();
    }

    @Override
    public String modelType() {
        return MODEL_TYPE;
    }

    @Override
    public Map<String, Object> toMap() {
        return toBuilder().fields.toMap();
    }

    /**
     * Reads what {@link #toMap()} returns.
     *
     * @param json member by name; the channels are required, other members take their defaults if they are missing
     * @return the configuration
     * @throws IllegalArgumentException if a member is unknown, missing or has a value that is not allowed
     */
    public static BitMlpConfig fromMap(Map<String, ?> json) {
        JsonObject object = JsonObject.of("BitMlpConfig", json);
        Builder builder = new Builder();
        builder.fields.read(object);
        BitMlpConfig config = builder.build();
        object.requireNothingElse();
        return config;
    }

    @Override
    public BitMlp newModel() {
        return new BitMlp(this);
    }

    /** Builds a {@link BitMlpConfig}. For one thread. */
    public static final class Builder {
        private final ConfigFields<BitMlpConfig> fields = new ConfigFields<>();
        private final ConfigField<Integer> nLayers = fields.integer("n_layers", BitMlpConfig::nLayers, 3);
        private final ConfigField<Integer> inChannels = fields.requiredInteger("in_channels", BitMlpConfig::inChannels);
        private final ConfigField<Integer> hiddenDim = fields.integer("hidden_dim", BitMlpConfig::hiddenDim, 128);
        private final ConfigField<Integer> outChannels =
                fields.requiredInteger("out_channels", BitMlpConfig::outChannels);
        // No dropout: weight decay regularises small networks better.
        private final ConfigField<Float> dropout = fields.number("dropout", BitMlpConfig::dropout, 0f);
        // All layers ternary: saving memory is the point.
        private final ConfigField<Boolean> floatEdges = fields.bool("float_edges", BitMlpConfig::floatEdges, false);
        private final ConfigField<Boolean> norm = fields.bool("norm", BitMlpConfig::norm, false);
        private final ConfigField<BitQuantConfig> quantConfig =
                fields.quantConfig("quantization_config", BitMlpConfig::quantConfig);

        private Builder() {
        }

        /**
         * Sets the number of linear layers.
         *
         * @param value at least 1; default 3
         * @return this builder
         */
        public Builder nLayers(int value) {
            nLayers.set(value);
            return this;
        }

        /**
         * Sets the number of input features.
         *
         * @param value at least 1
         * @return this builder
         */
        public Builder inChannels(int value) {
            inChannels.set(value);
            return this;
        }

        /**
         * Sets the number of features between the layers.
         *
         * @param value at least 1; default 128
         * @return this builder
         */
        public Builder hiddenDim(int value) {
            hiddenDim.set(value);
            return this;
        }

        /**
         * Sets the number of output features.
         *
         * @param value at least 1
         * @return this builder
         */
        public Builder outChannels(int value) {
            outChannels.set(value);
            return this;
        }

        /**
         * Sets the dropout after each hidden layer.
         *
         * @param value a probability in [0, 1); default 0
         * @return this builder
         */
        public Builder dropout(float value) {
            dropout.set(value);
            return this;
        }

        /**
         * Sets whether the first and the last layer stay float, as in the Python original.
         *
         * @param value default false
         * @return this builder
         */
        public Builder floatEdges(boolean value) {
            floatEdges.set(value);
            return this;
        }

        /**
         * Sets whether an RMSNorm precedes each ternary layer.
         *
         * @param value default false
         * @return this builder
         */
        public Builder norm(boolean value) {
            norm.set(value);
            return this;
        }

        /**
         * Sets how the ternary layers quantise.
         *
         * @param value default {@link BitQuantConfig#defaults()}; null for float layers
         * @return this builder
         */
        public Builder quantConfig(BitQuantConfig value) {
            quantConfig.set(value);
            return this;
        }

        /**
         * Makes the configuration.
         *
         * @return the configuration
         * @throws IllegalArgumentException if a value is not allowed
         */
        public BitMlpConfig build() {
            return new BitMlpConfig(nLayers.get(), inChannels.get(), hiddenDim.get(), outChannels.get(), dropout.get(),
                    floatEdges.get(), norm.get(), quantConfig.get());
        }
    }
}
