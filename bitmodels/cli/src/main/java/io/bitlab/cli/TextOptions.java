package io.bitlab.cli;

import io.bitlab.cli.data.ShippedModel;
import io.bitlab.cli.options.ComputeThreads;
import io.bitlab.core.parallel.Parallel;
import io.bitlab.models.AutoBitModel;
import io.bitlab.models.generate.ChatTemplate;
import io.bitlab.models.generate.ChatTemplates;
import io.bitlab.models.generate.SamplingConfig;
import io.bitlab.models.generate.Speculation;
import io.bitlab.models.generate.TextGenerator;
import io.bitlab.models.tokenizer.Tokenizers;
import io.bitlab.models.transformer.BitTransformer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Which language model writes, and how it chooses its words. Options of several commands. */
final class TextOptions {

    @Option(names = "--model", description = "folder with a model and its tokenizer.json, such as one of 'bitlab train"
            + " text' or from Hugging Face, or a GGUF file; a small one that comes along, trained on Moby-Dick, unless"
            + " given")
    private Path model;

    @Option(names = "--tokens", defaultValue = "400", description = "at most how many; ${DEFAULT-VALUE} unless given")
    private int tokens;

    @Option(names = "--temperature", defaultValue = "0.8", description = "0 is greedy; ${DEFAULT-VALUE} unless given")
    private float temperature;

    @Option(names = "--top-k", defaultValue = "40", description = "0 is off; ${DEFAULT-VALUE} unless given")
    private int topK;

    @Option(names = "--top-p", defaultValue = "0.95", description = "1 is off; ${DEFAULT-VALUE} unless given")
    private float topP;

    @Option(names = "--seed", defaultValue = "0", description = "${DEFAULT-VALUE} unless given")
    private long seed;

    @Option(names = "--speculate", description = "guess that the text repeats what it has, and check several tokens at"
            + " once: the same text, sooner if it repeats itself")
    private boolean speculate;

    @Option(names = "--draft",
            description = "let this smaller model guess: a folder or GGUF file with the same tokenizer")
    private Path draft;

    @Mixin
    private ComputeThreads threads;

    private TextOptions() {
    }

    /** Where the model is; null for the one that comes along. */
    Path model() {
        return model;
    }

    /**
     * How a model was trained to chat.
     *
     * @param name what the option {@code --template} says; null for what the model's files say
     * @param model where these files are; null for the model that comes along
     * @return empty for a model that was not trained to chat
     */
    static Optional<ChatTemplate> template(String name, Path model) throws IOException {
        if (name == null) {
            return model == null ? Optional.empty() : ChatTemplates.ofModel(model);
        }
        return name.equalsIgnoreCase("plain") ? Optional.empty() : Optional.of(ChatTemplates.named(name));
    }

    Parallel parallel() {
        return threads.start();
    }

    /** Loads the model. */
    TextGenerator generator() throws IOException {
        return model == null ? ShippedModel.readText(this::generator) : generator(model);
    }

    private TextGenerator generator(Path path) throws IOException {
        if (speculate && draft != null) {
            throw new IllegalArgumentException("--speculate and --draft are two ways to guess: give one of them");
        }
        Speculation speculation = speculate ? Speculation.promptLookup()
                : draft == null ? null : Speculation.draft(AutoBitModel.load(draft, BitTransformer.class));
        return TextGenerator.builder(AutoBitModel.load(path, BitTransformer.class), Tokenizers.ofModel(path))
                .maxTokens(tokens)
                .sampling(SamplingConfig.TEXT.withTemperature(temperature).withTopK(topK).withTopP(topP).withSeed(seed))
                .cache(cache -> cache.slidingWindow(true)).speculation(speculation).build();
    }
}
