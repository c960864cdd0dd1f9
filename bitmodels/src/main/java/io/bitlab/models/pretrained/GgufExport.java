package io.bitlab.models.pretrained;

import io.bitlab.core.embedding.EmbeddingFormat;
import io.bitlab.core.ops.RotaryEmbedding.Pairing;
import io.bitlab.core.quant.TernaryMatrix;
import io.bitlab.models.generate.ChatTemplates;
import io.bitlab.models.io.gguf.GgufType;
import io.bitlab.models.io.gguf.GgufValueType;
import io.bitlab.models.io.gguf.GgufWriter;
import io.bitlab.models.tokenizer.BpeTokenizer;
import io.bitlab.models.tokenizer.GgufTokenizer;
import io.bitlab.models.tokenizer.Tokenizer;
import io.bitlab.models.tokenizer.Tokenizers;
import io.bitlab.models.transformer.BitTransformer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;

/** Writes a GGUF file for llama.cpp or bitnet.cpp. */
final class GgufExport extends TransformerExport {

    private static final String EXTENSION = ".gguf";

    private final GgufWriter writer;
    private final String architecture;

    GgufExport(BitTransformer model, Tokenizer tokenizer, Path target, ExportFormat format, ExportOptions options) {
        super(model, tokenizer, target, format, options);
        this.writer = new GgufWriter(options.i2sLayout()).allowRounding(options.allowRounding());
        this.architecture = ExportLimits.architecture(config);
    }

    @Override
    ExportReport write() throws IOException {
        addMetadata();
        boolean tokenizerInside = tokenizer instanceof BpeTokenizer bpe && addTokenizer(bpe);
        if (!tokenizerInside) {
            GgufTokenizer.writeNone(writer);
            if (tokenizer != null) {
                requirePossible(Tokenizers.beside(target));
            }
        }
        if (options.chatTemplate() != null) {
            writer.put(ChatTemplates.GGUF_KEY, options.chatTemplate());
        }
        EmbeddingFormat type = embeddingFormat();
        Pairing pairing = architecture.equals("llama") ? Pairing.ADJACENT : Pairing.HALVES;
        for (String name : state.names()) {
            if (state.isTernary(name)) {
                addTernary(name, state.ternary(name), pairing);
            } else if (isEmbedding(name)) {
                addFloats(name, ggufType(type), stored(name, type), state.isEmbeddingTable(name)
                        ? new int[] {config.vocabSize(), config.hiddenSize()} : state.tensor(name).shape());
            } else {
                addFloats(name, GgufType.F32, stored(name, EmbeddingFormat.FLOAT32), state.tensor(name).shape());
            }
        }
        double scaleError = writer.write(target);
        Path tokenizerFile = tokenizerInside ? target : Tokenizers.beside(target);
        if (tokenizerInside || tokenizer == null) {
            deleteTokenizer(Tokenizers.beside(target)); // of an earlier model
        } else {
            Tokenizers.write(tokenizer, tokenizerFile);
        }
        return new ExportReport(target, Files.size(target), tokenizer == null ? null : tokenizerFile, scaleError,
                embeddingError.largest());
    }

    /** Refuses a name that is too long for the file system, before the model is written. */
    private void requirePossible(Path tokenizerFile) throws IOException {
        try {
            Files.readAttributes(tokenizerFile, BasicFileAttributes.class);
        } catch (NoSuchFileException e) {
            // the usual case
        } catch (IOException e) {
            throw new IOException("cannot save " + target + ": the tokenizer has no place in it, and the file for it, "
                    + tokenizerFile.getFileName() + ", is not possible (" + e + "). Nothing was written; choose a "
                    + "shorter name", e);
        }
    }

    /** Unlike {@code deleteIfExists}, accepts a name that is too long for the file system. */
    private static void deleteTokenizer(Path file) throws IOException {
        if (Files.exists(file)) {
            Files.delete(file);
        }
    }

    // ---------------------------------------------------------------- tensors

    private void addTernary(String name, TernaryMatrix matrix, Pairing pairing) {
        writer.ternary(GgufNames.toFile(name), format.ggufType(), matrix.outFeatures(), matrix.inFeatures(), () -> {
            written(name);
            return RotaryPermutation.apply(name, matrix, config, pairing);
        });
    }

    private void addFloats(String name, GgufType type, StoredRows rows, int... shape) {
        long elements = 1;
        for (int length : shape) {
            elements *= length;
        }
        long end = elements;
        writer.floatParts(GgufNames.toFile(name), type, (from, into) -> {
            rows.read(from, into);
            if (from + into.length == end) {
                written(name);
            }
        }, shape);
    }

    private static GgufType ggufType(EmbeddingFormat type) {
        return switch (type) {
            case FLOAT32 -> GgufType.F32;
            case BFLOAT16 -> GgufType.BF16;
            case FLOAT16 -> GgufType.F16;
            case INT8 -> GgufType.Q8_0;
            case NF4 -> throw new IllegalArgumentException("NF4 has no type in GGUF files");
        };
    }

    // ---------------------------------------------------------------- metadata

    private void addMetadata() {
        String file = target.getFileName().toString();
        writer.put("general.architecture", architecture);
        writer.put("general.name", options.name() != null ? options.name()
                : file.endsWith(EXTENSION) ? file.substring(0, file.length() - EXTENSION.length()) : file);
        put("general.file_type", fileType());
        put("general.quantization_version", 2);
        putSize("vocab_size", config.vocabSize());
        putSize("context_length", config.maxPositionEmbeddings());
        putSize("embedding_length", config.hiddenSize());
        putSize("block_count", config.numHiddenLayers());
        putSize("feed_forward_length", config.intermediateSize());
        putSize("attention.head_count", config.numAttentionHeads());
        putSize("attention.head_count_kv", config.numKeyValueHeads());
        putSize("attention.key_length", config.headDim());
        putSize("attention.value_length", config.headDim());
        putSize("rope.dimension_count", config.headDim());
        writer.put(architecture + ".rope.freq_base", config.ropeTheta());
        writer.put(architecture + ".attention.layer_norm_rms_epsilon", config.rmsNormEps());
    }

    /** The numbers in {@code llama_ftype} of llama.cpp and bitnet.cpp. */
    private int fileType() {
        return switch (format) {
            case TQ1_0 -> 36;
            case TQ2_0 -> 37;
            case I2_S -> 40;
            case BITLAB, HUGGING_FACE -> throw new IllegalStateException(format + " is no GGUF format");
        };
    }

    private void putSize(String key, int value) {
        put(architecture + "." + key, value);
    }

    private void put(String key, int value) {
        writer.put(key, GgufValueType.U32, value);
    }

    /** Returns false if GGUF can't hold the tokenizer. */
    private boolean addTokenizer(BpeTokenizer bpe) {
        return GgufTokenizer.write(bpe, config.vocabSize(), writer);
    }
}
