package io.bitlab.cli.train;

import io.bitlab.cli.data.GeneratorImages;
import io.bitlab.cli.data.IdxImages;
import io.bitlab.cli.evaluate.ConfusionMatrix;
import io.bitlab.core.parallel.Parallel;
import io.bitlab.layers.optim.AdamW;
import io.bitlab.layers.optim.ParameterGroup;
import io.bitlab.layers.optim.Schedule;
import io.bitlab.models.AutoBitModel;
import io.bitlab.models.BitModelConfig;
import io.bitlab.models.image.ImageAugmentation;
import io.bitlab.models.image.LabelledImages;
import io.bitlab.models.train.BatchAugmentation;
import io.bitlab.models.train.Evaluation;
import io.bitlab.models.train.Objective;
import io.bitlab.models.train.Objectives;
import io.bitlab.models.train.Trainer;
import io.bitlab.models.vision.BitResNetConfig;
import io.bitlab.models.vision.BitViTConfig;
import io.bitlab.models.vision.ClassNames;
import io.bitlab.models.vision.ImageClassifier;
import io.bitlab.models.vision.ImageInput;
import io.bitlab.models.vision.ImageSamples;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * Trains a ternary classifier on a folder of images that holds a folder for each class, and saves it for
 * {@code bitlab classify}.
 */
@Command(name = "images", mixinStandardHelpOptions = true,
        description = "Trains a ternary image classifier on a folder with a folder of images for each class.")
final class TrainImages implements Callable<Integer> {

    /** The networks of {@link BitResNetConfig} and {@link BitViTConfig}. */
    enum Preset {
        TINY, SMALL, CIFAR, DEEP, RESNET18, VIT_TINY, VIT_SMALL
    }

    @Option(names = "--data", required = true,
            description = "folder with a folder of images for each class, or the four files of MNIST or Fashion-MNIST")
    private Path data;

    @Option(names = "--validation-data", description = "such a folder for validation; else a share of --data")
    private Path validationData;

    @Option(names = "--validation-share", defaultValue = "0.2", description = "${DEFAULT-VALUE} unless given")
    private double validationShare;

    @Option(names = "--out", description = "folder for the model; ${DEFAULT-VALUE} unless given")
    private Path out = Path.of("image-model");

    @Option(names = "--model", defaultValue = "SMALL", description = "${COMPLETION-CANDIDATES}; ${DEFAULT-VALUE}")
    private Preset preset;

    @Option(names = "--channels", split = ",", description = "residual networks: channels of the stages, one block"
            + " each; those of the model unless given")
    private int[] channels;

    @Option(names = "--size", defaultValue = "32",
            description = "height and width in pixels; ${DEFAULT-VALUE} unless given")
    private int size;

    @Option(names = "--epochs", defaultValue = "20", description = "${DEFAULT-VALUE} unless given")
    private int epochs;

    @Option(names = "--batch", defaultValue = "64", description = "images a step; ${DEFAULT-VALUE} unless given")
    private int batch;

    @Option(names = "--rate", defaultValue = "3e-3",
            description = "learning rate, of which the float twin takes a third; ${DEFAULT-VALUE} unless given")
    private float rate;

    @Option(names = "--weight-decay", defaultValue = "0.02", description = "${DEFAULT-VALUE} unless given")
    private float weightDecay;

    @Option(names = "--mixup", description = "also mix the images of a batch; for long trainings")
    private boolean mixup;

    @Option(names = "--teacher", description = "folder of a trained classifier; distils it into the new one")
    private Path teacher;

    @Mixin
    private TrainingRun run;

    @Override
    public Integer call() throws IOException {
        OutputFolder.check(out);
        boolean idx = IdxImages.areIn(data);
        if (idx && validationData != null) {
            throw new IllegalArgumentException("--validation-data: MNIST and Fashion-MNIST come with images for the"
                    + " test, which are used; leave it out");
        }
        if (channels != null && (preset == Preset.VIT_TINY || preset == Preset.VIT_SMALL)) {
            throw new IllegalArgumentException("--channels: " + preset + " is no residual network; leave it out");
        }
        LabelledImages.Split split = idx ? IdxImages.read(data) : folders();
        ClassNames names = ClassNames.of(split.train().classNames());
        BitModelConfig<? extends ImageClassifier> config =
                config(idx ? ImageInput.grey(size, size) : ImageInput.colour(size, size), names);
        ImageClassifier model = AutoBitModel.fromConfig(config, run.seed());
        ImageSamples train = model.samples(split.train());
        ImageSamples validation = model.samples(split.test());
        System.out.printf(Locale.ROOT, "%,d training images, %,d for validation, %d classes, %,d parameters%n",
                train.size(), validation.size(), train.classes(), model.parameterCount());
        try (Parallel parallel = run.start()) {
            Trainer trainer = trainer(model);
            parallel.call(() -> trainer.fit(train, validation));
            run.end(model);
            model.eval();
            int[] found = parallel.call(() -> Evaluation.predictions(model, validation)); // refuses a diverged model
            AutoBitModel.save(model, out, run.saved());
            ConfusionMatrix matrix = ConfusionMatrix.of(names.toList(), validation, found);
            matrix.toImage().write(out.resolve("confusion.png"));
            System.out.printf(Locale.ROOT, "%n%s%nsaved in %s%n%s validation accuracy: %.2f %%%n", matrix.table(), out,
                    run.form(), 100 * matrix.accuracy());
        }
        return 0;
    }

    private LabelledImages.Split folders() throws IOException {
        LabelledImages images = LabelledImages.readFolder(data);
        return validationData == null ? images.split(validationShare, GeneratorImages.SPLIT_SEED)
                : new LabelledImages.Split(images, LabelledImages.readFolder(validationData));
    }

    private BitModelConfig<? extends ImageClassifier> config(ImageInput input, ClassNames names) {
        return switch (preset) {
            case TINY -> resNet(BitResNetConfig.tiny(input, names));
            case SMALL -> resNet(BitResNetConfig.small(input, names));
            case CIFAR -> resNet(BitResNetConfig.cifar(input, names));
            case DEEP -> resNet(BitResNetConfig.deep(input, names));
            case RESNET18 -> resNet(BitResNetConfig.resnet18(input, names));
            case VIT_TINY -> vit(BitViTConfig.tiny(input, names));
            case VIT_SMALL -> vit(BitViTConfig.small(input, names));
        };
    }

    private BitResNetConfig resNet(BitResNetConfig preset) {
        int[] ones = new int[channels == null ? 0 : channels.length];
        Arrays.fill(ones, 1);
        BitResNetConfig ternary =
                channels == null ? preset : preset.toBuilder().channels(channels).blocks(ones).build();
        return run.floats() ? ternary.floatTwin() : ternary;
    }

    private BitViTConfig vit(BitViTConfig ternary) {
        return run.floats() ? ternary.floatTwin() : ternary;
    }

    private Objective objective(ImageClassifier model) throws IOException {
        return teacher == null ? Objectives.crossEntropy(0.1f)
                : model.distillation(AutoBitModel.load(teacher, ImageClassifier.class), 2f, 0.3f);
    }

    private Trainer trainer(ImageClassifier model) throws IOException {
        AdamW adam = AdamW.builder().groups(ParameterGroup.splitByRank(model))
                .learningRate(run.floats() ? rate / 3 : rate).weightDecay(weightDecay).build();
        Trainer.Builder trainer = Trainer.builder(model, adam).epochs(epochs).batchSize(batch)
                .schedule(Schedule.cosine().withWarmUp(50)).objective(objective(model))
                .augmentation(ImageSamples.augmentation(ImageAugmentation.light()));
        if (mixup) {
            trainer.batchAugmentation(BatchAugmentation.mixup(0.2).or(BatchAugmentation.cutmix(1)));
        }
        return run.trainer(trainer, run.progress());
    }
}
