package io.bitlab.models.pretrained;

import io.bitlab.core.embedding.EmbeddingFormat;
import io.bitlab.layers.Layer.Mode;
import io.bitlab.layers.StateDict;
import io.bitlab.models.generate.ChatTemplates;
import io.bitlab.models.internal.RoundingError;
import io.bitlab.models.io.AtomicFile;
import io.bitlab.models.io.folder.ModelFolder;
import io.bitlab.models.tokenizer.Tokenizer;
import io.bitlab.models.tokenizer.Tokenizers;
import io.bitlab.models.transformer.BitTransformer;
import io.bitlab.models.transformer.BitTransformerConfig;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** One export of a transformer: the part that all formats have in common. */
abstract class TransformerExport {

    final ExportFormat format;
    final BitTransformerConfig config;
    final StateDict state;
    final Tokenizer tokenizer; // null for none
    final Path target;
    final ExportOptions options;
    final RoundingError embeddingError = new RoundingError();
    private int written;

    TransformerExport(BitTransformer model, Tokenizer tokenizer, Path target, ExportFormat format,
            ExportOptions options) {
        this.format = format;
        this.config = model.config();
        this.state = model.stateDict(Mode.DEPLOYED);
        this.tokenizer = tokenizer;
        this.target = target;
        this.options = options;
    }

    /**
     * Writes a model with ternary weights.
     *
     * @param model in any mode; not modified
     * @param tokenizer its tokenizer; null for none
     * @param target a folder, or a GGUF file
     * @param format the format to write
     * @param options how to write it
     * @return what was written, and the rounding errors
     * @throws IOException if it can't be written
     * @throws IllegalArgumentException if the format can't hold the model, or not exactly
     */
    static ExportReport write(BitTransformer model, Tokenizer tokenizer, Path target, ExportFormat format,
            ExportOptions options) throws IOException {
        if (tokenizer != null && tokenizer.vocabularySize() > model.config().vocabSize()) {
            throw new IllegalArgumentException("export: the tokenizer has " + tokenizer.vocabularySize()
                    + " tokens, the model " + model.config().vocabSize()
                    + "; they don't belong together, give the tokenizer that the model was trained with");
        }
        if (tokenizer != null) {
            tokenizer.toMap(); // refuses what can't be written before the model is
        }
        TransformerExport export = switch (format) {
            case BITLAB -> new BitLabExport(model, tokenizer, target, options);
            case HUGGING_FACE -> new HuggingFaceExport(model, tokenizer, target, options);
            case TQ1_0, TQ2_0, I2_S -> new GgufExport(model, tokenizer, target, format, options);
        };
        export.requireEmbeddingFormat();
        export.requireFit();
        return export.write();
    }

    private void requireEmbeddingFormat() {
        EmbeddingFormat chosen = options.embeddingFormat();
        Set<EmbeddingFormat> possible = format.embeddingFormats();
        if (chosen != null && !possible.contains(chosen)) {
            throw new IllegalArgumentException("export as " + format + ": the embedding format is " + chosen
                    + ", expected one of " + possible);
        }
    }

    private void requireFit() {
        List<String> problems = new ArrayList<>(ExportLimits.ofSizes(config, format, options.i2sLayout()));
        if (problems.isEmpty()) {
            ExportLimits.ofScales(state, format, options.allowRounding()).ifPresent(problems::add);
        }
        if (!problems.isEmpty()) {
            throw new IllegalArgumentException("export as " + format + ": " + String.join("; ", problems)
                    + ExportLimits.remedy(config, state, options.i2sLayout(), format));
        }
    }

    void require(boolean valid, String problem, String expected) {
        if (!valid) {
            throw new IllegalArgumentException("export as " + format + ": " + problem + ", expected " + expected);
        }
    }

    abstract ExportReport write() throws IOException;

    /** The format from the options, or the smallest that is exact. */
    EmbeddingFormat embeddingFormat() {
        if (options.embeddingFormat() != null) {
            return options.embeddingFormat();
        }
        for (String name : state.names()) {
            if (isEmbedding(name) && !FloatRows.of(state, name).isBfloat16()) {
                return EmbeddingFormat.FLOAT32;
            }
        }
        return EmbeddingFormat.BFLOAT16;
    }

    /** Whether a tensor is the embedding or the head, which {@link ExportOptions#embeddingFormat} applies to. */
    static boolean isEmbedding(String name) {
        return name.equals(TensorNames.EMBEDDING) || name.equals(TensorNames.HEAD);
    }

    StoredRows stored(String name, EmbeddingFormat format) {
        return new StoredRows(name, FloatRows.of(state, name), format, options.allowRounding(), embeddingError);
    }

    /**
     * Creates the folder. Refuses files of an earlier model's texts that would then be read with this one.
     *
     * @param ofTokenizer the files that this export writes for a tokenizer
     * @throws IOException if there is a file that it does not write, or the folder can't be created
     */
    void createFolder(String... ofTokenizer) throws IOException {
        ModelFolder.create(target);
        Set<String> stale = new LinkedHashSet<>(
                List.of(Tokenizers.FILE, Tokenizers.CONFIG_FILE, ChatTemplates.FILE));
        if (tokenizer != null) {
            stale.removeAll(List.of(ofTokenizer));
        }
        if (options.chatTemplate() != null) {
            stale.remove(ChatTemplates.FILE);
        }
        for (String name : stale) {
            if (Files.exists(target.resolve(name))) {
                throw new FileAlreadyExistsException(target.resolve(name).toString(), null,
                        "this export does not write it, and it would be read with the new model; move or delete it, or"
                                + " choose another folder");
            }
        }
    }

    /** Writes the chat template into a folder, if there is one. */
    void writeChatTemplate() throws IOException {
        if (options.chatTemplate() != null) {
            AtomicFile.replace(target.resolve(ChatTemplates.FILE), options.chatTemplate());
        }
    }

    /** Reports that a tensor is in the file. */
    void written(String name) {
        options.progress().tensorDone(name, ++written, state.names().size());
    }
}
