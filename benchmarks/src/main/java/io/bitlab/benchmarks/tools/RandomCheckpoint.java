package io.bitlab.benchmarks.tools;

import io.bitlab.benchmarks.BenchmarkCommand;
import io.bitlab.core.embedding.EmbeddingFormat;
import io.bitlab.models.AutoBitModel;
import io.bitlab.models.pretrained.ExportFormat;
import io.bitlab.models.pretrained.ExportOptions;
import io.bitlab.models.transformer.BitTransformer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/**
 * Writes a transformer with random weights, to measure how fast a format is loaded. {@code scripts/random-checkpoint}
 * runs it.
 */
@Command(name = "random-checkpoint", mixinStandardHelpOptions = true,
        description = "Writes a transformer with random weights.")
public final class RandomCheckpoint implements Callable<Integer> {

    @Parameters(index = "0", paramLabel = "MODEL", description = "character, small, base or bitnet2B4T")
    private String model;

    @Parameters(index = "1", paramLabel = "FORMAT", description = "${COMPLETION-CANDIDATES}")
    private ExportFormat format;

    @Parameters(index = "2", paramLabel = "EMBEDDING",
            description = "format of embedding and head: ${COMPLETION-CANDIDATES}")
    private EmbeddingFormat embedding;

    @Parameters(index = "3", paramLabel = "PATH", description = "the folder or .gguf file to write")
    private Path path;

    private RandomCheckpoint() {
    }

    /**
     * Writes the model.
     *
     * @param arguments see {@code --help}
     */
    public static void main(String[] arguments) {
        BenchmarkCommand.run(new RandomCheckpoint(), arguments);
    }

    @Override
    public Integer call() throws IOException {
        EmbeddingFormat inMemory =
                embedding == EmbeddingFormat.INT8 ? EmbeddingFormat.INT8 : EmbeddingFormat.BFLOAT16;
        BitTransformer random = RandomTransformer.of(MeasuredModel.config(model).withEmbeddingFormat(inMemory));
        System.out.println(AutoBitModel.export(random, null, path, format,
                ExportOptions.defaults().withEmbeddingFormat(embedding).withRounding(true)));
        return 0;
    }
}
