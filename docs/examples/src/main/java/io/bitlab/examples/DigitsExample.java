package io.bitlab.examples;

import io.bitlab.cli.data.Digits;
import io.bitlab.core.kernel.KernelRegistry;
import io.bitlab.core.quant.TernaryMatrix;
import io.bitlab.core.tensor.Tensor;
import io.bitlab.layers.BitLinear;
import io.bitlab.layers.Layer;
import io.bitlab.layers.MemoryFootprint;
import io.bitlab.layers.optim.AdamW;
import io.bitlab.layers.optim.Schedule;
import io.bitlab.models.AutoBitModel;
import io.bitlab.models.BitModel;
import io.bitlab.models.mlp.BitMlp;
import io.bitlab.models.mlp.BitMlpConfig;
import io.bitlab.models.train.Dataset;
import io.bitlab.models.train.Evaluation;
import io.bitlab.models.train.ProgressReport;
import io.bitlab.models.train.Trainer;
import io.bitlab.models.train.TrainingListener;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/**
 * The main example: trains a ternary network and its float twin on handwritten digits, shows that packing keeps the
 * accuracy and how much memory it saves, and saves and loads the result.
 */
@Command(name = "DigitsExample", mixinStandardHelpOptions = true,
        description = "Trains a ternary network and its float twin on handwritten digits.")
public final class DigitsExample implements Callable<Integer> {

    private static final BitMlpConfig NETWORK =
            BitMlpConfig.builder().nLayers(3).inChannels(Digits.PIXELS).hiddenDim(256)
                    .outChannels(Digits.CLASSES).build();
    private static final int EPOCHS = 40;
    private static final int BATCH = 32;
    private static final float LEARNING_RATE = 2e-3f;

    @Parameters(arity = "0..1", paramLabel = "FOLDER", description = "for the model; ${DEFAULT-VALUE} unless given")
    private Path folder = ExampleCommand.output("digits-model");

    private DigitsExample() {
    }

    /**
     * Runs the example.
     *
     * @param arguments see {@code --help}
     */
    public static void main(String[] arguments) {
        ExampleCommand.run(new DigitsExample(), arguments);
    }

    @Override
    public Integer call() throws IOException {
        Dataset.Split digits = Digits.load();
        System.out.printf(Locale.ROOT, "Handwritten digits: %d to learn from, %d to test on%n", digits.train().size(),
                digits.test().size());

        BitMlp twin = train(NETWORK.floatTwin(), digits.train(), 1, new ProgressReport("float", System.out));
        BitMlp model = train(NETWORK, digits.train(), 1, new ProgressReport("ternary", System.out));
        System.out.printf("%n%s%n%n", model);

        twin.eval();
        double floatAccuracy = Evaluation.accuracy(twin, digits.test());
        printAccuracy("float twin", floatAccuracy);
        printAccuracy("ternary, training form", Evaluation.accuracy(model, digits.test()));
        model.eval();
        printAccuracy("ternary, after eval()", Evaluation.accuracy(model, digits.test()));
        MemoryFootprint evaluated = model.memory();
        model.deploy();
        double ternaryAccuracy = Evaluation.accuracy(model, digits.test());
        printAccuracy("ternary, after deploy()", ternaryAccuracy);

        printWeights(model);
        printMemory(evaluated, model.memory());
        printKernel(model);
        saveAndLoad(model, folder, digits.test());
        System.out.printf(Locale.ROOT, "ternary test accuracy: %.2f %%  float: %.2f %%%n", 100 * ternaryAccuracy,
                100 * floatAccuracy);
        return 0;
    }

    /** Trains a network of a configuration; the seed determines its initial weights and the order of the samples. */
    static BitMlp train(BitMlpConfig config, Dataset data, long seed, TrainingListener listener) {
        BitMlp model = AutoBitModel.fromConfig(config, seed);
        Trainer.builder(model, new AdamW(model.parameters(), LEARNING_RATE)).epochs(EPOCHS).batchSize(BATCH).seed(seed)
                .schedule(Schedule.cosine().withWarmUp(50)).listener(listener).build().fit(data, null);
        return model;
    }

    /** The ternary network of this example. */
    static BitMlpConfig network() {
        return NETWORK;
    }

    private static void printAccuracy(String form, double accuracy) {
        System.out.printf(Locale.ROOT, "%-26s test accuracy %6.2f %%%n", form, 100 * accuracy);
    }

    private static List<BitLinear> ternaryLayers(Layer model) {
        return model.layers().values().stream().filter(BitLinear.class::isInstance).map(BitLinear.class::cast).toList();
    }

    private static void printWeights(Layer model) {
        for (BitLinear layer : ternaryLayers(model)) {
            TernaryMatrix weight = layer.ternaryWeight();
            System.out.printf(Locale.ROOT, "%-26s %.1f %% zeros, %.2f bits a weight in files%n", layer.path(),
                    100 * weight.zeroFraction(), weight.bitsPerWeight());
        }
    }

    private static void printMemory(MemoryFootprint evaluated, MemoryFootprint deployed) {
        System.out.printf(Locale.ROOT,
                "memory                     float %.1f KB, with eval() %.1f KB, deployed %.1f KB: "
                        + "%.1f %% less than float%n",
                evaluated.floatBytes() / 1024.0, evaluated.residentBytes() / 1024.0,
                deployed.residentBytes() / 1024.0, deployed.reductionPercent());
    }

    private static void printKernel(Layer model) {
        for (BitLinear layer : ternaryLayers(model)) {
            TernaryMatrix weight = layer.ternaryWeight();
            System.out.printf("%-26s runs on kernel '%s'%n", layer.path(), layer.kernel().name());
            KernelRegistry.explain(layer.quantConfig(), weight.outFeatures(), weight.inFeatures())
                    .forEach(report -> System.out.println("    " + report));
        }
    }

    private static void saveAndLoad(BitModel model, Path folder, Dataset test) throws IOException {
        AutoBitModel.save(model, folder);
        BitModel loaded = AutoBitModel.load(folder);
        Tensor x = test.batch(0, 1, 2, 3, 4, 5, 6, 7);
        boolean same = Arrays.equals(model.forward(x).data(), loaded.forward(x).data());
        System.out.printf("saved to %s and loaded: outputs are %s%n", folder.toAbsolutePath(),
                same ? "the same bits" : "DIFFERENT");
        if (!same) {
            throw new IllegalStateException("the loaded model differs from the saved one");
        }
    }
}
