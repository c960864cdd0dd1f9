package io.bitlab.models.pretrained;

import io.bitlab.core.embedding.EmbeddingFormat;
import io.bitlab.models.io.gguf.I2sLayout;
import java.util.Objects;

/**
 * Choices when a model is exported.
 *
 * @param embeddingFormat how embedding and head are written; null, the default, for the smallest that holds them
 *     exactly: BFLOAT16 or FLOAT32 (BitLab folders: as the model has them). FLOAT16 is for GGUF and Hugging Face only,
 *     INT8 (Q8_0 in GGUF files) not for Hugging Face, NF4 for BitLab folders only
 * @param allowRounding whether scales and tables may be rounded to what is written; by default that is refused
 * @param bfloat16Scales whether a Hugging Face folder gets its scales as BF16, as the published ones have them; by
 *     default F32, which is exact
 * @param i2sLayout how I2_S tensors are packed; default X86
 * @param name the model's name in a GGUF file; null, the default, for that of the file
 * @param progress is told of each tensor; by default nobody is
 */
public record ExportOptions(EmbeddingFormat embeddingFormat, boolean allowRounding, boolean bfloat16Scales,
        I2sLayout i2sLayout,
        String name, Progress progress) {

    /** Is told how far writing has come. */
    @FunctionalInterface
    public interface Progress {

        /**
         * Called after each tensor, in the thread that writes.
         *
         * @param tensor the name that it has in the model
         * @param done how many are written, this one included
         * @param total how many will be
         */
        void written(String tensor, int done, int total);
    }

    /** Checks the values. */
    public ExportOptions {
        Objects.requireNonNull(i2sLayout, "ExportOptions: i2sLayout");
        Objects.requireNonNull(progress, "ExportOptions: progress");
    }

    /**
     * The model exactly, or not at all.
     *
     * @return the defaults
     */
    public static ExportOptions defaults() {
        return new ExportOptions(null, false, false, I2sLayout.X86, null, (_, _, _) -> {
        });
    }

    /**
     * These options with another format of embedding and head.
     *
     * @param chosen how embedding and head are written; null for what is exact
     * @return the changed copy
     */
    public ExportOptions withEmbeddingFormat(EmbeddingFormat chosen) {
        return new ExportOptions(chosen, allowRounding, bfloat16Scales, i2sLayout, name, progress);
    }

    /**
     * These options with or without rounding.
     *
     * @param allowed whether scales and tables may be rounded; the {@link ExportReport} says by how much they were
     * @return the changed copy
     */
    public ExportOptions withRounding(boolean allowed) {
        return new ExportOptions(embeddingFormat, allowed, bfloat16Scales, i2sLayout, name, progress);
    }

    /**
     * These options with other scales in Hugging Face folders.
     *
     * @param chosen true for BF16, false for F32
     * @return the changed copy
     */
    public ExportOptions withBfloat16Scales(boolean chosen) {
        return new ExportOptions(embeddingFormat, allowRounding, chosen, i2sLayout, name, progress);
    }

    /**
     * These options with another layout of I2_S.
     *
     * @param layout of the machine that will read the file
     * @return the changed copy
     */
    public ExportOptions withI2sLayout(I2sLayout layout) {
        return new ExportOptions(embeddingFormat, allowRounding, bfloat16Scales, layout, name, progress);
    }

    /**
     * These options with a name.
     *
     * @param chosen {@code general.name} of a GGUF file; null for the file's
     * @return the changed copy
     */
    public ExportOptions withName(String chosen) {
        return new ExportOptions(embeddingFormat, allowRounding, bfloat16Scales, i2sLayout, chosen, progress);
    }

    /**
     * These options with a listener.
     *
     * @param listener is told of each tensor
     * @return the changed copy
     */
    public ExportOptions withProgress(Progress listener) {
        return new ExportOptions(embeddingFormat, allowRounding, bfloat16Scales, i2sLayout, name, listener);
    }
}
