package io.bitlab.examples;

import io.bitlab.cli.data.Digits;
import io.bitlab.core.tensor.Tensor;
import io.bitlab.layers.BitConv2d;
import io.bitlab.layers.BitLinear;
import io.bitlab.layers.Flatten;
import io.bitlab.layers.Layer;
import io.bitlab.layers.MaxPool2d;
import io.bitlab.layers.ReLU;
import io.bitlab.layers.Sequential;
import io.bitlab.layers.optim.AdamW;
import io.bitlab.layers.optim.Schedule;
import io.bitlab.models.train.Dataset;
import io.bitlab.models.train.Evaluation;
import io.bitlab.models.train.ProgressReport;
import io.bitlab.models.train.Trainer;
import io.bitlab.models.train.TrainingListener;
import java.io.IOException;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** Builds a ternary convolutional network, trains it on handwritten digits, and packs it for use. */
@Command(name = "ConvDigitsExample", mixinStandardHelpOptions = true,
        description = "Trains a ternary convolutional network on handwritten digits.")
public final class ConvDigitsExample implements Callable<Integer> {

    private static final int SIDE = 8;
    private static final int EPOCHS = 20;
    private static final int BATCH = 32;
    private static final float LEARNING_RATE = 4e-3f;

    private ConvDigitsExample() {
    }

    /** Three ternary convolutions and a ternary output layer; takes images as rows of pixels. */
    static final class ConvNet extends Layer {
        private final Layer body = child("body", new Sequential(
                BitConv2d.builder(1, 16, 3).padding(1).build(), new ReLU(),
                BitConv2d.builder(16, 32, 3).padding(1).stride(2).build(), new ReLU(),
                BitConv2d.builder(32, 48, 3).padding(1).build(), new ReLU(), new MaxPool2d(2),
                new Flatten(), BitLinear.builder(48 * 2 * 2, Digits.CLASSES).build()));

        @Override
        public Tensor forward(Tensor x) {
            return observed(body.forward(x.reshape(-1, 1, SIDE, SIDE)));
        }
    }

    /**
     * Runs the example.
     *
     * @param arguments none but {@code --help}
     */
    public static void main(String[] arguments) {
        ExampleCommand.run(new ConvDigitsExample(), arguments);
    }

    @Override
    public Integer call() throws IOException {
        Dataset.Split digits = Digits.load();
        Layer model = train(digits.train(), 1, new ProgressReport("ternary", System.out));
        System.out.printf("%n%s%n%n", model);
        double trained = Evaluation.accuracy(model, digits.test());
        model.deploy();
        double deployed = Evaluation.accuracy(model, digits.test());
        System.out.printf(Locale.ROOT, "memory: float %.1f KB, deployed %.1f KB%n",
                model.memory().floatBytes() / 1024.0,
                model.memory().residentBytes() / 1024.0);
        System.out.printf(Locale.ROOT, "ternary test accuracy: %.2f %% in training form, %.2f %% deployed%n",
                100 * trained, 100 * deployed);
        return 0;
    }

    /** Trains a network; the seed determines its initial weights and the order of the samples. */
    static Layer train(Dataset data, long seed, TrainingListener listener) {
        Layer model = new ConvNet().initialize(seed);
        Trainer.builder(model, new AdamW(model.parameters(), LEARNING_RATE)).epochs(EPOCHS).batchSize(BATCH).seed(seed)
                .schedule(Schedule.cosine().withWarmUp(50)).listener(listener).build().fit(data, null);
        return model;
    }
}
