package io.bitlab.models.pretrained;

import io.bitlab.core.embedding.EmbeddingFormat;
import io.bitlab.models.io.gguf.I2sLayout;
import java.util.Objects;

/**
 * How a model is exported. Immutable.
 *
 * {@snippet class="io.bitlab.models.snippets.ModelsSnippets" region="export"}
 *
 * @param embeddingFormat format of embedding and output head in the file; null, the default, for the smallest that is
 *     exact: BFLOAT16 or FLOAT32 (in BitLab folders the format of the model). FLOAT16 is for GGUF and Hugging Face
 *     only, INT8 (Q8_0 in GGUF files) not for Hugging Face, NF4 for BitLab folders only
 * @param allowRounding whether scales, embedding and head may be rounded to what the format can hold; by default that
 *     is refused
 * @param bfloat16Scales whether a Hugging Face folder stores scales as BF16, as the published ones do; by default as
 *     F32, which is exact
 * @param i2sLayout how I2_S tensors of GGUF files are packed; default X86
 * @param name the model's name in a GGUF file; null, the default, for the name of the file
 * @param chatTemplate how the model was trained to chat, in the language Jinja; null, the default, for none
 * @param progress called after each tensor; does nothing by default
 */
public record ExportOptions(EmbeddingFormat embeddingFormat, boolean allowRounding, boolean bfloat16Scales,
        I2sLayout i2sLayout, String name, String chatTemplate, ProgressListener progress) {

    private static final ExportOptions DEFAULTS =
            new ExportOptions(null, false, false, I2sLayout.X86, null, null, (_, _, _) -> {
            });

    /** Checks the values. */
    public ExportOptions {
        Objects.requireNonNull(i2sLayout, "ExportOptions: i2sLayout");
        Objects.requireNonNull(progress, "ExportOptions: progress");
    }

    /**
     * Exports the model exactly, or not at all.
     *
     * @return the defaults
     */
    public static ExportOptions defaults() {
        return DEFAULTS;
    }

    /**
     * These options with another embedding format.
     *
     * @param value format of embedding and output head in the file; null for the smallest that is exact
     * @return the changed copy
     */
    public ExportOptions withEmbeddingFormat(EmbeddingFormat value) {
        return new ExportOptions(value, allowRounding, bfloat16Scales, i2sLayout, name, chatTemplate, progress);
    }

    /**
     * These options with or without rounding.
     *
     * @param value whether scales, embedding and head may be rounded; the {@link ExportReport} gives the errors
     * @return the changed copy
     */
    public ExportOptions withRounding(boolean value) {
        return new ExportOptions(embeddingFormat, value, bfloat16Scales, i2sLayout, name, chatTemplate, progress);
    }

    /**
     * These options with another type of the scales in Hugging Face folders.
     *
     * @param value true for BF16, false for F32
     * @return the changed copy
     */
    public ExportOptions withBfloat16Scales(boolean value) {
        return new ExportOptions(embeddingFormat, allowRounding, value, i2sLayout, name, chatTemplate, progress);
    }

    /**
     * These options with another layout of I2_S tensors.
     *
     * @param value the layout of the machine that will read the file
     * @return the changed copy
     */
    public ExportOptions withI2sLayout(I2sLayout value) {
        return new ExportOptions(embeddingFormat, allowRounding, bfloat16Scales, value, name, chatTemplate, progress);
    }

    /**
     * These options with another name of the model.
     *
     * @param value {@code general.name} in a GGUF file; null for the name of the file
     * @return the changed copy
     */
    public ExportOptions withName(String value) {
        return new ExportOptions(embeddingFormat, allowRounding, bfloat16Scales, i2sLayout, value, chatTemplate,
                progress);
    }

    /**
     * These options with a chat template: in a GGUF file {@code tokenizer.chat_template}, in a folder a file beside the
     * tokenizer.
     *
     * @param jinja the template, such as {@link io.bitlab.models.generate.ChatTemplates#textOf} reads it from the files
     *     of a model; null for none
     * @return the changed copy
     */
    public ExportOptions withChatTemplate(String jinja) {
        return new ExportOptions(embeddingFormat, allowRounding, bfloat16Scales, i2sLayout, name, jinja, progress);
    }

    /**
     * These options with a progress listener.
     *
     * @param value called after each tensor
     * @return the changed copy
     */
    public ExportOptions withProgress(ProgressListener value) {
        return new ExportOptions(embeddingFormat, allowRounding, bfloat16Scales, i2sLayout, name, chatTemplate, value);
    }
}
