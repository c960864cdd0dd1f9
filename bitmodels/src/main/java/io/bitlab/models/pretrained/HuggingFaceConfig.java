package io.bitlab.models.pretrained;

import io.bitlab.models.io.ConfigReader;
import io.bitlab.models.transformer.BitTransformerConfig;
import io.bitlab.models.transformer.HiddenAct;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * What a {@code config.json} of Hugging Face's says.
 *
 * @param transformer sizes and choices
 * @param packing what packed weights mean
 */
record HuggingFaceConfig(BitTransformerConfig transformer, Packing packing) {

    /** What the weights of projections are. */
    enum Packing {
        /** Packed trits, to be multiplied by their scale: {@code autobitlinear}. */
        MULTIPLIED,
        /** Packed trits, to be divided by their scale: {@code bitlinear}. */
        DIVIDED,
        /** Floats that the model rounds in each forward: {@code online}. */
        LATENT,
        /** Floats, of which nothing is said. */
        FLOAT
    }

    private static final String QUANTIZATION = "quantization_config";
    private static final String ROPE_THETA = "rope_theta";

    /** Whether a configuration is one of Hugging Face's: ours have neither. */
    static boolean isOne(Map<String, Object> json) {
        return json.containsKey("architectures") || "bitnet".equals(json.get("model_type"))
                || "llama".equals(json.get("model_type"));
    }

    /**
     * Reads a configuration. What is missing has the value that Hugging Face's code gives it.
     *
     * @param json the object
     * @param source what it is, for messages
     * @param hasHead whether there is a tensor for the head
     * @throws IllegalArgumentException if a member has a value that isn't supported
     */
    static HuggingFaceConfig read(Map<String, Object> json, String source, boolean hasHead) {
        Map<String, Object> members = new LinkedHashMap<>(json);
        members.values().removeIf(Objects::isNull); // means: the default
        ConfigReader reader = new ConfigReader(source, members);
        boolean bitnet = isBitnet(members, source);
        for (String biases : List.of("attention_bias", "mlp_bias")) {
            if (reader.bool(biases, false)) {
                throw new IllegalArgumentException(source + ": " + biases + " is true, expected projections without");
            }
        }
        BitTransformerConfig.Builder builder = BitTransformerConfig
                .builder(reader.integer("vocab_size"), reader.integer("hidden_size"),
                        reader.integer("num_hidden_layers"), reader.integer("num_attention_heads"))
                .intermediateSize(reader.integer("intermediate_size"))
                .maxPositions(reader.integer("max_position_embeddings", 2048))
                .ropeTheta(ropeTheta(reader, source, bitnet ? 500_000f : 10_000f))
                .rmsNormEps(reader.number("rms_norm_eps", bitnet ? 1e-5f : 1e-6f))
                .activation(HiddenAct.parse(members.getOrDefault("hidden_act", bitnet ? "relu2" : "silu")), true)
                .subNorms(bitnet)
                .tieWordEmbeddings(reader.bool("tie_word_embeddings", !hasHead));
        if (reader.has("num_key_value_heads")) {
            builder.numKeyValueHeads(reader.integer("num_key_value_heads"));
        }
        if (reader.has("head_dim")) {
            builder.headDim(reader.integer("head_dim"));
        }
        return new HuggingFaceConfig(builder.build(), packing(reader, source));
    }

    private static boolean isBitnet(Map<String, Object> members, String source) {
        Object kind = members.get("architectures") instanceof List<?> list && !list.isEmpty() ? list.getFirst()
                : members.get("model_type");
        return switch (String.valueOf(kind)) {
            case "BitNetForCausalLM", "bitnet" -> true;
            case "LlamaForCausalLM", "llama" -> false;
            default -> throw new IllegalArgumentException(source + ": architecture " + kind
                    + " is not supported, expected BitNetForCausalLM or LlamaForCausalLM");
        };
    }

    private static float ropeTheta(ConfigReader reader, String source, float absent) {
        float theta = reader.number(ROPE_THETA, absent);
        for (String name : List.of("rope_scaling", "rope_parameters")) { // of older and newer versions
            Optional<Map<String, Object>> found = reader.object(name);
            if (found.isEmpty()) {
                continue;
            }
            Map<String, Object> rope = found.get();
            Object type = rope.getOrDefault("rope_type", rope.getOrDefault("type", "default"));
            if (!"default".equals(type)) {
                throw new IllegalArgumentException(source + ": " + name + " has the type " + type
                        + ", expected default; scaled rotary embeddings are not supported");
            }
            ConfigReader ropeReader = new ConfigReader(source + ", " + name, rope);
            float part = ropeReader.number("partial_rotary_factor", 1f);
            if (part != 1f) {
                throw new IllegalArgumentException(source + ": " + name + " has the partial_rotary_factor " + part
                        + ", expected 1");
            }
            theta = ropeReader.number(ROPE_THETA, theta);
        }
        return theta;
    }

    private static Packing packing(ConfigReader reader, String source) {
        Optional<Map<String, Object>> found = reader.object(QUANTIZATION);
        if (found.isEmpty()) {
            return Packing.FLOAT;
        }
        Map<String, Object> quantization = found.get();
        String name = source + ", " + QUANTIZATION;
        if (!"bitnet".equals(quantization.get("quant_method"))) {
            throw new IllegalArgumentException(name + ": quant_method is " + quantization.get("quant_method")
                    + ", expected bitnet, or floats without " + QUANTIZATION);
        }
        if (new ConfigReader(name, quantization).bool("use_rms_norm", false)) {
            throw new IllegalArgumentException(name + ": use_rms_norm is true, expected projections without norms");
        }
        Object mode = quantization.getOrDefault("quantization_mode", "offline");
        if ("online".equals(mode)) {
            return Packing.LATENT;
        }
        if (!"offline".equals(mode)) {
            throw new IllegalArgumentException(name + ": quantization_mode is " + mode
                    + ", expected offline or online");
        }
        Object linear = quantization.getOrDefault("linear_class", "bitlinear");
        return switch (String.valueOf(linear)) {
            case "autobitlinear" -> Packing.MULTIPLIED;
            case "bitlinear" -> Packing.DIVIDED;
            default -> throw new IllegalArgumentException(name + ": linear_class is " + linear
                    + ", expected bitlinear or autobitlinear");
        };
    }
}
