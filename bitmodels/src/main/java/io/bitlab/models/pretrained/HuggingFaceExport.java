package io.bitlab.models.pretrained;

import io.bitlab.core.embedding.EmbeddingFormat;
import io.bitlab.core.math.Bfloat16;
import io.bitlab.core.ops.RotaryEmbedding.Pairing;
import io.bitlab.core.quant.TernaryMatrix;
import io.bitlab.models.internal.RoundingError;
import io.bitlab.models.io.AtomicFile;
import io.bitlab.models.io.Json;
import io.bitlab.models.io.folder.ModelFolder;
import io.bitlab.models.io.safetensors.DType;
import io.bitlab.models.io.safetensors.SafetensorsWriter;
import io.bitlab.models.tokenizer.Tokenizer;
import io.bitlab.models.tokenizer.Tokenizers;
import io.bitlab.models.transformer.BitTransformer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/** Writes a Hugging Face folder: BitNetForCausalLM or LlamaForCausalLM, with weights packed as autobitlinear. */
final class HuggingFaceExport extends TransformerExport {

    private final RoundingError scaleError = new RoundingError();

    HuggingFaceExport(BitTransformer model, Tokenizer tokenizer, Path target, ExportOptions options) {
        super(model, tokenizer, target, ExportFormat.HUGGING_FACE, options);
    }

    @Override
    ExportReport write() throws IOException {
        EmbeddingFormat type = embeddingFormat();
        SafetensorsWriter writer = new SafetensorsWriter().metadata("format", "pt");
        for (String name : state.names()) {
            if (state.isTernary(name)) {
                addTernary(writer, name, state.ternary(name));
            } else if (isEmbedding(name)) {
                StoredRows embedding = stored(name, type);
                FloatRows rows = FloatRows.of(state, name);
                writer.content(name, dtype(type), out -> {
                    embedding.writeTo(out);
                    written(name);
                }, rows.rows(), rows.columns());
            } else {
                StoredRows vector = stored(name, EmbeddingFormat.FLOAT32);
                writer.content(name, DType.F32, out -> {
                    vector.writeTo(out);
                    written(name);
                }, state.tensor(name).shape());
            }
        }
        createFolder(Tokenizers.FILE, Tokenizers.CONFIG_FILE);
        Path file = target.resolve(ModelFolder.MODEL_FILE);
        writer.write(file);
        AtomicFile.replace(target.resolve(ModelFolder.CONFIG_FILE), Json.pretty(json(type)));
        Path tokenizerFile = target.resolve(Tokenizers.FILE);
        if (tokenizer != null) {
            Tokenizers.writeFolder(tokenizer, target, config.maxPositionEmbeddings());
        }
        writeChatTemplate();
        return new ExportReport(file, Files.size(file), tokenizer == null ? null : tokenizerFile,
                scaleError.largest(), embeddingError.largest());
    }

    private void addTernary(SafetensorsWriter writer, String name, TernaryMatrix matrix) {
        float scale = ExportLimits.commonScale(matrix);
        writer.content(name, DType.U8, out -> {
            HuggingFacePacking.write(RotaryPermutation.apply(name, matrix, config, Pairing.HALVES), out);
            written(name);
        }, matrix.outFeatures() / HuggingFacePacking.BLOCKS, matrix.inFeatures());
        String scaleName = name + "_scale";
        if (options.bfloat16Scales()) {
            short bits = rounded(scaleName, scale);
            byte[] bytes = ByteBuffer.allocate(2).order(ByteOrder.LITTLE_ENDIAN).putShort(bits).array();
            writer.bytes(scaleName, DType.BF16, bytes, 1);
        } else {
            writer.floats(scaleName, new float[] {scale}, 1);
        }
    }

    private short rounded(String scaleName, float scale) {
        short bits = Bfloat16.fromFloat(scale);
        float stored = Bfloat16.toFloat(bits);
        if (stored != scale) {
            double error = RoundingError.relative(scale, stored);
            require(options.allowRounding() && Float.isFinite(stored),
                    "tensor '" + scaleName + "' is " + scale + ", as BF16 it would be " + stored
                            + ", with a relative error of " + error,
                    "a BF16 number; allow rounding, or write F32 scales");
            scaleError.add(error);
        }
        return bits;
    }

    private static DType dtype(EmbeddingFormat type) {
        return switch (type) {
            case FLOAT32 -> DType.F32;
            case BFLOAT16 -> DType.BF16;
            case FLOAT16 -> DType.F16;
            case INT8, NF4 -> throw new IllegalArgumentException(type + " has no type in safetensors of Hugging Face");
        };
    }

    private static Integer boxed(OptionalInt id) {
        return id.isPresent() ? id.getAsInt() : null;
    }

    private Map<String, Object> json(EmbeddingFormat type) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("architectures", List.of(config.subNorms() ? "BitNetForCausalLM" : "LlamaForCausalLM"));
        json.put("model_type", config.subNorms() ? "bitnet" : "llama");
        json.put("vocab_size", config.vocabSize());
        json.put("hidden_size", config.hiddenSize());
        json.put("intermediate_size", config.intermediateSize());
        json.put("num_hidden_layers", config.numHiddenLayers());
        json.put("num_attention_heads", config.numAttentionHeads());
        json.put("num_key_value_heads", config.numKeyValueHeads());
        json.put("head_dim", config.headDim());
        json.put("max_position_embeddings", config.maxPositionEmbeddings());
        json.put("rope_theta", config.ropeTheta());
        json.put("rms_norm_eps", config.rmsNormEps());
        json.put("hidden_act", config.hiddenAct().jsonName());
        json.put("tie_word_embeddings", config.tieWordEmbeddings());
        json.put("initializer_range", config.initializerRange());
        json.put("attention_bias", false);
        if (!config.subNorms()) {
            json.put("mlp_bias", false);
        }
        // transformers rounds everything to this type when loading
        json.put("torch_dtype", options.bfloat16Scales() && type == EmbeddingFormat.BFLOAT16 ? "bfloat16" : "float32");
        json.put("use_cache", true);
        // without them, transformers uses those of the first model of this type
        json.put("bos_token_id", tokenizer == null ? null : boxed(tokenizer.bos()));
        json.put("eos_token_id", tokenizer == null ? null : boxed(tokenizer.eos()));
        json.put("quantization_config", Map.of("quant_method", "bitnet", "linear_class", "autobitlinear",
                "quantization_mode", "offline"));
        return json;
    }
}
