package io.bitlab.models.pretrained;

import io.bitlab.models.internal.Quote;
import io.bitlab.models.io.JsonObject;
import io.bitlab.models.transformer.BitTransformerConfig;
import io.bitlab.models.transformer.HiddenAct;
import java.util.List;
import java.util.Map;

/**
 * The content of a Hugging Face {@code config.json}.
 *
 * @param transformer sizes and choices of the model
 * @param packing how the weights of the projections are stored
 */
record HuggingFaceConfig(BitTransformerConfig transformer, Packing packing) {

    /** How the weights of the projections are stored. */
    enum Packing {
        /** Packed trits to multiply by the scale: {@code autobitlinear}. */
        MULTIPLIED,
        /** Packed trits to divide by the scale: {@code bitlinear}. */
        DIVIDED,
        /** Latent floats that the model rounds in each forward pass: {@code online}. */
        LATENT,
        /** Floats, without a quantization_config. */
        FLOAT
    }

    private static final String QUANTIZATION = "quantization_config";
    private static final String ROPE_THETA = "rope_theta";

    /** Whether a configuration is Hugging Face's: those of BitLab have neither member. */
    static boolean isOne(Map<String, Object> json) {
        return json.containsKey("architectures") || "bitnet".equals(json.get("model_type"))
                || "llama".equals(json.get("model_type"));
    }

    /**
     * Reads a configuration. Members that are missing or null take Hugging Face's defaults.
     *
     * @param members the object
     * @param source the file, for messages
     * @param hasHead whether the checkpoint has a separate output head
     * @throws IllegalArgumentException if a member has a value that isn't supported
     */
    static HuggingFaceConfig read(Map<String, Object> members, String source, boolean hasHead) {
        JsonObject json = JsonObject.of(source, members);
        boolean bitnet = isBitnet(json, source);
        for (String biases : List.of("attention_bias", "mlp_bias")) {
            if (json.isTrue(biases)) {
                throw json.wrong(biases, "projections without");
            }
        }
        BitTransformerConfig.Builder builder = BitTransformerConfig
                .builder(json.integer("vocab_size"), json.integer("hidden_size"), json.integer("num_hidden_layers"),
                        json.integer("num_attention_heads"))
                .intermediateSize(json.integer("intermediate_size"))
                .maxPositionEmbeddings(json.optionalInteger("max_position_embeddings").orElse(2048))
                .ropeTheta(ropeTheta(json, bitnet ? 500_000f : 10_000f))
                .rmsNormEps(json.optionalNumber("rms_norm_eps").orElse(bitnet ? 1e-5f : 1e-6f))
                .hiddenAct(HiddenAct.parse(json.optionalString("hidden_act").orElse(bitnet ? "relu2" : "silu")))
                .gated(true)
                .subNorms(bitnet)
                .tieWordEmbeddings(json.optionalBool("tie_word_embeddings").orElse(!hasHead));
        json.optionalInteger("num_key_value_heads").ifPresent(builder::numKeyValueHeads);
        json.optionalInteger("head_dim").ifPresent(builder::headDim);
        return new HuggingFaceConfig(builder.build(), packing(json));
    }

    private static boolean isBitnet(JsonObject json, String source) {
        String name = json.strings("architectures").stream().findFirst()
                .or(() -> json.optionalString("model_type")).orElse("null");
        return switch (name) {
            case "BitNetForCausalLM", "bitnet" -> true;
            case "LlamaForCausalLM", "llama" -> false;
            default -> throw new IllegalArgumentException(source + ": architecture " + Quote.value(name)
                    + " is not supported, expected BitNetForCausalLM or LlamaForCausalLM");
        };
    }

    private static float ropeTheta(JsonObject json, float absent) {
        float theta = json.optionalNumber(ROPE_THETA).orElse(absent);
        for (String name : List.of("rope_scaling", "rope_parameters")) { // in older and newer versions
            JsonObject rope = json.optionalObject(name).orElse(null);
            if (rope == null) {
                continue;
            }
            String type = rope.has("rope_type") ? "rope_type" : "type";
            if (rope.has(type) && !rope.string(type).equals("default")) {
                throw rope.wrong(type, "default; scaled rotary embeddings are not supported");
            }
            if (rope.optionalNumber("partial_rotary_factor").orElse(1f) != 1f) {
                throw rope.wrong("partial_rotary_factor", "1");
            }
            theta = rope.optionalNumber(ROPE_THETA).orElse(theta);
        }
        return theta;
    }

    private static Packing packing(JsonObject json) {
        JsonObject quantization = json.optionalObject(QUANTIZATION).orElse(null);
        if (quantization == null) {
            return Packing.FLOAT;
        }
        if (!quantization.optionalString("quant_method").orElse("").equals("bitnet")) {
            throw quantization.wrong("quant_method", "bitnet, or floats without " + QUANTIZATION);
        }
        if (quantization.isTrue("use_rms_norm")) {
            throw quantization.wrong("use_rms_norm", "projections without norms");
        }
        return switch (quantization.optionalString("quantization_mode").orElse("offline")) {
            case "online" -> Packing.LATENT;
            case "offline" -> switch (quantization.optionalString("linear_class").orElse("bitlinear")) {
                case "autobitlinear" -> Packing.MULTIPLIED;
                case "bitlinear" -> Packing.DIVIDED;
                default -> throw quantization.wrong("linear_class", "bitlinear or autobitlinear");
            };
            default -> throw quantization.wrong("quantization_mode", "offline or online");
        };
    }
}
