package io.bitlab.models.mlp;

import io.bitlab.core.BitQuantConfig;
import io.bitlab.models.BitModelConfig;
import io.bitlab.models.io.JsonObject;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What a {@link BitMlp} is built from. The JSON names are those of the Python original: {@code n_layers},
 * {@code in_channels}, {@code hidden_dim}, {@code out_channels}, {@code dropout}, {@code float_edges}, {@code norm},
 * {@code quantization_config}.
 *
 * @param nLayers linear layers, 1 to {@value #MOST_LAYERS}
 * @param inChannels input features
 * @param hiddenDim features between the layers
 * @param outChannels output features
 * @param dropout probability after each hidden layer, in [0, 1)
 * @param floatEdges whether the first and the last layer stay float
 * @param norm whether an RMSNorm stands before each ternary layer
 * @param quantConfig how the ternary layers quantise; null for a float network, see {@link #floatTwin()}
 */
public record BitMlpConfig(int nLayers, int inChannels, int hiddenDim, int outChannels, float dropout,
        boolean floatEdges,
        boolean norm, BitQuantConfig quantConfig) implements BitModelConfig<BitMlp> {

    /** The {@code model_type} of these models. */
    public static final String MODEL_TYPE = "bitmlp";

    /** Far more layers than train; a damaged file must not make us build millions. */
    private static final int MOST_LAYERS = 1000;

    /** Checks the values. */
    public BitMlpConfig {
        requirePositive("nLayers", nLayers);
        if (nLayers > MOST_LAYERS) {
            throw new IllegalArgumentException(
                    "BitMlpConfig: nLayers is " + nLayers + ", expected at most " + MOST_LAYERS);
        }
        requirePositive("inChannels", inChannels);
        requirePositive("hiddenDim", hiddenDim);
        requirePositive("outChannels", outChannels);
        if (!(dropout >= 0f && dropout < 1f)) {
            throw new IllegalArgumentException(
                    "BitMlpConfig: dropout is " + dropout + ", expected a probability in [0, 1)");
        }
    }

    private static void requirePositive(String field, int value) {
        if (value < 1) {
            throw new IllegalArgumentException("BitMlpConfig: " + field + " is " + value + ", expected at least 1");
        }
    }

    /**
     * Starts a configuration.
     *
     * @return a builder with the defaults that its methods name; the channels must be set
     */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * The same network with float layers, for comparison. Of the same seed, it starts with the same weights.
     *
     * @return this configuration without quantisation
     */
    public BitMlpConfig floatTwin() {
        return new BitMlpConfig(nLayers, inChannels, hiddenDim, outChannels, dropout, floatEdges, norm, null);
    }

    @Override
    public String modelType() {
        return MODEL_TYPE;
    }

    @Override
    public Map<String, Object> toMap() {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("n_layers", nLayers);
        map.put("in_channels", inChannels);
        map.put("hidden_dim", hiddenDim);
        map.put("out_channels", outChannels);
        map.put("dropout", dropout);
        map.put("float_edges", floatEdges);
        map.put("norm", norm);
        map.put("quantization_config", quantConfig == null ? null : quantConfig.toMap());
        return map;
    }

    /**
     * Reads what {@link #toMap()} gives.
     *
     * @param json member by name; the channels must be there, other members may be missing and take their defaults
     * @return the configuration
     * @throws IllegalArgumentException if a member is unknown, missing or has a value that is not allowed
     */
    public static BitMlpConfig fromMap(Map<String, ?> json) {
        JsonObject reader = JsonObject.of("BitMlpConfig", json);
        Builder defaults = builder();
        BitMlpConfig config = new BitMlpConfig(
                reader.integer("n_layers", defaults.nLayers),
                reader.integer("in_channels"),
                reader.integer("hidden_dim", defaults.hiddenDim),
                reader.integer("out_channels"),
                reader.number("dropout", defaults.dropout),
                reader.bool("float_edges", defaults.floatEdges),
                reader.bool("norm", defaults.norm),
                reader.has("quantization_config")
                        ? reader.optionalObject("quantization_config").map(JsonObject::members)
                                .map(BitQuantConfig::fromMap).orElse(null)
                        : defaults.quantConfig);
        reader.requireNothingElse();
        return config;
    }

    @Override
    public BitMlp newModel() {
        return new BitMlp(this);
    }

    /** Collects the values of a {@link BitMlpConfig}. */
    public static final class Builder {
        private int nLayers = 3;
        private int inChannels;
        private int hiddenDim = 128;
        private int outChannels;
        private float dropout; // none: small networks on small data are better regularised by weight decay
        private boolean floatEdges; // all layers ternary: the memory that is saved is the point
        private boolean norm;
        private BitQuantConfig quantConfig = BitQuantConfig.defaults();

        private Builder() {
        }

        /**
         * Sets the number of linear layers.
         *
         * @param value at least 1; default 3
         * @return this builder
         */
        public Builder nLayers(int value) {
            nLayers = value;
            return this;
        }

        /**
         * Sets the number of input features.
         *
         * @param value at least 1
         * @return this builder
         */
        public Builder inChannels(int value) {
            inChannels = value;
            return this;
        }

        /**
         * Sets the number of features between the layers.
         *
         * @param value at least 1; default 128
         * @return this builder
         */
        public Builder hiddenDim(int value) {
            hiddenDim = value;
            return this;
        }

        /**
         * Sets the number of output features.
         *
         * @param value at least 1
         * @return this builder
         */
        public Builder outChannels(int value) {
            outChannels = value;
            return this;
        }

        /**
         * Sets the dropout after each hidden layer.
         *
         * @param value a probability in [0, 1); default 0
         * @return this builder
         */
        public Builder dropout(float value) {
            dropout = value;
            return this;
        }

        /**
         * Says whether the first and the last layer stay float, as in the Python original.
         *
         * @param value default false
         * @return this builder
         */
        public Builder floatEdges(boolean value) {
            floatEdges = value;
            return this;
        }

        /**
         * Says whether an RMSNorm stands before each ternary layer.
         *
         * @param value default false
         * @return this builder
         */
        public Builder norm(boolean value) {
            norm = value;
            return this;
        }

        /**
         * Sets how the ternary layers quantise.
         *
         * @param value default {@link BitQuantConfig#defaults()}
         * @return this builder
         */
        public Builder quantConfig(BitQuantConfig value) {
            quantConfig = value;
            return this;
        }

        /**
         * Makes the configuration.
         *
         * @return the configuration
         * @throws IllegalArgumentException if a value is not allowed
         */
        public BitMlpConfig build() {
            return new BitMlpConfig(nLayers, inChannels, hiddenDim, outChannels, dropout, floatEdges, norm,
                    quantConfig);
        }
    }
}
