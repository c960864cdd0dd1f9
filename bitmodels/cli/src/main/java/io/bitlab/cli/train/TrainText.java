package io.bitlab.cli.train;

import io.bitlab.cli.data.TextFile;
import io.bitlab.core.parallel.Parallel;
import io.bitlab.layers.optim.AdamW;
import io.bitlab.layers.optim.ParameterGroup;
import io.bitlab.layers.optim.Schedule;
import io.bitlab.models.AutoBitModel;
import io.bitlab.models.generate.SamplingConfig;
import io.bitlab.models.generate.TextGenerator;
import io.bitlab.models.tokenizer.CharacterTokenizer;
import io.bitlab.models.tokenizer.Tokenizers;
import io.bitlab.models.train.EpochResult;
import io.bitlab.models.train.Evaluation;
import io.bitlab.models.train.ProgressReport;
import io.bitlab.models.train.TokenDataset;
import io.bitlab.models.train.Trainer;
import io.bitlab.models.train.TrainingListener;
import io.bitlab.models.transformer.BitTransformer;
import io.bitlab.models.transformer.BitTransformerConfig;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * Trains a ternary character model on any text, prints samples as it learns, and saves it for {@code bitlab generate}.
 * The defaults are nanoGPT's setting for a CPU, which is usually shown with Shakespeare.
 */
@Command(name = "text", mixinStandardHelpOptions = true,
        description = "Trains a ternary character model on a text file.")
final class TrainText implements Callable<Integer> {

    @Option(names = "--text", required = true, description = "the text, UTF-8")
    private Path text;

    @Option(names = "--out", description = "folder for the model; ${DEFAULT-VALUE} unless given")
    private Path out = Path.of("text-model");

    @Option(names = "--layers", defaultValue = "4", description = "blocks; ${DEFAULT-VALUE} unless given")
    private int layers;

    @Option(names = "--heads", defaultValue = "4", description = "attention heads; ${DEFAULT-VALUE} unless given")
    private int heads;

    @Option(names = "--width", defaultValue = "128", description = "hidden size; ${DEFAULT-VALUE} unless given")
    private int width;

    @Option(names = "--context", defaultValue = "64",
            description = "length in characters; ${DEFAULT-VALUE} unless given")
    private int context;

    @Option(names = "--batch", defaultValue = "12", description = "windows a step; ${DEFAULT-VALUE} unless given")
    private int batch;

    @Option(names = "--steps", defaultValue = "2000", description = "optimiser steps; ${DEFAULT-VALUE} unless given")
    private int steps;

    @Option(names = "--report-every", defaultValue = "250",
            description = "steps between validations and samples at most; ${DEFAULT-VALUE} unless given")
    private int every;

    // Ternary training tolerates, and benefits from, a higher learning rate than float training.
    @Option(names = "--rate", defaultValue = "3e-3",
            description = "learning rate, of which the float twin takes a third; ${DEFAULT-VALUE} unless given")
    private float rate;

    @Option(names = "--dropout", defaultValue = "0", description = "${DEFAULT-VALUE} unless given")
    private float dropout;

    @Mixin
    private TrainingRun run;

    @Override
    public Integer call() throws IOException {
        OutputFolder.check(out);
        if (steps < 1 || every < 1 || batch < 1) {
            throw new IllegalArgumentException("--steps " + steps + ", --report-every " + every + ", --batch " + batch
                    + ": each must be at least 1");
        }
        String all = TextFile.read(text);
        CharacterTokenizer tokenizer = CharacterTokenizer.of(all);
        TokenDataset.Split data = TokenDataset.of(tokenizer.encode(all), context).split(0.1);
        BitTransformerConfig config = BitTransformerConfig.builder(tokenizer.vocabularySize(), width, layers, heads)
                .maxPositionEmbeddings(context).dropout(dropout).build();
        BitTransformer model = AutoBitModel.fromConfig(run.floats() ? config.floatTwin() : config, run.seed());
        System.out.printf(Locale.ROOT, "%,d parameters, %,d characters, %d different ones%n", model.parameterCount(),
                data.train().length() + data.validation().length(), tokenizer.vocabularySize());
        int epochs = Math.ceilDiv(steps, every);
        int each = Math.ceilDiv(steps, epochs);
        AdamW adam =
                AdamW.builder().groups(ParameterGroup.splitByRank(model)).learningRate(run.floats() ? rate / 3 : rate)
                        .betas(0.9f, 0.99f).weightDecay(0.1f).build();
        Trainer trainer = run.trainer(Trainer.builder(model, adam).epochs(epochs).batchSize(batch).clipNorm(1f)
                .schedule(Schedule.cosine().withWarmUp(100)),
                ProgressReport.languageModel(run.form(), System.out, 1), samples(model, tokenizer, each));
        try (Parallel parallel = run.start()) {
            long start = System.nanoTime();
            parallel.call(() -> trainer.fit(data.train().withSamplesPerEpoch(Math.multiplyExact(each, batch)),
                    data.validation()));
            run.end(model);
            System.out.printf(Locale.ROOT, "trained in %.1f s%n", (System.nanoTime() - start) * 1e-9);
            model.eval();
            double loss = parallel.call(() -> Evaluation.loss(model, data.validation()));
            AutoBitModel.save(model, out, run.saved());
            Tokenizers.write(tokenizer, out.resolve("tokenizer.json"));
            System.out.printf(Locale.ROOT, "saved in %s%nvalidation loss: %.4f  bits a character: %.3f%n", out, loss,
                    loss / Math.log(2));
        }
        return 0;
    }

    /** Prints a text by the model after each report. */
    private TrainingListener samples(BitTransformer model, CharacterTokenizer tokenizer, int each) {
        int[] start = tokenizer.encode(Character.toString(tokenizer.decode(0).codePointAt(0)));
        return new TrainingListener() {
            @Override
            public void onEpoch(EpochResult result) {
                model.eval();
                TextGenerator generator = TextGenerator.builder(model, tokenizer).maxTokens(160)
                        .sampling(SamplingConfig.TEXT).cache(cache -> cache.slidingWindow(true)).build();
                String sample = generator.generate(start, part -> {
                }).text();
                model.train();
                System.out.printf(Locale.ROOT, "--- after %d steps, validation loss %.3f:%n%s%n---%n",
                        result.epoch() * each, result.validationLoss(), sample.strip());
            }
        };
    }
}
