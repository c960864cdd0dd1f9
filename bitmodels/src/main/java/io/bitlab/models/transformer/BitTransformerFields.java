package io.bitlab.models.transformer;

import io.bitlab.core.BitQuantConfig;
import io.bitlab.core.embedding.EmbeddingFormat;
import io.bitlab.core.ops.RotaryEmbedding.Pairing;
import io.bitlab.models.config.ConfigField;
import io.bitlab.models.config.ConfigFields;

/** The settings of a {@link BitTransformerConfig} that is being built: each with its JSON name and its default. */
final class BitTransformerFields {

    /** A narrower model has no rows of 256 anyway, and rounding up to them would add more than a third to it. */
    private static final int WIDE = 256;
    private static final int COLUMNS_OF_A_SCALE = 256; // TQ1_0 and TQ2_0; I2_S packs 128 together
    private static final int ROWS_OF_A_BYTE = 4; // Hugging Face

    final ConfigFields<BitTransformerConfig> all = new ConfigFields<>();
    final ConfigField<Integer> vocabSize =
            all.requiredInteger("vocab_size", BitTransformerConfig::vocabSize);
    final ConfigField<Integer> hiddenSize =
            all.requiredInteger("hidden_size", BitTransformerConfig::hiddenSize);
    final ConfigField<Integer> intermediateSize = all.integer("intermediate_size",
            BitTransformerConfig::intermediateSize, this::defaultIntermediateSize);
    final ConfigField<Integer> numHiddenLayers =
            all.requiredInteger("num_hidden_layers", BitTransformerConfig::numHiddenLayers);
    final ConfigField<Integer> numAttentionHeads =
            all.requiredInteger("num_attention_heads", BitTransformerConfig::numAttentionHeads);
    final ConfigField<Integer> numKeyValueHeads = all.integer("num_key_value_heads",
            BitTransformerConfig::numKeyValueHeads, numAttentionHeads::get);
    final ConfigField<Integer> headDim =
            all.integer("head_dim", BitTransformerConfig::headDim, this::defaultHeadDim);
    final ConfigField<Integer> maxPositionEmbeddings =
            all.integer("max_position_embeddings", BitTransformerConfig::maxPositionEmbeddings, 1024);
    final ConfigField<Float> ropeTheta =
            all.number("rope_theta", BitTransformerConfig::ropeTheta, 10_000f);
    final ConfigField<Pairing> ropePairing = all.choice("rope_pairing",
            BitTransformerConfig::ropePairing, Pairing.values(), Pairing.HALVES);
    final ConfigField<Float> rmsNormEps =
            all.number("rms_norm_eps", BitTransformerConfig::rmsNormEps, 1e-5f);
    // BitNet's: its zeros cost no int8 precision.
    final ConfigField<HiddenAct> hiddenAct = all.choice("hidden_act", BitTransformerConfig::hiddenAct,
            HiddenAct::jsonName, HiddenAct::parse, HiddenAct.RELU2);
    final ConfigField<Boolean> gated = all.bool("gated", BitTransformerConfig::gated, true);
    // They keep int8 activations well scaled before the projections that need it most.
    final ConfigField<Boolean> subNorms = all.bool("sub_norms", BitTransformerConfig::subNorms, true);
    final ConfigField<Boolean> tieWordEmbeddings =
            all.bool("tie_word_embeddings", BitTransformerConfig::tieWordEmbeddings, true);
    final ConfigField<Float> initializerRange =
            all.number("initializer_range", BitTransformerConfig::initializerRange, 0.02f);
    final ConfigField<Float> dropout = all.number("dropout", BitTransformerConfig::dropout, 0f);
    final ConfigField<EmbeddingFormat> embeddingFormat = all.choice("table_format",
            BitTransformerConfig::embeddingFormat, EmbeddingFormat::jsonName, EmbeddingFormat::parse,
            EmbeddingFormat.FLOAT32);
    final ConfigField<BitQuantConfig> quantConfig =
            all.quantConfig("quantization_config", BitTransformerConfig::quantConfig);

    private int defaultHeadDim() {
        return numAttentionHeads.get() < 1 ? 0 : hiddenSize.get() / numAttentionHeads.get();
    }

    /** 8/3 of the hidden size, rounded up so that the export formats can hold the projections. */
    private int defaultIntermediateSize() {
        int step = hiddenSize.get() < WIDE ? ROWS_OF_A_BYTE : COLUMNS_OF_A_SCALE;
        long size = Math.ceilDiv(Math.ceilDiv(8L * hiddenSize.get(), 3L), step) * step;
        return (int) Math.min(Integer.MAX_VALUE / COLUMNS_OF_A_SCALE * COLUMNS_OF_A_SCALE, size);
    }

    BitTransformerConfig toConfig() {
        return new BitTransformerConfig(vocabSize.get(), hiddenSize.get(), intermediateSize.get(),
                numHiddenLayers.get(), numAttentionHeads.get(), numKeyValueHeads.get(), headDim.get(),
                maxPositionEmbeddings.get(), ropeTheta.get(), ropePairing.get(), rmsNormEps.get(), hiddenAct.get(),
                gated.get(), subNorms.get(), tieWordEmbeddings.get(), initializerRange.get(), dropout.get(),
                embeddingFormat.get(), quantConfig.get());
    }
}
