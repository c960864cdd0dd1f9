package io.bitlab.examples;

import io.bitlab.core.parallel.Parallel;
import io.bitlab.layers.BitLinear;
import io.bitlab.layers.Layer;
import io.bitlab.layers.Linear;
import io.bitlab.layers.RMSNorm;
import io.bitlab.layers.ReLU;
import io.bitlab.layers.Sequential;
import io.bitlab.layers.optim.AdamW;
import io.bitlab.layers.optim.ParameterGroup;
import io.bitlab.layers.optim.Schedule;
import io.bitlab.models.train.Augmentation;
import io.bitlab.models.train.Dataset;
import io.bitlab.models.train.EpochResult;
import io.bitlab.models.train.Evaluation;
import io.bitlab.models.train.Objectives;
import io.bitlab.models.train.ProgressReport;
import io.bitlab.models.train.Trainer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Trains the reference network of {@code docs/benchmarks/training.md} on Fashion-MNIST: 784-512-512-10, three linear
 * layers with bias, ReLU between; ternary or float.
 */
@Command(name = "FashionMnistExample", mixinStandardHelpOptions = true,
        description = "Trains a ternary network, or its float twin, on Fashion-MNIST.")
public final class FashionMnistExample implements Callable<Integer> {

    private static final String SOURCE = "https://github.com/zalandoresearch/fashion-mnist";
    private static final int SIDE = 28;
    private static final int HIDDEN = 512;
    private static final int CLASSES = 10;

    /** How to train. */
    enum Recipe {
        /** Adam at a constant learning rate and nothing else: the setting in which speed is compared. */
        PLAIN,
        /** As PLAIN, with a learning rate that falls along a cosine: the best result after five epochs. */
        COSINE,
        /** Mirrored and shifted images, smoothed labels, norms, a cosine: the best accuracy. */
        BEST
    }

    @Option(names = "--data", required = true, description = "folder with the four .gz files of " + SOURCE)
    private Path data;

    @Option(names = "--float", description = "train the float twin")
    private boolean floats;

    @Option(names = "--recipe", defaultValue = "PLAIN", description = "${COMPLETION-CANDIDATES}; ${DEFAULT-VALUE}")
    private Recipe recipe;

    @Option(names = "--epochs", defaultValue = "5", description = "${DEFAULT-VALUE} unless given")
    private int epochs;

    @Option(names = "--threads", defaultValue = "1", description = "${DEFAULT-VALUE} unless given")
    private int threads;

    @Option(names = "--seed", defaultValue = "0", description = "${DEFAULT-VALUE} unless given")
    private long seed;

    @Option(names = "--checkpoint", description = "file to save to and resume from; Ctrl-C then loses nothing")
    private Path checkpoint;

    private FashionMnistExample() {
    }

    /**
     * Runs the example.
     *
     * @param arguments see {@code --help}
     */
    public static void main(String[] arguments) {
        ExampleCommand.run(new FashionMnistExample(), arguments);
    }

    @Override
    public Integer call() throws IOException {
        Dataset train = read("train");
        Dataset test = read("t10k");
        Layer model = network();
        model.initialize(seed);
        Trainer trainer = trainer(model);
        List<EpochResult> results;
        try (Parallel parallel = Parallel.of(threads)) {
            results = parallel.call(() -> trainer.fit(train, test));
        }
        for (EpochResult result : results) {
            System.out.printf(Locale.ROOT, "epoch %3d  %.2f s  loss %.4f  train %.2f %%  test %.2f %%%n",
                    result.epoch(),
                    result.seconds(), result.loss(), 100 * result.accuracy(), 100 * result.validationAccuracy());
        }
        double before = Evaluation.accuracy(model, test);
        double after = Evaluation.accuracy(model.eval(), test);
        System.out.printf(Locale.ROOT, "%s test accuracy: %.2f %%, round-trip gap: %s%n", floats ? "float" : "ternary",
                100 * after, before - after);
        return 0;
    }

    private Dataset read(String part) throws IOException {
        Path images = data.resolve(part + "-images-idx3-ubyte.gz");
        Path labels = data.resolve(part + "-labels-idx1-ubyte.gz");
        if (!Files.exists(images) || !Files.exists(labels)) {
            throw new IOException("Fashion-MNIST is not in " + data.toAbsolutePath()
                    + ": get train-images-idx3-ubyte.gz, "
                    + "train-labels-idx1-ubyte.gz, t10k-images-idx3-ubyte.gz and t10k-labels-idx1-ubyte.gz from "
                    + SOURCE
                    + " (folder data/fashion), and give their folder with --data");
        }
        return Dataset.readIdx(images, labels);
    }

    private Layer network() {
        int in = SIDE * SIDE;
        return recipe != Recipe.BEST
                ? new Sequential(linear(in, HIDDEN), new ReLU(), linear(HIDDEN, HIDDEN), new ReLU(),
                        linear(HIDDEN, CLASSES))
                : new Sequential(linear(in, HIDDEN), new ReLU(), new RMSNorm(HIDDEN), linear(HIDDEN, HIDDEN),
                        new ReLU(),
                        new RMSNorm(HIDDEN), linear(HIDDEN, CLASSES));
    }

    private Layer linear(int in, int out) {
        return floats ? new Linear(in, out) : BitLinear.builder(in, out).bias(true).build();
    }

    private Trainer trainer(Layer model) {
        AdamW.Builder adam = AdamW.builder().groups(ParameterGroup.splitByRank(model)).weightDecay(0f);
        Trainer.Builder trainer = switch (recipe) {
            case PLAIN -> Trainer.builder(model, adam.learningRate(1e-3f).build());
            // Ternary training tolerates, and benefits from, a higher learning rate than float training.
            case COSINE -> Trainer.builder(model, adam.learningRate(floats ? 1e-3f : 2e-3f).build())
                    .schedule(Schedule.cosine().withWarmUp(50));
            case BEST -> Trainer.builder(model, adam.learningRate(floats ? 1e-3f : 1.5e-3f).weightDecay(0.02f).build())
                    .schedule(Schedule.cosine().withWarmUp(500)).objective(Objectives.crossEntropy(0.1f))
                    .augmentation(Augmentation.flip(SIDE, SIDE).andThen(Augmentation.shift(SIDE, SIDE, 1)));
        };
        if (checkpoint != null) {
            trainer.checkpoints(checkpoint, 200).stopOnShutdown();
        }
        return trainer.epochs(epochs).batchSize(128).seed(seed)
                .listener(new ProgressReport(floats ? "float" : "ternary", System.out)).build();
    }
}
