package io.bitlab.models.transformer;

import io.bitlab.core.BitQuantConfig;
import io.bitlab.core.embedding.EmbeddingFormat;
import io.bitlab.core.ops.RotaryEmbedding.Pairing;
import io.bitlab.models.BitModelConfig;
import io.bitlab.models.config.ConfigChecks;
import io.bitlab.models.io.JsonObject;
import java.util.Map;

/**
 * The sizes and choices of a {@link BitTransformer}. Immutable.
 *
 * {@snippet class="io.bitlab.models.snippets.TransformerSnippets" region="config"}
 *
 * <p>The JSON names are those of Hugging Face's {@code config.json}. What Hugging Face implies by the architecture is
 * written out: {@code gated}, {@code sub_norms}, {@code rope_pairing}, {@code table_format} (for
 * {@code embeddingFormat}) and {@code dropout}.
 *
 * @param vocabSize number of tokens
 * @param hiddenSize features of a position
 * @param intermediateSize features inside the feed-forward part
 * @param numHiddenLayers number of blocks
 * @param numAttentionHeads number of query heads
 * @param numKeyValueHeads number of key and value heads; divides the number of query heads
 * @param headDim features of a head; even
 * @param maxPositionEmbeddings longest sequence that the model accepts; also the capacity of a new
 *     {@link DecodingSession}, unless its cache has another
 * @param ropeTheta base of the rotary embedding's frequencies
 * @param ropePairing which features of a head are rotated together
 * @param rmsNormEps epsilon of the RMSNorms
 * @param hiddenAct activation function of the feed-forward part
 * @param gated whether the activation gates a second projection (as in SwiGLU)
 * @param subNorms whether norms precede the last projection of attention and feed-forward, as in BitNet b1.58 2B4T
 * @param tieWordEmbeddings whether the output head shares the embedding's weights
 * @param initializerRange standard deviation of the initial weights
 * @param dropout probability of dropout after attention and feed-forward in each block, in training
 * @param embeddingFormat format of embedding and output head in evaluation
 * @param quantConfig how the projections quantise; null for a float network, see {@link #floatTwin()}
 */
public record BitTransformerConfig(int vocabSize, int hiddenSize, int intermediateSize, int numHiddenLayers,
        int numAttentionHeads, int numKeyValueHeads, int headDim, int maxPositionEmbeddings, float ropeTheta,
        Pairing ropePairing, float rmsNormEps, HiddenAct hiddenAct, boolean gated, boolean subNorms,
        boolean tieWordEmbeddings, float initializerRange, float dropout, EmbeddingFormat embeddingFormat,
        BitQuantConfig quantConfig) implements BitModelConfig<BitTransformer> {

    /** The {@code model_type} of these models. */
    public static final String MODEL_TYPE = "bittransformer";

    /** Far more than any model has; stops a damaged file from building millions. */
    private static final int MOST_LAYERS = 1000;
    private static final int MOST_POSITIONS = 1 << 24;
    private static final int MOST_FEATURES = 1 << 20;
    private static final int MOST_HEAD_FEATURES = 1 << 12;

    /** Checks the values. */
    public BitTransformerConfig {
        ConfigChecks checks = new ConfigChecks("BitTransformerConfig");
        checks.positive("vocab_size", vocabSize);
        checks.positive("hidden_size", hiddenSize, MOST_FEATURES);
        checks.positive("intermediate_size", intermediateSize, MOST_FEATURES);
        checks.positive("num_hidden_layers", numHiddenLayers, MOST_LAYERS);
        checks.positive("num_attention_heads", numAttentionHeads, MOST_FEATURES);
        checks.positive("num_key_value_heads", numKeyValueHeads);
        checks.positive("max_position_embeddings", maxPositionEmbeddings, MOST_POSITIONS);
        checks.require(numAttentionHeads % numKeyValueHeads == 0, "num_key_value_heads", numKeyValueHeads,
                "a divisor of num_attention_heads, " + numAttentionHeads);
        checks.require(headDim >= 2 && headDim <= MOST_HEAD_FEATURES && headDim % 2 == 0, "head_dim", headDim,
                "an even number from 2 to " + MOST_HEAD_FEATURES);
        checks.require(ropeTheta > 1f && ropeTheta < Float.POSITIVE_INFINITY, "rope_theta", ropeTheta,
                "a number above 1");
        checks.require(rmsNormEps > 0f && rmsNormEps < 1f, "rms_norm_eps", rmsNormEps, "a small positive number");
        checks.require(initializerRange > 0f && initializerRange < 100f, "initializer_range", initializerRange,
                "a positive number");
        checks.dropout("dropout", dropout);
        checks.scaleForEachToken(quantConfig);
        embeddingFormat.requireInMemory("BitTransformerConfig");
    }

    // ---------------------------------------------------------------- presets

    /**
     * A character model of the size that nanoGPT suggests for a CPU: 4 layers, 4 heads, width 128, context 64.
     *
     * @param vocabSize number of characters
     * @return the configuration
     */
    public static BitTransformerConfig character(int vocabSize) {
        return builder(vocabSize, 128, 4, 4).maxPositionEmbeddings(64).build();
    }

    /**
     * About 27 million ternary weights: 8 layers, 8 heads, width 512, context 512.
     *
     * @param vocabSize number of tokens
     * @return the configuration
     */
    public static BitTransformerConfig small(int vocabSize) {
        return builder(vocabSize, 512, 8, 8).maxPositionEmbeddings(512).build();
    }

    /**
     * About 100 million ternary weights, 125 million with an embedding of 32,000 tokens: 12 layers, 12 heads, width
     * 768, context 1024, like the smallest GPT-2.
     *
     * @param vocabSize number of tokens
     * @return the configuration
     */
    public static BitTransformerConfig base(int vocabSize) {
        return builder(vocabSize, 768, 12, 12).intermediateSize(2560).maxPositionEmbeddings(1024).build();
    }

    /**
     * BitNet b1.58 2B4T (Ma et al., <i>BitNet b1.58 2B4T Technical Report</i>, 2025): 2.1 billion ternary weights, and
     * an embedding of 128,256 tokens that is kept as int8.
     *
     * @return the configuration
     */
    public static BitTransformerConfig bitnet2B4T() {
        return builder(128_256, 2560, 30, 20).numKeyValueHeads(5).intermediateSize(6912).maxPositionEmbeddings(4096)
                .ropeTheta(500_000f).embeddingFormat(EmbeddingFormat.INT8).build();
    }

    /**
     * A builder with the defaults that its methods give.
     *
     * @param vocabSize number of tokens
     * @param hiddenSize features of a position
     * @param numHiddenLayers number of blocks
     * @param numAttentionHeads number of query heads
     * @return a new builder
     */
    public static Builder builder(int vocabSize, int hiddenSize, int numHiddenLayers, int numAttentionHeads) {
        Builder builder = new Builder();
        builder.fields.vocabSize.set(vocabSize);
        builder.fields.hiddenSize.set(hiddenSize);
        builder.fields.numHiddenLayers.set(numHiddenLayers);
        builder.fields.numAttentionHeads.set(numAttentionHeads);
        return builder;
    }

    /**
     * A builder that starts from this configuration.
     *
     * @return a new builder
     */
    public Builder toBuilder() {
        Builder builder = new Builder();
        builder.fields.all.copyFrom(this);
        return builder;
    }

    /**
     * The same network with float projections, for comparison. With the same seed, it starts from the same weights.
     *
     * @return this configuration without quantisation
     */
    public BitTransformerConfig floatTwin() {
        return toBuilder().quantConfig(null).build();
    }

    /**
     * This configuration with another embedding format.
     *
     * @param format the format of embedding and output head in evaluation
     * @return the changed copy
     */
    public BitTransformerConfig withEmbeddingFormat(EmbeddingFormat format) {
        return toBuilder().embeddingFormat(format).build();
    }

    // ---------------------------------------------------------------- JSON

    @Override
    public String modelType() {
        return MODEL_TYPE;
    }

    @Override
    public Map<String, Object> toMap() {
        return toBuilder().fields.all.toMap();
    }

    /**
     * Reads what {@link #toMap()} returns.
     *
     * @param json member by name; vocabulary, hidden size, layers and heads are required, other members take their
     *     defaults if they are missing
     * @return the configuration
     * @throws IllegalArgumentException if a member is unknown, missing or has a value that is not allowed
     */
    public static BitTransformerConfig fromMap(Map<String, ?> json) {
        JsonObject object = JsonObject.of("BitTransformerConfig", json);
        BitTransformerConfig config = read(object);
        object.requireNothingElse();
        return config;
    }

    /** Reads the members of this configuration, and leaves others to the caller. */
    static BitTransformerConfig read(JsonObject json) {
        Builder builder = new Builder();
        builder.fields.all.read(json);
        return builder.build();
    }

    @Override
    public BitTransformer newModel() {
        return new BitTransformer(this);
    }

    /** Builds a {@link BitTransformerConfig}. For one thread. */
    public static final class Builder {
        private final BitTransformerFields fields = new BitTransformerFields();

        private Builder() {
        }

        /**
         * Sets the features inside the feed-forward part.
         *
         * @param value at least 1; default 8/3 of the hidden size (with a gate, as many weights as 4 times it without),
         *     rounded up to a multiple of 256, or of 4 below a hidden size of 256, because {@linkplain
         *     io.bitlab.models.pretrained.ExportFormat other programs' formats} need rows of such lengths
         * @return this builder
         */
        public Builder intermediateSize(int value) {
            fields.intermediateSize.set(value);
            return this;
        }

        /**
         * Sets the number of key and value heads.
         *
         * @param value a divisor of the number of query heads; default: as many as query heads
         * @return this builder
         */
        public Builder numKeyValueHeads(int value) {
            fields.numKeyValueHeads.set(value);
            return this;
        }

        /**
         * Sets the features of a head.
         *
         * @param value an even number; default: hidden size / query heads
         * @return this builder
         */
        public Builder headDim(int value) {
            fields.headDim.set(value);
            return this;
        }

        /**
         * Sets the longest sequence that the model accepts.
         *
         * @param value positions, at least 1; default 1024
         * @return this builder
         */
        public Builder maxPositionEmbeddings(int value) {
            fields.maxPositionEmbeddings.set(value);
            return this;
        }

        /**
         * Sets the base of the rotary embedding's frequencies.
         *
         * @param value above 1; default 10,000
         * @return this builder
         */
        public Builder ropeTheta(float value) {
            fields.ropeTheta.set(value);
            return this;
        }

        /**
         * Sets which features of a head are rotated together.
         *
         * @param value default HALVES
         * @return this builder
         */
        public Builder ropePairing(Pairing value) {
            fields.ropePairing.set(value);
            return this;
        }

        /**
         * Sets the epsilon of the RMSNorms.
         *
         * @param value in (0, 1); default 1e-5
         * @return this builder
         */
        public Builder rmsNormEps(float value) {
            fields.rmsNormEps.set(value);
            return this;
        }

        /**
         * Sets the activation function of the feed-forward part.
         *
         * @param value default RELU2
         * @return this builder
         */
        public Builder hiddenAct(HiddenAct value) {
            fields.hiddenAct.set(value);
            return this;
        }

        /**
         * Sets whether the activation gates a second projection.
         *
         * @param value default true
         * @return this builder
         */
        public Builder gated(boolean value) {
            fields.gated.set(value);
            return this;
        }

        /**
         * Sets whether norms precede the last projection of attention and feed-forward.
         *
         * @param value default true
         * @return this builder
         */
        public Builder subNorms(boolean value) {
            fields.subNorms.set(value);
            return this;
        }

        /**
         * Sets whether the output head shares the embedding's weights.
         *
         * @param value default true
         * @return this builder
         */
        public Builder tieWordEmbeddings(boolean value) {
            fields.tieWordEmbeddings.set(value);
            return this;
        }

        /**
         * Sets the standard deviation of the initial weights.
         *
         * @param value default 0.02
         * @return this builder
         */
        public Builder initializerRange(float value) {
            fields.initializerRange.set(value);
            return this;
        }

        /**
         * Sets the dropout after attention and feed-forward in each block.
         *
         * @param value a probability in [0, 1); default 0
         * @return this builder
         */
        public Builder dropout(float value) {
            fields.dropout.set(value);
            return this;
        }

        /**
         * Sets the format of embedding and output head in evaluation.
         *
         * @param value default FLOAT32
         * @return this builder
         */
        public Builder embeddingFormat(EmbeddingFormat value) {
            fields.embeddingFormat.set(value);
            return this;
        }

        /**
         * Sets how the projections quantise.
         *
         * @param value default {@link BitQuantConfig#defaults()}; null for float projections
         * @return this builder
         */
        public Builder quantConfig(BitQuantConfig value) {
            fields.quantConfig.set(value);
            return this;
        }

        /**
         * Makes the configuration.
         *
         * @return the configuration
         * @throws IllegalArgumentException if a value is not allowed
         */
        public BitTransformerConfig build() {
            return fields.toConfig();
        }
    }
}
