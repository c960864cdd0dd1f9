package io.bitlab.cli.train;

import io.bitlab.cli.data.GeneratorImages;
import io.bitlab.core.parallel.Parallel;
import io.bitlab.layers.optim.AdamW;
import io.bitlab.layers.optim.ParameterGroup;
import io.bitlab.layers.optim.Schedule;
import io.bitlab.models.AutoBitModel;
import io.bitlab.models.diffusion.BitDiTBuilder;
import io.bitlab.models.diffusion.BitDiTConfig;
import io.bitlab.models.diffusion.BitUNetConfig;
import io.bitlab.models.diffusion.DiffusionOptions;
import io.bitlab.models.diffusion.DiffusionProcess;
import io.bitlab.models.diffusion.DiffusionTask;
import io.bitlab.models.diffusion.ImageGenerator;
import io.bitlab.models.diffusion.ImageGeneratorConfig;
import io.bitlab.models.diffusion.ImageNorm;
import io.bitlab.models.image.BitImage;
import io.bitlab.models.image.ImageAugmentation;
import io.bitlab.models.image.ImageNormalization;
import io.bitlab.models.image.LabelledImages;
import io.bitlab.models.train.EpochResult;
import io.bitlab.models.train.Trainer;
import io.bitlab.models.train.TrainingListener;
import io.bitlab.models.vision.ClassNames;
import io.bitlab.models.vision.ImageInput;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Trains a ternary network that makes pictures like those it has seen, for {@code bitlab draw}. */
@Command(name = "generator", mixinStandardHelpOptions = true,
        description = "Trains a ternary network that makes pictures.")
final class TrainGenerator implements Callable<Integer> {

    /** The networks, with the options that the others don't have. */
    enum Network {
        DIT("--patch", "--features", "--layers", "--condition"), UNET("--channels", "--norm");

        private final List<String> options;

        Network(String... options) {
            this.options = List.of(options);
        }
    }

    @Option(names = "--data", description = "folder with a folder of images for each class, or the four files of MNIST"
            + " or Fashion-MNIST; the handwritten digits that come along unless given")
    private Path data;

    @Option(names = "--classes", split = ",", description = "learn these classes alone, two or more, such as 0,1")
    private List<String> classes = List.of();

    @Option(names = "--out", description = "folder for the model; ${DEFAULT-VALUE} unless given")
    private Path out = Path.of("generator");

    @Option(names = "--network", defaultValue = "DIT", description = "${COMPLETION-CANDIDATES}; ${DEFAULT-VALUE}")
    private Network network;

    @Option(names = "--process", defaultValue = "RECTIFIED_FLOW",
            description = "${COMPLETION-CANDIDATES}; ${DEFAULT-VALUE}")
    private DiffusionProcess process;

    @Option(names = "--size", description = "height and width in pixels; 28 unless given, 8 for the digits")
    private Integer size;

    @Option(names = "--grey", description = "images of a folder without colours")
    private boolean grey;

    @Option(names = "--patch", defaultValue = "4", description = "DIT: pixels of a patch; ${DEFAULT-VALUE}")
    private int patch;

    @Option(names = "--features", defaultValue = "96", description = "DIT: features of a patch; ${DEFAULT-VALUE}")
    private int features;

    @Option(names = "--layers", defaultValue = "4", description = "DIT: blocks; ${DEFAULT-VALUE}")
    private int layers;

    @Option(names = "--condition", description = "DIT: features of time and class; those of a patch unless given")
    private Integer condition;

    @Option(names = "--channels", split = ",", defaultValue = "32,64,96",
            description = "UNET: channels at each resolution; ${DEFAULT-VALUE}")
    private int[] channels;

    @Option(names = "--norm", defaultValue = "BATCH",
            description = "UNET: ${COMPLETION-CANDIDATES}; ${DEFAULT-VALUE} unless given")
    private ImageNorm norm;

    @Option(names = "--epochs", defaultValue = "20", description = "${DEFAULT-VALUE} unless given")
    private int epochs;

    @Option(names = "--batch", defaultValue = "64", description = "images a step; ${DEFAULT-VALUE} unless given")
    private int batch;

    @Option(names = "--rate", defaultValue = "2e-3", description = "learning rate; ${DEFAULT-VALUE} unless given")
    private float rate;

    @Option(names = "--flip", description = "also learn from mirrored images")
    private boolean flip;

    @Option(names = "--grid-every", defaultValue = "1", description = "epochs between two pictures of samples; 0 for"
            + " none before the end; ${DEFAULT-VALUE} unless given")
    private int gridEvery;

    @Option(names = "--start", description = "folder of a trained model with the same sizes as this one, such as its"
            + " float twin, whose weights to start from")
    private Path start;

    @Option(names = "--teacher", description = "folder of a trained model of the same images; also learn from what it"
            + " predicts")
    private Path teacher;

    @Option(names = "--teacher-share", description = "how much its predictions count, 0 to 1; 1 unless given")
    private Float teacherShare;

    @Mixin
    private TrainingRun run;

    @Spec
    private CommandSpec command;

    @Override
    public Integer call() throws IOException {
        OutputFolder.check(out);
        refuseOptionsOfOthers();
        GeneratorImages images = GeneratorImages.read(data, classes);
        int pixels = size != null ? size : images.usualSize();
        ImageInput input = grey || images.grey() ? ImageInput.grey(pixels, pixels)
                : ImageInput.colour(pixels, pixels).withNormalization(ImageNormalization.SYMMETRIC);
        LabelledImages train = images.split().train();
        ImageGenerator model = AutoBitModel.fromConfig(config(input, ClassNames.of(train.classNames())), run.seed());
        if (start != null) {
            startFrom(AutoBitModel.load(start, ImageGenerator.class), model);
        }
        DiffusionTask task = task(model, images);
        System.out.printf(Locale.ROOT, "%,d training images, %,d for validation, %d classes, %,d parameters%n",
                train.size(), images.split().test().size(), train.classNames().size(), model.parameterCount());
        Files.createDirectories(out);
        try (Parallel parallel = run.start()) {
            Trainer trainer = trainer(model);
            parallel.call(() -> trainer.fit(task));
            run.end(model);
            AutoBitModel.save(model, out, run.saved());
            if (run.rawState() != null) { // to see what averaging does
                ImageGenerator raw = model.config().newModel();
                raw.loadStateDict(run.rawState());
                AutoBitModel.save(raw, out.resolve("raw"), run.saved());
            }
            model.eval();
            Path grid = out.resolve("samples.png");
            parallel.call(() -> {
                SampleGrid.of(model, DiffusionOptions.DEFAULT, run.seed()).write(grid);
                return null;
            });
            System.out.printf("saved in %s, to look at: %s%n", out, grid);
        }
        return 0;
    }

    private void startFrom(ImageGenerator trained, ImageGenerator model) {
        model.config().differenceFrom(trained.config()).ifPresent(difference -> {
            throw new IllegalArgumentException("--start " + start + ": that model doesn't fit: " + difference);
        });
        if (trained.stateDict().isDeployed()) {
            throw new IllegalArgumentException("--start " + start + ": packed ternary weights can't be trained; start"
                    + " from the model's float twin, or go on from a training's --checkpoint");
        }
        try {
            model.loadStateDict(trained.stateDict());
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("--start " + start + ": that model has other sizes; give the options it"
                    + " was trained with. " + e.getMessage(), e);
        }
    }

    private DiffusionTask task(ImageGenerator model, GeneratorImages images) throws IOException {
        DiffusionTask.Builder task = DiffusionTask.builder(model, model.samples(images.split().train()))
                .validation(model.samples(images.split().test()))
                .augmentation(flip ? ImageAugmentation.flip() : null).seed(run.seed());
        if (teacher != null) {
            task.teacher(AutoBitModel.load(teacher, ImageGenerator.class), teacherShare == null ? 1f : teacherShare);
        } else if (teacherShare != null) {
            throw new IllegalArgumentException("--teacher-share: there is no --teacher; give both or neither");
        }
        return task.build();
    }

    private void refuseOptionsOfOthers() {
        for (Network other : Network.values()) {
            for (String option : other == network ? List.<String>of() : other.options) {
                if (command.commandLine().getParseResult().hasMatchedOption(option)) {
                    throw new IllegalArgumentException(option + " is of the network " + other + ", not of " + network
                            + ", which --network chooses; leave it out");
                }
            }
        }
    }

    private ImageGeneratorConfig<?> config(ImageInput input, ClassNames names) {
        return switch (network) {
            case DIT -> {
                BitDiTBuilder builder = BitDiTConfig.builder().imageInput(input).classNames(names).process(process)
                        .patchSize(patch).hiddenSize(features).numHiddenLayers(layers);
                BitDiTConfig ternary = condition == null ? builder.build() : builder.conditionSize(condition).build();
                yield run.floats() ? ternary.floatTwin() : ternary;
            }
            case UNET -> {
                BitUNetConfig ternary = BitUNetConfig.builder().imageInput(input).classNames(names).process(process)
                        .channels(channels).norm(norm).build();
                yield run.floats() ? ternary.floatTwin() : ternary;
            }
        };
    }

    private Trainer trainer(ImageGenerator model) throws IOException {
        AdamW adam = AdamW.builder().groups(ParameterGroup.splitByRank(model)).learningRate(rate).weightDecay(0f)
                .build();
        Trainer.Builder trainer = Trainer.builder(model, adam).epochs(epochs).batchSize(batch).clipNorm(1f)
                .schedule(Schedule.cosine().withWarmUp(100));
        if (gridEvery < 0) {
            throw new IllegalArgumentException("--grid-every: " + gridEvery + ", expected 0 or more");
        }
        if (gridEvery > 0) {
            trainer.listener(new TrainingListener() {
                @Override
                public void onEpoch(EpochResult result) {
                    if (result.epoch() % gridEvery == 0 && result.epoch() < epochs) {
                        writeGrid(model, result.epoch());
                    }
                }
            });
        }
        return run.trainer(trainer, run.progress());
    }

    private void writeGrid(ImageGenerator model, int epoch) {
        try {
            BitImage grid = SampleGrid.of(model, DiffusionOptions.DEFAULT, run.seed());
            grid.write(out.resolve(String.format(Locale.ROOT, "samples-%03d.png", epoch)));
        } catch (CancellationException _) {
            // interrupted, as by --minutes: the training ends next, and its model matters more than this picture
        } catch (IOException e) { // the training goes on
            System.err.println("no picture of epoch " + epoch + ": " + e.getMessage());
        }
    }
}
