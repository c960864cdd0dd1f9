package io.bitlab.cli.train;

import io.bitlab.cli.data.AnnotatedPhotographs;
import io.bitlab.cli.data.ColourStatistics;
import io.bitlab.cli.evaluate.DetectorSummary;
import io.bitlab.core.parallel.Parallel;
import io.bitlab.layers.optim.AdamW;
import io.bitlab.layers.optim.ParameterGroup;
import io.bitlab.layers.optim.Schedule;
import io.bitlab.models.AutoBitModel;
import io.bitlab.models.detection.BitDetector;
import io.bitlab.models.detection.BitDetectorConfig;
import io.bitlab.models.detection.DetectionAugmentation;
import io.bitlab.models.detection.DetectionOptions;
import io.bitlab.models.detection.DetectionReport;
import io.bitlab.models.detection.DetectionTask;
import io.bitlab.models.detection.DetectorEvaluation;
import io.bitlab.models.detection.data.BoxedImages;
import io.bitlab.models.image.ImageFit;
import io.bitlab.models.image.ImageNormalization;
import io.bitlab.models.image.RandomMap;
import io.bitlab.models.train.EpochResult;
import io.bitlab.models.train.Trainer;
import io.bitlab.models.vision.ClassNames;
import io.bitlab.models.vision.ImageInput;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Trains a ternary detector on annotated photographs, and saves it for {@code bitlab detect}. */
@Command(name = "detector", mixinStandardHelpOptions = true,
        description = "Trains a ternary network that finds objects, on photographs with boxes.")
final class TrainDetector implements Callable<Integer> {

    /** The networks of {@link BitDetectorConfig}. */
    enum Preset {
        NANO, SMALL
    }

    @Mixin
    private AnnotatedPhotographs photographs;

    @Option(names = "--out", description = "folder for the model; ${DEFAULT-VALUE} unless given")
    private Path out = Path.of("detector");

    @Option(names = "--model", defaultValue = "NANO", description = "${COMPLETION-CANDIDATES}; ${DEFAULT-VALUE}")
    private Preset preset;

    @Option(names = "--width", defaultValue = "256",
            description = "columns of what the network sees; ${DEFAULT-VALUE} unless given")
    private int width;

    @Option(names = "--height", defaultValue = "192",
            description = "rows of what the network sees; ${DEFAULT-VALUE} unless given")
    private int height;

    @Option(names = "--epochs", defaultValue = "60", description = "${DEFAULT-VALUE} unless given")
    private int epochs;

    @Option(names = "--batch", defaultValue = "8", description = "pictures a step; ${DEFAULT-VALUE} unless given")
    private int batch;

    @Option(names = "--rate", defaultValue = "2e-3",
            description = "learning rate, of which the float twin takes half; ${DEFAULT-VALUE} unless given")
    private float rate;

    @Option(names = "--mosaic", defaultValue = "0",
            description = "share of samples made of four pictures, such as 0.3; ${DEFAULT-VALUE} for none")
    private double mosaic;

    @Option(names = "--sizes", split = ",", description = "train at several sizes, such as 0.75,1,1.25 of --width and"
            + " --height; makes objects of other sizes less of a surprise")
    private Double[] sizes = {1.0};

    @Option(names = "--flip-vertically", description = "also turn pictures upside down; for microscopes and drones")
    private boolean flipVertically;

    @Option(names = "--imagenet", description = "normalise colours as for ImageNet, instead of measuring them")
    private boolean imageNet;

    @Mixin
    private TrainingRun run;

    @Override
    public Integer call() throws IOException {
        OutputFolder.check(out);
        BoxedImages.Split split = photographs.read(width, height, run.seed());
        System.out.print("training data: " + split.train().report());
        if (split.test().report() != split.train().report()) { // not two parts of the same
            System.out.print("validation data: " + split.test().report());
        }
        BitDetector model = AutoBitModel.fromConfig(config(split.train()), run.seed());
        System.out.printf(Locale.ROOT, "%,d training pictures, %,d for validation, %d classes, %,d parameters%n",
                split.train().size(), split.test().size(), split.train().classNames().size(), model.parameterCount());
        try (Parallel parallel = run.start()) {
            parallel.call(() -> {
                List<EpochResult> history = train(model, split);
                finish(model, split.test(), history);
                return null;
            });
        }
        return 0;
    }

    private BitDetectorConfig config(BoxedImages train) throws IOException {
        ImageNormalization normalization =
                imageNet ? ImageNormalization.IMAGENET : ColourStatistics.normalization(train);
        ImageInput input = ImageInput.colour(height, width).withFit(ImageFit.LETTERBOX)
                .withNormalization(normalization);
        ClassNames names = ClassNames.of(train.classNames());
        BitDetectorConfig ternary = switch (preset) {
            case NANO -> BitDetectorConfig.nano(input, names);
            case SMALL -> BitDetectorConfig.small(input, names);
        };
        return run.floats() ? ternary.floatTwin() : ternary;
    }

    private List<EpochResult> train(BitDetector model, BoxedImages.Split split) throws IOException {
        DetectionAugmentation changes =
                DetectionAugmentation.standard(model.config().imageInput().normalization()).withMosaic(mosaic)
                        .withSizes(sizes);
        DetectionTask task = DetectionTask.builder(model, split.train()).validation(split.test())
                .augmentation(flipVertically ? changes.andMove(RandomMap.flipVertically()) : changes).seed(run.seed())
                .build();
        List<EpochResult> history = trainer(model).fit(task);
        run.end(model);
        return history;
    }

    private Trainer trainer(BitDetector model) throws IOException {
        AdamW adam =
                AdamW.builder().groups(ParameterGroup.splitByRank(model)).learningRate(run.floats() ? rate / 2 : rate)
                        .weightDecay(0.01f).build();
        Trainer.Builder trainer = Trainer.builder(model, adam).epochs(epochs).batchSize(batch)
                .schedule(Schedule.cosine().withWarmUp(50)).clipNorm(5f);
        return run.trainer(trainer, run.progress());
    }

    /** Chooses the score from which a box counts, saves the network, and says how good it is. */
    private void finish(BitDetector trained, BoxedImages images, List<EpochResult> history) throws IOException {
        trained.eval();
        AutoBitModel.save(trained, out, run.saved()); // before photographs are read that may be gone by now
        DetectorEvaluation evaluation = DetectorEvaluation.of(trained, images);
        double threshold = evaluation.scores().bestScoreThreshold();
        DetectionOptions options = trained.config().options();
        BitDetector model = Double.isNaN(threshold) ? trained
                : trained.withOptions(options.withScoreThreshold((float) threshold));
        AutoBitModel.save(model, out, run.saved());

        Path page = out.resolve("report.html");
        DetectionReport.builder(model, evaluation, images).history(history).build().writeHtml(page);
        System.out.printf(Locale.ROOT, "%n%s%nsaved in %s, to look at: %s%n%s validation AP50: %.3f%n",
                DetectorSummary.tables(model, evaluation), out, page, run.form(), evaluation.scores().ap50());
    }
}
