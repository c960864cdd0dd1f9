package io.bitlab.examples;

import io.bitlab.core.parallel.Parallel;
import io.bitlab.models.AutoBitModel;
import io.bitlab.models.generate.Generation;
import io.bitlab.models.generate.SamplingConfig;
import io.bitlab.models.generate.TextGenerator;
import io.bitlab.models.tokenizer.Tokenizers;
import io.bitlab.models.transformer.BitTransformer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Continues a text, and prints each part as soon as it is generated. Without {@code --model} it uses the small ternary
 * model that comes with the examples, which was trained on <i>Moby-Dick</i>.
 */
@Command(name = "GenerateText", mixinStandardHelpOptions = true, description = "Continues a text.")
public final class GenerateText implements Callable<Integer> {

    private static final List<String> FILES = List.of("model.safetensors", "config.json", "tokenizer.json");

    @Option(names = "--model", description = "folder with a model and its tokenizer.json, such as"
            + " TrainShakespeare's or one from Hugging Face, or a GGUF file")
    private Path model;

    @Option(names = "--prompt", defaultValue = "The whale ", description = "\"${DEFAULT-VALUE}\" unless given")
    private String prompt;

    @Option(names = "--tokens", defaultValue = "400", description = "how many; ${DEFAULT-VALUE} unless given")
    private int tokens;

    @Option(names = "--temperature", defaultValue = "0.8", description = "0 is greedy; ${DEFAULT-VALUE} unless given")
    private float temperature;

    @Option(names = "--top-k", defaultValue = "40", description = "0 is off; ${DEFAULT-VALUE} unless given")
    private int topK;

    @Option(names = "--top-p", defaultValue = "0.95", description = "1 is off; ${DEFAULT-VALUE} unless given")
    private float topP;

    @Option(names = "--seed", defaultValue = "0", description = "${DEFAULT-VALUE} unless given")
    private long seed;

    @Option(names = "--threads", description = "all processors unless given")
    private int threads = Runtime.getRuntime().availableProcessors();

    private GenerateText() {
    }

    /**
     * Runs the example.
     *
     * @param arguments see {@code --help}
     */
    public static void main(String[] arguments) {
        ExampleCommand.run(new GenerateText(), arguments);
    }

    @Override
    public Integer call() throws IOException {
        TextGenerator generator = model == null ? ShippedModel.read("moby-dick", FILES, this::generator)
                : generator(model);
        System.out.print(prompt);
        try (Parallel parallel = Parallel.of(threads)) {
            Generation generation = parallel.call(() -> generator.generate(prompt, part -> {
                System.out.print(part);
                System.out.flush();
            }));
            System.out.printf(Locale.ROOT, "%n%n[%s; prompt %.0f tokens/s, text %.0f tokens/s]%n",
                    generation.reason().name().toLowerCase(Locale.ROOT).replace('_', ' '),
                    generation.stats().promptTokensPerSecond(), generation.stats().generatedTokensPerSecond());
        }
        return 0;
    }

    private TextGenerator generator(Path folder) throws IOException {
        return TextGenerator.builder(AutoBitModel.load(folder, BitTransformer.class), Tokenizers.ofModel(folder))
                .maxTokens(tokens)
                .sampling(SamplingConfig.TEXT.withTemperature(temperature).withTopK(topK).withTopP(topP).withSeed(seed))
                .cache(cache -> cache.slidingWindow(true)).build();
    }
}
