package io.bitlab.cli.evaluate;

import io.bitlab.cli.data.Digits;
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
import io.bitlab.models.diffusion.ImageGeneratorConfig;
import io.bitlab.models.diffusion.score.GeneratorScores;
import io.bitlab.models.diffusion.score.ImageFeatures;
import io.bitlab.models.diffusion.score.NearestImages;
import io.bitlab.models.diffusion.score.StridedClassifier;
import io.bitlab.models.image.BitImage;
import io.bitlab.models.image.ImageGrid;
import io.bitlab.models.image.LabelledImages;
import io.bitlab.models.io.Json;
import io.bitlab.models.vision.BitResNet;
import io.bitlab.models.vision.ImageInput;
import io.bitlab.models.vision.ImageSamples;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.IntSummaryStatistics;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.DoubleAdder;
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

    /** What the included classifier was trained with. */
    private static final ImageInput FASHION_INPUT = ImageInput.grey(28, 28);

    /** If a class has this many times the images of another, figures that compare sets are off. */
    private static final double UNEVEN = 1.5;

    @Parameters(index = "0", arity = "0..1", paramLabel = "MODEL", description = "folder of the model; the one of"
            + " Fashion-MNIST that comes along unless given")
    private Path model;

    @Option(names = "--data", description = "the data of its training; the handwritten digits that come along unless"
            + " given")
    private Path data;

    @Option(names = "--classifier", description = "folder of a BitResNet that 'bitlab train images' made of the same"
            + " --data, without --validation-data and with at least its usual --validation-share, so that it has not"
            + " seen the images that are held out; the one of Fashion-MNIST that comes along unless given")
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

    /** A trained classifier, and what pictures must become for it. */
    private record Judge(ImageFeatures features, ImageInput input) {
    }

    @Override
    public Integer call() throws IOException {
        OutputFile.checkImage("--nearest", nearest);
        ImageGenerator generator = ShippedModel.generator(model);
        List<String> names = generator.config().classNames().toList();
        if (data == null && !Digits.NAMES.containsAll(names)) {
            throw new IllegalArgumentException("--data is missing: the images that the generator of " + names
                    + " was trained with");
        }
        GeneratorImages images = GeneratorImages.read(data, names);
        warnIfUneven(images.split().test());
        Judge judge = judge(generator.config());
        try (Parallel parallel = threads.start()) {
            measure(generator, judge, images.split().test(), parallel);
            if (nearest != null) {
                parallel.call(() -> {
                    writeNearest(generator, images.split().train());
                    return null;
                });
            }
        }
        return 0;
    }

    private Judge judge(ImageGeneratorConfig<?> config) throws IOException {
        List<String> names = config.classNames().toList();
        if (classifier == null || !Files.isDirectory(classifier)) {
            return new Judge(classifierFile(names), classifier == null ? FASHION_INPUT : config.imageInput());
        }
        BitResNet network = AutoBitModel.load(classifier, BitResNet.class);
        requireSame(network.config().classNames().toList(), names);
        return new Judge(ImageFeatures.of(network), network.config().imageInput());
    }

    /** Prints a row for each guidance and seed. */
    private void measure(ImageGenerator generator, Judge judge, LabelledImages heldOut, Parallel parallel)
            throws IOException {
        ImageSamples real = ImageSamples.of(heldOut, judge.input, generator.config().classNames());
        if (!json) {
            System.out.println("guidance  seed  accuracy  Frechet distance  precision  recall  ms a picture");
        }
        double realAccuracy = Double.NaN;
        for (float guidance : guidances) {
            DiffusionOptions options = denoising.options(guidance, null);
            for (long seed : seeds) {
                DoubleAdder seconds = new DoubleAdder();
                GeneratorScores scores = parallel.call(() -> GeneratorScores.of(judge.features, (first, labels) -> {
                    long start = System.nanoTime();
                    List<BitImage> pictures = pictures(generator, options, seed, first, labels);
                    seconds.add((System.nanoTime() - start) * 1e-9);
                    return judge.input.tensor(pictures);
                }, samples, real));
                print(guidance, seed, scores, seconds.sum() / samples);
                realAccuracy = scores.realAccuracy();
            }
        }
        if (!json) {
            System.out.printf(Locale.ROOT, "the classifier is right about %.2f %% of the %,d real pictures%n",
                    100 * realAccuracy, real.size());
        }
    }

    private ImageFeatures classifierFile(List<String> names) throws IOException {
        if (classifier == null && !names.equals(IdxImages.FASHION)) {
            throw new IllegalArgumentException("the included classifier knows " + IdxImages.FASHION
                    + ", the generator makes " + names + "; give --classifier, a model that bitlab train images"
                    + " trained with the same classes");
        }
        ImageFeatures features = classifier != null ? StridedClassifier.read(classifier)
                : ShippedModel.read("fashion-mnist-classifier", List.of("model.safetensors"),
                        folder -> StridedClassifier.read(folder.resolve("model.safetensors")));
        requireSame(features.classes() + " classes", names.size() + " classes");
        return features;
    }

    private static void warnIfUneven(LabelledImages real) {
        IntSummaryStatistics counts = Arrays.stream(real.classCounts()).summaryStatistics();
        if (counts.getMax() > UNEVEN * counts.getMin()) {
            System.err.println("The held-out images have " + counts.getMin() + " to " + counts.getMax()
                    + " per class, the generated ones the same number of each: distance, precision and recall count"
                    + " that as a difference.");
        }
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
            row.put("real_accuracy", Double.isNaN(scores.realAccuracy()) ? null : scores.realAccuracy());
            row.put("seconds_a_picture", seconds);
            System.out.println(Json.compact(row));
        } else {
            System.out.printf(Locale.ROOT, "%8.2f%6d%9.2f%%%18.3f%10.1f%%%7.1f%%%14.1f%n", guidance, seed,
                    100 * scores.conditionalAccuracy(), scores.frechetDistance(), 100 * scores.precision(),
                    100 * scores.recall(), 1e3 * seconds);
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
        return generator.generate(names, seed * 1_000_003 + first, options);
    }

    /** Draws pictures above the training images that are most like them or their mirror images, and says how alike. */
    private void writeNearest(ImageGenerator generator, LabelledImages images) throws IOException {
        ImageSamples training = generator.samples(images);
        ImageInput input = generator.config().imageInput();
        int classes = generator.config().classNames().size();
        int[] labels = new int[SHOWN];
        Arrays.setAll(labels, i -> i % classes);
        DiffusionOptions options = denoising.options(guidances[guidances.length - 1], null);
        List<BitImage> pictures = pictures(generator, options, seeds[0], 0, labels);
        NearestImages found = NearestImages.find(input.tensor(pictures), training);
        NearestImages mirrored =
                NearestImages.find(input.tensor(pictures.stream().map(BitImage::flipped).toList()), training);
        List<BitImage> below = new ArrayList<>();
        double[] differences = new double[SHOWN];
        for (int i = 0; i < SHOWN; i++) {
            boolean same = found.distance(i) <= mirrored.distance(i);
            BitImage image = training.dataset().image((same ? found : mirrored).index(i));
            below.add(same ? image : image.flipped());
            differences[i] = Math.min(found.distance(i), mirrored.distance(i))
                    / Math.sqrt((double) input.channels() * input.height() * input.width());
        }
        List<BitImage> grid = new ArrayList<>();
        for (int row = 0; row < SHOWN; row += COLUMNS) {
            grid.addAll(pictures.subList(row, row + COLUMNS));
            grid.addAll(below.subList(row, row + COLUMNS));
        }
        ImageGrid.of(grid, COLUMNS).withScale(SCALE).toImage().write(nearest);
        if (!json) {
            Arrays.sort(differences);
            System.out.printf(Locale.ROOT, "pictures above, the training images that are most like them below: %s%n"
                    + "their pixels, from -1 to 1, differ by %.3f (the most alike) to %.3f, a copy's by 0%n", nearest,
                    differences[0], differences[SHOWN - 1]);
        }
    }
}
