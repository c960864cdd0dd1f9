package io.bitlab.models.pretrained;

import io.bitlab.models.internal.Uninterrupted;
import io.bitlab.models.io.ModelFormatException;
import io.bitlab.models.tokenizer.Tokenizer;
import io.bitlab.models.transformer.BitTransformer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Loads and exports {@link BitTransformer}s. Applications usually call {@link io.bitlab.models.AutoBitModel}, which
 * also loads the other kinds of models.
 */
public final class PretrainedTransformer {

    private PretrainedTransformer() {
    }

    /**
     * Whether {@link #load} is for a path: a file, or a Hugging Face folder.
     *
     * @param path any
     * @return false for BitLab folders and for what doesn't exist
     */
    public static boolean isPublished(Path path) {
        return Files.isRegularFile(path) || HuggingFaceCheckpoint.isHere(path);
    }

    /**
     * Loads a published checkpoint, as described at {@link io.bitlab.models.AutoBitModel#load(Path, LoadOptions)}.
     *
     * @param path a GGUF file or a Hugging Face folder
     * @param options how to load it
     * @return the model, deployed
     * @throws ModelFormatException if a file is damaged, or holds what isn't supported
     * @throws IOException if a file is missing or can't be read
     */
    public static BitTransformer load(Path path, LoadOptions options) throws IOException {
        return Uninterrupted.call(() -> TransformerLoader.load(path, options));
    }

    /**
     * Exports a model, as described at {@link io.bitlab.models.AutoBitModel#export(BitTransformer, Tokenizer, Path,
     * ExportFormat, ExportOptions)}.
     *
     * @param model in any mode; not modified
     * @param tokenizer its tokenizer; null for none
     * @param target a folder, which is made if it doesn't exist, or a GGUF file
     * @param format the format to write
     * @param options how to write it
     * @return what was written, and the rounding errors
     * @throws IOException if it can't be written
     * @throws IllegalArgumentException if the format can't hold the model, or not exactly and rounding is not allowed
     */
    public static ExportReport export(BitTransformer model, Tokenizer tokenizer, Path target, ExportFormat format,
            ExportOptions options) throws IOException {
        return Uninterrupted.call(() -> TransformerExport.write(model, tokenizer, target, format, options));
    }
}
