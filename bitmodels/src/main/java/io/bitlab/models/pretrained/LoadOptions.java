package io.bitlab.models.pretrained;

import io.bitlab.core.embedding.EmbeddingFormat;
import io.bitlab.models.io.gguf.I2sLayout;
import java.util.Objects;

/**
 * Choices when a published checkpoint is loaded. They don't count for our own folders, which say themselves how the
 * model was.
 *
 * @param embeddingFormat how embedding and head are kept; null, the default, for what is exact: BFLOAT16 if the file has
 *     them so, else FLOAT32. INT8 is a half or a quarter of that, and for large vocabularies the faster choice
 * @param maxPositions positions of a conversation; 0, the default, for what the file says
 * @param i2sLayout how I2_S tensors of GGUF files are packed, which the file doesn't say; default X86
 * @param progress is told of each tensor; by default nobody is
 */
public record LoadOptions(EmbeddingFormat embeddingFormat, int maxPositions, I2sLayout i2sLayout, Progress progress) {

    /** Is told how far loading has come. */
    @FunctionalInterface
    public interface Progress {

        /**
         * Called after each tensor, in the thread that loads.
         *
         * @param tensor the name of a parameter that is now in memory
         * @param done how many are, this one included
         * @param total how many will be
         */
        void loaded(String tensor, int done, int total);
    }

    /** Checks the values. */
    public LoadOptions {
        if (maxPositions < 0) {
            throw new IllegalArgumentException("LoadOptions: maxPositions is " + maxPositions
                    + ", expected at least 1, or 0 for what the file says");
        }
        if (embeddingFormat != null) {
            embeddingFormat.requireInMemory("LoadOptions");
        }
        Objects.requireNonNull(i2sLayout, "LoadOptions: i2sLayout");
        Objects.requireNonNull(progress, "LoadOptions: progress");
    }

    /**
     * The model as the file has it.
     *
     * @return the defaults
     */
    public static LoadOptions defaults() {
        return new LoadOptions(null, 0, I2sLayout.X86, (_, _, _) -> {
        });
    }

    /**
     * These options with another format of embedding and head.
     *
     * @param format how embedding and head are kept; null for what is exact
     * @return the changed copy
     */
    public LoadOptions withEmbeddingFormat(EmbeddingFormat format) {
        return new LoadOptions(format, maxPositions, i2sLayout, progress);
    }

    /**
     * These options with another context.
     *
     * @param positions of a conversation; 0 for what the file says
     * @return the changed copy
     */
    public LoadOptions withMaxPositions(int positions) {
        return new LoadOptions(embeddingFormat, positions, i2sLayout, progress);
    }

    /**
     * These options with another layout of I2_S.
     *
     * @param layout of the machine that made the file
     * @return the changed copy
     */
    public LoadOptions withI2sLayout(I2sLayout layout) {
        return new LoadOptions(embeddingFormat, maxPositions, layout, progress);
    }

    /**
     * These options with a listener.
     *
     * @param listener is told of each tensor
     * @return the changed copy
     */
    public LoadOptions withProgress(Progress listener) {
        return new LoadOptions(embeddingFormat, maxPositions, i2sLayout, listener);
    }
}
