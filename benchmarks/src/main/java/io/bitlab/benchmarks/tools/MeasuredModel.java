package io.bitlab.benchmarks.tools;

import io.bitlab.core.embedding.EmbeddingFormat;
import io.bitlab.models.AutoBitModel;
import io.bitlab.models.pretrained.LoadOptions;
import io.bitlab.models.transformer.BitTransformer;
import io.bitlab.models.transformer.BitTransformerConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine.Parameters;

/** The arguments that {@link InferenceSpeed}, {@link TokenTime} and others share: which model to measure, and how. */
final class MeasuredModel {

    @Parameters(index = "0", paramLabel = "MODEL", description = "character, small, base or bitnet2B4T, all with random"
            + " weights, or the path of a model in any format")
    private String model;

    @Parameters(index = "1", paramLabel = "FORMAT",
            description = "of embedding and head: float32, bfloat16, int8 or nf4")
    private EmbeddingFormat format;

    @Parameters(index = "2", paramLabel = "THREADS", description = "threads that compute")
    private int threads;

    @Parameters(index = "3", paramLabel = "CONTEXT", description = "tokens in the context")
    private int context;

    int threads() {
        return threads;
    }

    int context() {
        return context;
    }

    /** A deployed random model of the size that a name stands for, or the one that is stored at a path. */
    BitTransformer load() throws IOException {
        if (!Files.exists(Path.of(model))) {
            return RandomTransformer.of(config(model).withEmbeddingFormat(format));
        }
        LoadOptions options = LoadOptions.defaults().withEmbeddingFormat(format);
        BitTransformer loaded = AutoBitModel.load(Path.of(model), BitTransformer.class, options);
        loaded.deploy();
        return loaded;
    }

    /**
     * The configuration that a name stands for.
     *
     * @throws IllegalArgumentException if the name is unknown
     */
    static BitTransformerConfig config(String name) {
        return switch (name) {
            case "character" -> BitTransformerConfig.character(65);
            case "small" -> BitTransformerConfig.small(32_000);
            case "base" -> BitTransformerConfig.base(32_000);
            case "bitnet2B4T" -> BitTransformerConfig.bitnet2B4T();
            default -> throw new IllegalArgumentException("MODEL '" + name + "' is neither character, small, base or"
                    + " bitnet2B4T nor a file or folder that exists");
        };
    }
}
