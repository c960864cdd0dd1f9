package io.bitlab.cli.evaluate;

import io.bitlab.cli.data.GeneratorImages;
import io.bitlab.cli.data.IdxImages;
import io.bitlab.cli.data.ShippedModel;
import io.bitlab.cli.options.ComputeThreads;
import io.bitlab.cli.options.DenoisingArguments;
import io.bitlab.cli.options.OutputFile;
import io.bitlab.core.parallel.Parallel;
import io.bitlab.models.AutoBitModel;
import io.bitlab.models.diffusion.DiffusionOptions;
import io.bitlab.models.diffusion.ImageGenerator;
import io.bitlab.models.diffusion.score.GeneratorScores;
import io.bitlab.models.diffusion.score.ImageFeatures;
import io.bitlab.models.diffusion.score.NearestImages;
import io.bitlab.models.diffusion.score.StridedClassifier;
import io.bitlab.models.image.BitImage;
import io.bitlab.models.image.ImageGrid;
import io.bitlab.models.io.Json;
import io.bitlab.models.vision.BitResNet;
import io.bitlab.models.vision.ImageInput;
import io.bitlab.models.vision.ImageSamples;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Says how good the pictures of a model of {@code bitlab train generator} are. */
@Command(name = "generator", mixinStandardHelpOptions = true,
        description = "Measures a generator of pictures through a classifier.")
final class EvaluateGenerator implements Callable<Integer> {

    /** Pictures of which the nearest training image is shown. */
    private static final int SHOWN = 40;
    private static final int COLUMNS = 10;
    private static final int SCALE = 2;

    @Parameters(index = "0", paramLabel = "MODEL", description = "folder of the model")
    private Path model;

    @Option(names = "--data", description = "the data of its training; the handwritten digits that come along unless"
            + " given")
    private Path data;

    @Option(names = "--classifier", description = "folder of a BitResNet that 'bitlab train"
            + " images' made; the one of Fashion-MNIST that comes along unless given")
    private Path classifier;

    @Option(names = "--samples", defaultValue = "10000", description = "how many; ${DEFAULT-VALUE} unless given")
    private int samples;

    @Option(names = "--seeds", split = ",", defaultValue = "1", description = "a row each; ${DEFAULT-VALUE}")
    private long[] seeds;

    @Option(names = "--guidance", split = ",", defaultValue = "1,2", description = "a row each; ${DEFAULT-VALUE}")
    private float[] guidances;

    @Option(names = "--nearest", description = "file for pictures, each beside the training image that is most like it")
    private Path nearest;

    @Mixin
    private DenoisingArguments denoising;

    @Mixin
    private ComputeThreads threads;

    @Option(names = "--json", description = "print a line of JSON for each row, instead of a table")
    private boolean json;

    @Override
    public Integer call() throws IOException {
        OutputFile.checkImage("--nearest", nearest);
        ImageGenerator generator = AutoBitModel.load(model, ImageGenerator.class);
        List<String> names = generator.config().classNames().toList();
        GeneratorImages images = GeneratorImages.read(data, names);
        ImageInput input = generator.config().imageInput(); // what the classifier sees
        ImageFeatures features;
        if (classifier != null && Files.isDirectory(classifier)) {
            BitResNet network = AutoBitModel.load(classifier, BitResNet.class);
            requireSame(network.config().classNames().toList(), names);
            input = network.config().imageInput();
            features = ImageFeatures.of(network);
        } else {
            if (classifier == null && !names.equals(IdxImages.FASHION)) {
                throw new IllegalArgumentException("the included classifier knows " + IdxImages.FASHION
                        + ", the generator makes " + names + "; give --classifier, a model that bitlab train images"
                        + " trained with the same classes");
            }
            features = classifier != null ? StridedClassifier.read(classifier)
                    : ShippedModel.read("fashion-mnist-classifier", List.of("model.safetensors"),
                            folder -> StridedClassifier.read(folder.resolve("model.safetensors")));
            requireSame(features.classes() + " classes", names.size() + " classes");
        }
        ImageInput seen = input;
        ImageSamples real = ImageSamples.of(images.split().test(), seen, generator.config().classNames());
        if (!json) {
            System.out.println("guidance  seed  accuracy  Frechet distance  precision  recall  seconds");
        }
        try (Parallel parallel = threads.start()) {
            for (float guidance : guidances) {
                DiffusionOptions options = denoising.options(guidance, null);
                for (long seed : seeds) {
                    long start = System.nanoTime();
                    GeneratorScores scores = parallel.call(() -> GeneratorScores.of(features,
                            (first, labels) -> seen.tensor(pictures(generator, options, seed, first, labels)), samples,
                            real));
                    print(guidance, seed, scores, (System.nanoTime() - start) * 1e-9);
                }
            }
            if (nearest != null) {
                ImageSamples training = generator.samples(images.split().train());
                BitImage pairs = parallel.call(() -> pairs(generator, training));
                pairs.write(nearest);
                if (!json) {
                    System.out.println(
                            "pictures above, the training images that are most like them below: " + nearest);
                }
            }
        }
        return 0;
    }

    private void print(float guidance, long seed, GeneratorScores scores, double seconds) {
        if (json) {
            Map<String, Object> row = new LinkedHashMap<>();
            row.put("guidance", guidance);
            row.put("seed", seed);
            row.put("accuracy", scores.conditionalAccuracy());
            row.put("frechet_distance", scores.frechetDistance());
            row.put("precision", scores.precision());
            row.put("recall", scores.recall());
            row.put("seconds", seconds);
            System.out.println(Json.compact(row));
        } else {
            System.out.printf(Locale.ROOT, "%8.2f%6d%9.2f%%%18.3f%10.1f%%%7.1f%%%9.0f%n", guidance, seed,
                    100 * scores.conditionalAccuracy(), scores.frechetDistance(), 100 * scores.precision(),
                    100 * scores.recall(), seconds);
        }
    }

    private void requireSame(Object known, Object made) {
        if (!known.equals(made)) {
            throw new IllegalArgumentException("the classifier " + classifier + " knows " + known
                    + ", the generator makes " + made + "; choose one that was trained with the same classes");
        }
    }

    private static List<BitImage> pictures(ImageGenerator generator, DiffusionOptions options, long seed, int first,
            int... labels) {
        List<String> names = Arrays.stream(labels).mapToObj(generator.config().classNames()::name).toList();
        return generator.generate(names, seed * 1_000_003 + first, options, (step, steps, images) -> {});
    }

    private BitImage pairs(ImageGenerator generator, ImageSamples training) {
        int classes = generator.config().classNames().size();
        int[] labels = new int[SHOWN];
        Arrays.setAll(labels, i -> i % classes);
        DiffusionOptions options = denoising.options(guidances[guidances.length - 1], null);
        List<BitImage> pictures = pictures(generator, options, seeds[0], 0, labels);
        NearestImages found = NearestImages.find(generator.config().imageInput().tensor(pictures), training);
        List<BitImage> grid = new ArrayList<>();
        for (int row = 0; row < SHOWN; row += COLUMNS) {
            grid.addAll(pictures.subList(row, row + COLUMNS));
            for (int i = row; i < row + COLUMNS; i++) {
                grid.add(training.dataset().image(found.index(i)));
            }
        }
        return ImageGrid.of(grid, COLUMNS).withScale(SCALE).toImage();
    }
}
