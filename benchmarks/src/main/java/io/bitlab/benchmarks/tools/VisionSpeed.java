package io.bitlab.benchmarks.tools;

import io.bitlab.benchmarks.BenchmarkCommand;
import io.bitlab.benchmarks.report.Machine;
import io.bitlab.core.memory.Workspace;
import io.bitlab.core.parallel.Parallel;
import io.bitlab.core.tensor.Autograd;
import io.bitlab.core.tensor.Tensor;
import io.bitlab.layers.BitConv2d;
import io.bitlab.layers.loss.CrossEntropy;
import io.bitlab.layers.optim.AdamW;
import io.bitlab.models.AutoBitModel;
import io.bitlab.models.vision.BitResNet;
import io.bitlab.models.vision.BitResNetConfig;
import io.bitlab.models.vision.ClassNames;
import io.bitlab.models.vision.ImageInput;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * Measures a residual network: a training step, and evaluation of a batch and of one image, ternary and float.
 * {@code scripts/vision-speed} runs it.
 */
@Command(name = "vision-speed", mixinStandardHelpOptions = true,
        description = "Measures training and evaluation of an image classifier.")
public final class VisionSpeed implements Callable<Integer> {

    private static final int ROUNDS = 5;
    private static final long LEAST_NANOS = 8_000_000_000L; // so that everything is compiled
    private static final int CLASSES = 10;
    /** Values of the images that are evaluated together, as in {@code ImageClassifier.classify}. */
    private static final int TOGETHER_VALUES = 1 << 16;

    /** The sizes of the network. */
    enum Preset {
        TINY, SMALL, CIFAR, DEEP, RESNET18;

        BitResNetConfig config() {
            ClassNames names = ClassNames.numbered(CLASSES);
            ImageInput small = ImageInput.colour(32, 32);
            return switch (this) {
                case TINY -> BitResNetConfig.tiny(small, names);
                case SMALL -> BitResNetConfig.small(small, names);
                case CIFAR -> BitResNetConfig.cifar(small, names);
                case DEEP -> BitResNetConfig.deep(small, names);
                case RESNET18 -> BitResNetConfig.resnet18(ImageInput.colour(224, 224), names);
            };
        }
    }

    @Parameters(description = "${COMPLETION-CANDIDATES}")
    private Preset preset;

    @Option(names = "--batch", defaultValue = "64", description = "images of a step and of a batch; ${DEFAULT-VALUE}")
    private int batch;

    @Option(names = "--threads", defaultValue = "1", description = "${DEFAULT-VALUE} unless given")
    private int threads;

    private VisionSpeed() {
    }

    /**
     * Measures and prints.
     *
     * @param arguments see {@code --help}
     */
    public static void main(String[] arguments) {
        BenchmarkCommand.run(new VisionSpeed(), arguments);
    }

    @Override
    public Integer call() {
        System.out.println(Machine.describe());
        try (Parallel parallel = Parallel.of(threads)) {
            parallel.call(() -> {
                measure("ternary", preset.config());
                measure("float", preset.config().floatTwin());
                return null;
            });
        }
        return 0;
    }

    private void measure(String kind, BitResNetConfig config) {
        BitResNet model = AutoBitModel.fromConfig(config, 1);
        int height = config.imageInput().height();
        int width = config.imageInput().width();
        Tensor images = Tensor.randn(1, batch, config.imageInput().channels(), height, width);
        int[] labels = new int[batch];
        for (int i = 0; i < batch; i++) {
            labels[i] = i % CLASSES;
        }
        AdamW optimizer = new AdamW(model.parameters(), 1e-3f);
        CrossEntropy loss = new CrossEntropy();
        Workspace workspace = new Workspace();
        double step = best(() -> {
            workspace.run(() -> loss.forward(model.forward(images), labels).backward());
            workspace.reset();
            optimizer.step();
            optimizer.zeroGrad();
        });
        model.deploy();
        int together = Math.clamp(TOGETHER_VALUES / (images.size() / batch), 1, batch);
        Tensor some = images.slice(0, 0, together);
        double many = best(() -> evaluate(model, some, workspace)) / together;
        Tensor first = images.slice(0, 0, 1);
        double one = best(() -> evaluate(model, first, workspace));
        String kernels = model.layers().values().stream().filter(BitConv2d.class::isInstance)
                .map(layer -> ((BitConv2d) layer).kernel().name()).distinct().collect(Collectors.joining(", "));
        System.out.printf(Locale.ROOT, "%s %s, %d threads, %s: step of %d %.1f ms, evaluation %.3f ms an image "
                + "(%d together), one image %.2f ms; %s%n", preset.name().toLowerCase(Locale.ROOT), kind, threads,
                kernels.isEmpty() ? "float" : kernels, batch, step, many, together, one, model.memory());
    }

    private static void evaluate(BitResNet model, Tensor images, Workspace workspace) {
        workspace.run(() -> Autograd.noGrad(() -> model.forward(images)));
        workspace.reset();
    }

    /** Milliseconds of the fastest of several runs. */
    private static double best(Runnable body) {
        double best = Double.POSITIVE_INFINITY;
        long begun = System.nanoTime();
        for (int i = 0; i < ROUNDS || System.nanoTime() - begun < LEAST_NANOS; i++) {
            long start = System.nanoTime();
            body.run();
            best = Math.min(best, (System.nanoTime() - start) * 1e-6);
        }
        return best;
    }
}
