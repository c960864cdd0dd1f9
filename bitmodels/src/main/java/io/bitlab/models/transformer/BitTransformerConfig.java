package io.bitlab.models.transformer;

import io.bitlab.core.BitQuantConfig;
import io.bitlab.core.embedding.EmbeddingFormat;
import io.bitlab.core.ops.RotaryEmbedding.Pairing;
import io.bitlab.models.BitModelConfig;
import io.bitlab.models.io.JsonObject;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/**
 * What a {@link BitTransformer} is built from. The JSON names are those of published {@code config.json} files; what
 * these leave to the kind of model ({@code gated}, {@code sub_norms}, {@code rope_pairing}, {@code table_format},
 * {@code dropout}) is written out.
 *
 * @param vocabSize how many tokens there are
 * @param hiddenSize features of a position
 * @param intermediateSize features inside the feed-forward part
 * @param numHiddenLayers blocks
 * @param numAttentionHeads query heads
 * @param numKeyValueHeads heads of keys and values; divides the query heads
 * @param headDim features of a head; even
 * @param maxPositionEmbeddings positions of a conversation, unless its cache says otherwise
 * @param ropeTheta base of the rotary embedding's frequencies
 * @param ropePairing which features of a head are turned together
 * @param rmsNormEps what keeps the norms' roots away from 0
 * @param hiddenAct function of the feed-forward part
 * @param gated whether the function is the gate of another projection
 * @param subNorms whether norms stand before the last projections of both parts, as in BitNet b1.58 2B4T
 * @param tieWordEmbeddings whether the embedding is the output head too
 * @param initializerRange standard deviation of the first weights
 * @param dropout probability after both parts of each block, in training
 * @param embeddingFormat how embedding and head are kept in evaluation
 * @param quantConfig how the projections quantise; null for a float network
 */
public record BitTransformerConfig(int vocabSize, int hiddenSize, int intermediateSize, int numHiddenLayers,
        int numAttentionHeads, int numKeyValueHeads, int headDim, int maxPositionEmbeddings, float ropeTheta,
        Pairing ropePairing, float rmsNormEps, HiddenAct hiddenAct, boolean gated, boolean subNorms,
        boolean tieWordEmbeddings, float initializerRange, float dropout, EmbeddingFormat embeddingFormat,
        BitQuantConfig quantConfig) implements BitModelConfig<BitTransformer> {

    /** The {@code model_type} of these models. */
    public static final String MODEL_TYPE = "bittransformer";

    /** Far more than any model has; a damaged file must not make us build millions. */
    private static final int MOST_LAYERS = 1000;
    private static final int MOST_POSITIONS = 1 << 24;

    /** A narrower model has no rows of 256 anyway, and rounding would add more than a third to it. */
    private static final int WIDE = 256;
    private static final int COLUMNS_OF_A_SCALE = 256; // TQ1_0 and TQ2_0; I2_S packs 128 together
    private static final int ROWS_OF_A_BYTE = 4; // Hugging Face

    /** Checks the values. */
    public BitTransformerConfig {
        requirePositive("vocab_size", vocabSize);
        requirePositive("hidden_size", hiddenSize);
        requirePositive("intermediate_size", intermediateSize);
        requirePositive("num_hidden_layers", numHiddenLayers);
        requirePositive("num_attention_heads", numAttentionHeads);
        requirePositive("num_key_value_heads", numKeyValueHeads);
        requirePositive("max_position_embeddings", maxPositionEmbeddings);
        require(numHiddenLayers <= MOST_LAYERS, "num_hidden_layers", numHiddenLayers, "at most " + MOST_LAYERS);
        require(maxPositionEmbeddings <= MOST_POSITIONS, "max_position_embeddings", maxPositionEmbeddings,
                "at most " + MOST_POSITIONS);
        require(numAttentionHeads % numKeyValueHeads == 0, "num_key_value_heads", numKeyValueHeads,
                "a divisor of num_attention_heads, " + numAttentionHeads);
        require(headDim >= 2 && headDim % 2 == 0, "head_dim", headDim, "an even number of at least 2");
        require(ropeTheta > 1f && ropeTheta < Float.POSITIVE_INFINITY, "rope_theta", ropeTheta, "a number above 1");
        require(rmsNormEps > 0f && rmsNormEps < 1f, "rms_norm_eps", rmsNormEps, "a small positive number");
        require(initializerRange > 0f && initializerRange < 100f, "initializer_range", initializerRange,
                "a positive number");
        require(dropout >= 0f && dropout < 1f, "dropout", dropout, "a probability in [0, 1)");
        embeddingFormat.requireInMemory("BitTransformerConfig");
    }

    private static void requirePositive(String field, int value) {
        require(value >= 1, field, value, "at least 1");
    }

    private static void require(boolean right, String field, Object value, String expected) {
        if (!right) {
            throw new IllegalArgumentException(
                    "BitTransformerConfig: " + field + " is " + value + ", expected " + expected);
        }
    }

    // ---------------------------------------------------------------- presets

    /**
     * A character model of the size of nanoGPT's setting for a CPU: 4 layers, 4 heads, width 128, context 64.
     *
     * @param vocabSize how many characters there are
     * @return the configuration
     */
    public static BitTransformerConfig character(int vocabSize) {
        return builder(vocabSize, 128, 4, 4).maxPositions(64).build();
    }

    /**
     * About 27 million ternary weights: 8 layers, 8 heads, width 512, context 512.
     *
     * @param vocabSize how many tokens there are
     * @return the configuration
     */
    public static BitTransformerConfig small(int vocabSize) {
        return builder(vocabSize, 512, 8, 8).maxPositions(512).build();
    }

    /**
     * About 100 million ternary weights, 125 million with an embedding of 32,000 tokens: 12 layers, 12 heads, width
     * 768, context 1024, as GPT-2's smallest.
     *
     * @param vocabSize how many tokens there are
     * @return the configuration
     */
    public static BitTransformerConfig base(int vocabSize) {
        return builder(vocabSize, 768, 12, 12).intermediateSize(2560).maxPositions(1024).build();
    }

    /**
     * BitNet b1.58 2B4T (Ma et al., <i>BitNet b1.58 2B4T Technical Report</i>, 2025): 2.1 billion ternary weights, and
     * an embedding of 128,256 tokens that is kept as int8.
     *
     * @return the configuration
     */
    public static BitTransformerConfig bitnet2B4T() {
        return builder(128_256, 2560, 30, 20).numKeyValueHeads(5).intermediateSize(6912).maxPositions(4096)
                .ropeTheta(500_000f).embeddingFormat(EmbeddingFormat.INT8).build();
    }

    /**
     * Starts a configuration.
     *
     * @param vocabSize how many tokens there are
     * @param hiddenSize features of a position
     * @param layers blocks
     * @param heads query heads
     * @return a builder with the defaults that its methods name
     */
    public static Builder builder(int vocabSize, int hiddenSize, int layers, int heads) {
        return new Builder(vocabSize, hiddenSize, layers, heads);
    }

    /**
     * The same network with float projections, for comparison. Of the same seed, it starts with the same weights.
     *
     * @return this configuration without quantisation
     */
    public BitTransformerConfig floatTwin() {
        return toBuilder().quantConfig(null).build();
    }

    /**
     * The same configuration with another embedding format.
     *
     * @param format how embedding and head are kept in evaluation
     * @return a new configuration
     */
    public BitTransformerConfig withEmbeddingFormat(EmbeddingFormat format) {
        return toBuilder().embeddingFormat(format).build();
    }

    /**
     * Starts a configuration like this one.
     *
     * @return a builder with this configuration's values
     */
    public Builder toBuilder() {
        return new Builder(vocabSize, hiddenSize, numHiddenLayers, numAttentionHeads).numKeyValueHeads(numKeyValueHeads)
                .headDim(headDim).intermediateSize(intermediateSize).maxPositions(maxPositionEmbeddings)
                .ropeTheta(ropeTheta).ropePairing(ropePairing).rmsNormEps(rmsNormEps).activation(hiddenAct, gated)
                .subNorms(subNorms).tieWordEmbeddings(tieWordEmbeddings).initializerRange(initializerRange)
                .dropout(dropout).embeddingFormat(embeddingFormat).quantConfig(quantConfig);
    }

    // ---------------------------------------------------------------- JSON

    @Override
    public String modelType() {
        return MODEL_TYPE;
    }

    @Override
    public Map<String, Object> toMap() {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("vocab_size", vocabSize);
        map.put("hidden_size", hiddenSize);
        map.put("intermediate_size", intermediateSize);
        map.put("num_hidden_layers", numHiddenLayers);
        map.put("num_attention_heads", numAttentionHeads);
        map.put("num_key_value_heads", numKeyValueHeads);
        map.put("head_dim", headDim);
        map.put("max_position_embeddings", maxPositionEmbeddings);
        map.put("rope_theta", ropeTheta);
        map.put("rope_pairing", ropePairing.name().toLowerCase(Locale.ROOT));
        map.put("rms_norm_eps", rmsNormEps);
        map.put("hidden_act", hiddenAct.jsonName());
        map.put("gated", gated);
        map.put("sub_norms", subNorms);
        map.put("tie_word_embeddings", tieWordEmbeddings);
        map.put("initializer_range", initializerRange);
        map.put("dropout", dropout);
        map.put("table_format", embeddingFormat.jsonName());
        map.put("quantization_config", quantConfig == null ? null : quantConfig.toMap());
        return map;
    }

    /**
     * Reads what {@link #toMap()} gives.
     *
     * @param json member by name; the sizes must be there, other members may be missing and take their defaults
     * @return the configuration
     * @throws IllegalArgumentException if a member is unknown, missing or has a value that is not allowed
     */
    public static BitTransformerConfig fromMap(Map<String, ?> json) {
        JsonObject reader = JsonObject.of("BitTransformerConfig", json);
        BitTransformerConfig config = read(reader, json);
        reader.requireNothingElse();
        return config;
    }

    static BitTransformerConfig read(JsonObject reader, Map<String, ?> json) {
        Builder b = new Builder(reader.integer("vocab_size"), reader.integer("hidden_size"),
                reader.integer("num_hidden_layers"), reader.integer("num_attention_heads"));
        b.numKeyValueHeads(reader.integer("num_key_value_heads", b.heads));
        b.headDim(reader.integer("head_dim", b.heads < 1 ? 0 : b.hiddenSize / b.heads));
        b.intermediateSize(reader.integer("intermediate_size", b.intermediateSize));
        b.maxPositions(reader.integer("max_position_embeddings", b.maxPositions));
        b.ropeTheta(reader.number("rope_theta", b.ropeTheta));
        b.ropePairing(reader.has("rope_pairing") ? pairing(json.get("rope_pairing")) : b.ropePairing);
        b.rmsNormEps(reader.number("rms_norm_eps", b.rmsNormEps));
        b.activation(reader.has("hidden_act") ? HiddenAct.parse(json.get("hidden_act")) : b.hiddenAct,
                reader.bool("gated", b.gated));
        b.subNorms(reader.bool("sub_norms", b.subNorms));
        b.tieWordEmbeddings(reader.bool("tie_word_embeddings", b.tied));
        b.initializerRange(reader.number("initializer_range", b.initializerRange));
        b.dropout(reader.number("dropout", b.dropout));
        b.embeddingFormat(
                reader.has("table_format") ? EmbeddingFormat.parse(json.get("table_format")) : b.embeddingFormat);
        b.quantConfig(reader.has("quantization_config")
                ? reader.optionalObject("quantization_config").map(JsonObject::members).map(BitQuantConfig::fromMap)
                        .orElse(null)
                : b.quantConfig);
        return b.build();
    }

    private static Pairing pairing(Object name) {
        for (Pairing pairing : Pairing.values()) {
            if (pairing.name().toLowerCase(Locale.ROOT).equals(name)) {
                return pairing;
            }
        }
        throw new IllegalArgumentException("rope_pairing is " + name + ", expected \"halves\" or \"adjacent\"");
    }

    @Override
    public BitTransformer newModel() {
        return new BitTransformer(this);
    }

    /** Collects the values of a {@link BitTransformerConfig}. */
    public static final class Builder {
        private final int vocabSize;
        private final int hiddenSize;
        private final int layers;
        private final int heads;
        private int keyValueHeads;
        private int headDim;
        private int intermediateSize;
        private int maxPositions = 1024;
        private float ropeTheta = 10_000f;
        private Pairing ropePairing = Pairing.HALVES;
        private float rmsNormEps = 1e-5f;
        private HiddenAct hiddenAct = HiddenAct.RELU2; // BitNet's: its zeros cost nothing in precision of int8
        private boolean gated = true;
        private boolean subNorms = true; // int8 activations stay well scaled before the projections that need it most
        private boolean tied = true;
        private float initializerRange = 0.02f;
        private float dropout;
        private EmbeddingFormat embeddingFormat = EmbeddingFormat.FLOAT32;
        private BitQuantConfig quantConfig = BitQuantConfig.defaults();

        private Builder(int vocabSize, int hiddenSize, int layers, int heads) {
            this.vocabSize = vocabSize;
            this.hiddenSize = hiddenSize;
            this.layers = layers;
            this.heads = heads;
            this.keyValueHeads = heads;
            this.headDim = heads < 1 ? 0 : hiddenSize / heads;
            this.intermediateSize = defaultIntermediateSize(hiddenSize);
        }

        /** 8/3 of the hidden size, rounded up, so that the formats of exports can hold the projections. */
        private static int defaultIntermediateSize(int hiddenSize) {
            int step = hiddenSize < WIDE ? ROWS_OF_A_BYTE : COLUMNS_OF_A_SCALE;
            long size = Math.ceilDiv(Math.ceilDiv(8L * hiddenSize, 3L), step) * step;
            return (int) Math.min(Integer.MAX_VALUE / COLUMNS_OF_A_SCALE * COLUMNS_OF_A_SCALE, size);
        }

        /**
         * Sets the heads of keys and values.
         *
         * @param value a divisor of the query heads; default: as many as these
         * @return this builder
         */
        public Builder numKeyValueHeads(int value) {
            keyValueHeads = value;
            return this;
        }

        /**
         * Sets the features of a head.
         *
         * @param value an even number; default: hidden size / heads
         * @return this builder
         */
        public Builder headDim(int value) {
            headDim = value;
            return this;
        }

        /**
         * Sets the features inside the feed-forward part.
         *
         * @param value at least 1; default 8/3 of the hidden size (with a gate, as many weights as 4 without), rounded
         *     up to a multiple of 256, or of 4 below a hidden size of 256:
         *     {@link io.bitlab.models.pretrained.ExportFormat formats of other programs} want rows of such lengths
         * @return this builder
         */
        public Builder intermediateSize(int value) {
            intermediateSize = value;
            return this;
        }

        /**
         * Sets the positions of a conversation.
         *
         * @param value at least 1; default 1024
         * @return this builder
         */
        public Builder maxPositions(int value) {
            maxPositions = value;
            return this;
        }

        /**
         * Sets the base of the rotary embedding's frequencies.
         *
         * @param value above 1; default 10,000
         * @return this builder
         */
        public Builder ropeTheta(float value) {
            ropeTheta = value;
            return this;
        }

        /**
         * Sets which features are turned together.
         *
         * @param value default HALVES
         * @return this builder
         */
        public Builder ropePairing(Pairing value) {
            ropePairing = value;
            return this;
        }

        /**
         * Sets what keeps the norms' roots away from 0.
         *
         * @param value default 1e-5
         * @return this builder
         */
        public Builder rmsNormEps(float value) {
            rmsNormEps = value;
            return this;
        }

        /**
         * Sets the function of the feed-forward part.
         *
         * @param act default RELU2
         * @param withGate whether it is a gate; default true
         * @return this builder
         */
        public Builder activation(HiddenAct act, boolean withGate) {
            hiddenAct = act;
            gated = withGate;
            return this;
        }

        /**
         * Says whether norms stand before the last projections of both parts.
         *
         * @param value default true
         * @return this builder
         */
        public Builder subNorms(boolean value) {
            subNorms = value;
            return this;
        }

        /**
         * Says whether the embedding is the output head too.
         *
         * @param value default true
         * @return this builder
         */
        public Builder tieWordEmbeddings(boolean value) {
            tied = value;
            return this;
        }

        /**
         * Sets the standard deviation of the first weights.
         *
         * @param value default 0.02
         * @return this builder
         */
        public Builder initializerRange(float value) {
            initializerRange = value;
            return this;
        }

        /**
         * Sets the dropout after both parts of each block.
         *
         * @param value a probability in [0, 1); default 0
         * @return this builder
         */
        public Builder dropout(float value) {
            dropout = value;
            return this;
        }

        /**
         * Sets how embedding and head are kept in evaluation.
         *
         * @param value default FLOAT32
         * @return this builder
         */
        public Builder embeddingFormat(EmbeddingFormat value) {
            embeddingFormat = value;
            return this;
        }

        /**
         * Sets how the projections quantise.
         *
         * @param value default {@link BitQuantConfig#defaults()}; null for float projections
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
        public BitTransformerConfig build() {
            return new BitTransformerConfig(vocabSize, hiddenSize, intermediateSize, layers, heads, keyValueHeads,
                    headDim, maxPositions, ropeTheta, ropePairing, rmsNormEps, hiddenAct, gated, subNorms, tied,
                    initializerRange, dropout, embeddingFormat, quantConfig);
        }
    }
}
