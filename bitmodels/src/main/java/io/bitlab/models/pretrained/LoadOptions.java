package io.bitlab.models.pretrained;

import io.bitlab.core.embedding.EmbeddingFormat;
import io.bitlab.models.io.gguf.I2sLayout;
import java.util.Objects;

/**
 * How a Hugging Face folder or a GGUF file is loaded. Ignored for BitLab folders, which store these settings.
 * Immutable.
 *
 * {@snippet class="io.bitlab.models.snippets.ModelsSnippets" region="load"}
 *
 * @param embeddingFormat format of embedding and output head in memory; null, the default, for the smallest that is
 *     exact: BFLOAT16 if the file stores them so, else FLOAT32. INT8 takes a half or a quarter of that memory and is
 *     faster for large vocabularies
 * @param maxPositionEmbeddings longest sequence that the model accepts; 0, the default, for the value in the file
 * @param i2sLayout how I2_S tensors of GGUF files are packed, which the files don't say; default X86
 * @param progress called after each tensor; does nothing by default
 */
public record LoadOptions(EmbeddingFormat embeddingFormat, int maxPositionEmbeddings, I2sLayout i2sLayout,
        ProgressListener progress) {

    private static final LoadOptions DEFAULTS = new LoadOptions(null, 0, I2sLayout.X86, (_, _, _) -> {
    });

    /** Checks the values. */
    public LoadOptions {
        if (maxPositionEmbeddings < 0) {
            throw new IllegalArgumentException("LoadOptions: maxPositionEmbeddings is " + maxPositionEmbeddings
                    + ", expected at least 1, or 0 for the value in the file");
        }
        if (embeddingFormat != null) {
            embeddingFormat.requireInMemory("LoadOptions");
        }
        Objects.requireNonNull(i2sLayout, "LoadOptions: i2sLayout");
        Objects.requireNonNull(progress, "LoadOptions: progress");
    }

    /**
     * Loads the model as the file has it.
     *
     * @return the defaults
     */
    public static LoadOptions defaults() {
        return DEFAULTS;
    }

    /**
     * These options with another embedding format.
     *
     * @param value format of embedding and output head in memory; null for the smallest that is exact
     * @return the changed copy
     */
    public LoadOptions withEmbeddingFormat(EmbeddingFormat value) {
        return new LoadOptions(value, maxPositionEmbeddings, i2sLayout, progress);
    }

    /**
     * These options with another longest sequence.
     *
     * @param value positions; 0 for the value in the file
     * @return the changed copy
     */
    public LoadOptions withMaxPositionEmbeddings(int value) {
        return new LoadOptions(embeddingFormat, value, i2sLayout, progress);
    }

    /**
     * These options with another layout of I2_S tensors.
     *
     * @param value the layout of the machine that wrote the file
     * @return the changed copy
     */
    public LoadOptions withI2sLayout(I2sLayout value) {
        return new LoadOptions(embeddingFormat, maxPositionEmbeddings, value, progress);
    }

    /**
     * These options with a progress listener.
     *
     * @param value called after each tensor
     * @return the changed copy
     */
    public LoadOptions withProgress(ProgressListener value) {
        return new LoadOptions(embeddingFormat, maxPositionEmbeddings, i2sLayout, value);
    }
}
