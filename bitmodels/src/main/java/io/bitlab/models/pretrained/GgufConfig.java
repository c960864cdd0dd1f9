package io.bitlab.models.pretrained;

import io.bitlab.core.ops.RotaryEmbedding.Pairing;
import io.bitlab.models.internal.Quote;
import io.bitlab.models.io.ModelFormatException;
import io.bitlab.models.io.gguf.GgufFile;
import io.bitlab.models.transformer.BitTransformerConfig;
import io.bitlab.models.transformer.HiddenAct;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** Reads the configuration of a model from the metadata of a GGUF file. */
final class GgufConfig {

    private static final String ARCHITECTURE = "general.architecture";

    /** Factors that llama3 applies to the rotary frequencies. */
    private static final String ROPE_FACTORS = "rope_freqs.weight";

    private final GgufFile file;
    private final Map<String, Object> metadata;
    private final String architecture;

    private GgufConfig(GgufFile file) {
        this.file = file;
        this.metadata = file.metadata();
        this.architecture = String.valueOf(metadata.get(ARCHITECTURE));
    }

    /** Throws if a value is missing, wrong or not supported. */
    static BitTransformerConfig read(GgufFile file) throws ModelFormatException {
        try {
            return new GgufConfig(file).read();
        } catch (IllegalArgumentException e) {
            throw new ModelFormatException(file.path().toString(), e.getMessage(), e);
        }
    }

    private BitTransformerConfig read() throws ModelFormatException {
        boolean llama = switch (architecture) {
            case "llama" -> true;
            case "bitnet-b1.58", "bitnet-25", "bitnet" -> false;
            default -> throw wrong(ARCHITECTURE, "bitnet-b1.58, bitnet-25, bitnet or llama");
        };
        int heads = integer("attention.head_count");
        int hidden = integer("embedding_length");
        BitTransformerConfig config = BitTransformerConfig.builder(vocabulary(), hidden, integer("block_count"), heads)
                .numKeyValueHeads(integer("attention.head_count_kv", heads))
                .headDim(integer("attention.key_length", heads < 1 ? 0 : hidden / heads))
                .intermediateSize(integer("feed_forward_length"))
                .maxPositionEmbeddings(integer("context_length"))
                .ropeTheta(number("rope.freq_base", 10_000f))
                // llama.cpp permutes the query and key rows of architecture llama, but of no other here
                .ropePairing(llama ? Pairing.ADJACENT : Pairing.HALVES)
                .rmsNormEps(number("attention.layer_norm_rms_epsilon", llama ? 1e-6f : 1e-5f))
                .hiddenAct(llama || architecture.equals("bitnet") ? HiddenAct.SILU : HiddenAct.RELU2).gated(true)
                .subNorms(!llama)
                .tieWordEmbeddings(!file.contains("output.weight"))
                .build();
        requireSupported(config.headDim());
        return config;
    }

    private void requireSupported(int headDim) throws ModelFormatException {
        requireEqual("attention.value_length", headDim);
        requireEqual("rope.dimension_count", headDim);
        requireEqual("expert_count", 0);
        // as in llama.cpp: linear unless it is named, the factor under its old name too, and 0 for none
        Object scaling = metadata.getOrDefault(key("rope.scaling.type"), "linear");
        float linear = number("rope.scaling.factor", number("rope.scale_linear", 0f));
        if (!scaling.equals("none") && !(scaling.equals("linear") && (linear == 0f || linear == 1f))) {
            throw new ModelFormatException(file.path().toString(), "rotary embedding: scaling " + Quote.value(scaling)
                    + " with factor " + linear + ", expected none; scaled rotary embeddings are not supported");
        }
        if (file.contains(ROPE_FACTORS)) {
            for (float factor : file.floats(ROPE_FACTORS)) {
                if (factor != 1f) {
                    throw new ModelFormatException(file.path().toString(), "tensor " + file.info(ROPE_FACTORS)
                            + ": a factor is " + factor + ", expected 1; scaled rotary embeddings are not supported");
                }
            }
        }
    }

    private void requireEqual(String name, int expected) throws ModelFormatException {
        if (integer(name, expected) != expected) {
            throw wrong(key(name), Integer.toString(expected));
        }
    }

    /** The value in the file, or the size of its tokenizer or embedding. */
    private int vocabulary() throws ModelFormatException {
        if (metadata.containsKey(key("vocab_size"))) {
            return integer("vocab_size");
        }
        if (metadata.get("tokenizer.ggml.tokens") instanceof List<?> tokens) {
            return tokens.size();
        }
        int[] table = file.info("token_embd.weight").shape();
        if (table.length != 2) {
            throw new ModelFormatException(file.path().toString(), "token_embd.weight has the shape "
                    + Arrays.toString(table) + ", expected a matrix with a row for each token");
        }
        return table[0];
    }

    private String key(String name) {
        return architecture + "." + name;
    }

    private int integer(String name) throws ModelFormatException {
        if (metadata.get(key(name)) instanceof Long value && value == value.intValue()) {
            return value.intValue();
        }
        throw wrong(key(name), "a whole number");
    }

    private int integer(String name, int absent) throws ModelFormatException {
        return metadata.containsKey(key(name)) ? integer(name) : absent;
    }

    private float number(String name, float absent) throws ModelFormatException {
        Object value = metadata.get(key(name));
        if (value == null) {
            return absent;
        }
        if (value instanceof Number number) {
            return number.floatValue();
        }
        throw wrong(key(name), "a number");
    }

    private ModelFormatException wrong(String key, String expected) {
        Object value = metadata.get(key);
        return new ModelFormatException(file.path().toString(), "metadata '" + key + "' is "
                + (value == null ? "missing" : Quote.value(value)) + ", expected "
                + expected);
    }
}
