package io.bitlab.cli.evaluate;

import io.bitlab.cli.data.IdxImages;
import io.bitlab.cli.options.ComputeThreads;
import io.bitlab.cli.options.OutputFile;
import io.bitlab.core.parallel.Parallel;
import io.bitlab.models.AutoBitModel;
import io.bitlab.models.image.LabelledImages;
import io.bitlab.models.io.Json;
import io.bitlab.models.train.Evaluation;
import io.bitlab.models.vision.ImageClassifier;
import io.bitlab.models.vision.ImageSamples;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** How often an image classifier is right, and what it confuses. */
@Command(name = "images", mixinStandardHelpOptions = true,
        description = "Says how often an image classifier is right, and what it confuses.")
final class EvaluateImages implements Callable<Integer> {

    @Parameters(index = "0", paramLabel = "MODEL", description = "folder of the model")
    private Path model;

    @Option(names = "--data", required = true, description = "folder with a folder of images for each class, or the"
            + " files of MNIST or Fashion-MNIST, of which the test images count")
    private Path data;

    @Option(names = "--picture", description = "file for a picture of the confusion matrix")
    private Path picture;

    @Mixin
    private ComputeThreads threads;

    @Option(names = "--json", description = "print JSON instead of a table")
    private boolean json;

    @Override
    public Integer call() throws IOException {
        OutputFile.checkImage("--picture", picture);
        ImageClassifier classifier = AutoBitModel.load(model, ImageClassifier.class);
        LabelledImages images = IdxImages.areIn(data) ? IdxImages.read(data).test() : LabelledImages.readFolder(data);
        ImageSamples samples =
                ImageSamples.of(images, classifier.config().imageInput(), classifier.config().classNames());
        try (Parallel parallel = threads.start()) {
            int[] found = parallel.call(() -> Evaluation.predictions(classifier, samples));
            ConfusionMatrix matrix = ConfusionMatrix.of(classifier.config().classNames().toList(), samples, found);
            if (picture != null) {
                matrix.toImage().write(picture);
            }
            if (json) {
                System.out.println(Json.compact(matrix.toJson()));
            } else {
                System.out.printf(Locale.ROOT, "%s%naccuracy: %.2f %%%n", matrix.table(), 100 * matrix.accuracy());
            }
        }
        return 0;
    }
}
