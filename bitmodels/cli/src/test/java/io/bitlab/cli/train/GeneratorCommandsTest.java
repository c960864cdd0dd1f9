package io.bitlab.cli.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bitlab.cli.CommandRun;
import io.bitlab.cli.data.GeneratorImages;
import io.bitlab.cli.data.IdxImages;
import io.bitlab.cli.data.ShippedModel;
import io.bitlab.models.AutoBitModel;
import io.bitlab.models.diffusion.BitDiTConfig;
import io.bitlab.models.diffusion.DiffusionOptions;
import io.bitlab.models.diffusion.ImageGenerator;
import io.bitlab.models.diffusion.score.ImageFeatures;
import io.bitlab.models.diffusion.score.StridedClassifier;
import io.bitlab.models.image.BitImage;
import io.bitlab.models.image.ImageCanvas;
import io.bitlab.models.io.Json;
import io.bitlab.models.vision.BitResNet;
import io.bitlab.models.vision.BitResNetConfig;
import io.bitlab.models.vision.ClassNames;
import io.bitlab.models.vision.ImageInput;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.api.parallel.Resources;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What can go wrong with the examples of generators. */
@ResourceLock(Resources.SYSTEM_OUT)
@ResourceLock(Resources.SYSTEM_ERR)
class GeneratorCommandsTest {

    @TempDir
    private Path folder;

    /** A folder for each class, with different pictures of 6 x 6 pixels. */
    private Path pictures(int ofEachClass, String... classes) throws IOException {
        Path data = folder.resolve("data");
        for (String name : classes) {
            Files.createDirectories(data.resolve(name));
            for (int i = 0; i < ofEachClass; i++) {
                new ImageCanvas(6, 6, (i * 7919 + name.hashCode()) & 0xffffff).toImage()
                        .write(data.resolve(name).resolve(i + ".png"));
            }
        }
        return data;
    }

    /** The time is over at the end of the only step of an epoch, when samples are due. */
    @Test
    void aStoppedTrainingSavesItsModel() throws IOException {
        Path model = folder.resolve("model");
        CommandRun.outputOf("train", "generator", "--classes", "0,1", "--features", "8", "--layers", "1", "--batch",
                "512", "--minutes", "1e-9", "--ema", "0.5", "--out", model.toString());
        assertEquals(List.of("0", "1"),
                AutoBitModel.load(model, ImageGenerator.class).config().classNames().toList());
        assertTrue(Files.exists(model.resolve("samples.png")));
        assertNotEquals(-1, Files.mismatch(model.resolve("model.safetensors"), model.resolve("raw/model.safetensors")),
                "averaged weights and raw ones");
    }

    @Test
    void aTernaryNetworkStartsFromItsFloatTwinAndLearnsFromIt() throws IOException {
        Path twin = folder.resolve("twin");
        Path model = folder.resolve("model");
        List<String> training = List.of("train", "generator", "--classes", "0,1", "--features", "8", "--layers", "1",
                "--epochs", "1", "--grid-every", "0", "--rate", "1e-3");
        CommandRun.outputOf(with(training, "--out", twin.toString(), "--float", "--seed", "1"));
        CommandRun.outputOf(
                with(training, "--out", model.toString(), "--start", twin.toString(), "--teacher", twin.toString()));
        float[] started = positions(model);
        Path other = folder.resolve("fresh");
        CommandRun.outputOf(with(training, "--out", other.toString()));
        float[] fresh = positions(other);
        float[] twins = positions(twin);
        assertTrue(distance(started, twins) < 0.5 * distance(fresh, twins), "started from its twin's weights");
        Path alone = folder.resolve("alone");
        CommandRun.outputOf(with(training, "--out", alone.toString(), "--start", twin.toString()));
        assertNotEquals(-1, Files.mismatch(alone.resolve("model.safetensors"), model.resolve("model.safetensors")),
                "learned from its twin");
        refused("--teacher-share: there is no --teacher",
                with(training, "--out", other.toString(), "--teacher-share", "0.2"));
        refused("--start " + model + ": packed ternary weights can't be trained; start from the model's float twin",
                with(training, "--out", other.toString(), "--start", model.toString()));
        refused("--start " + twin + ": that model has other sizes; give the options",
                with(training, "--out", other.toString(), "--start", twin.toString(), "--patch", "2"));
        refused("--start " + twin + ": that model doesn't fit: process is COSINE_V here and RECTIFIED_FLOW there",
                with(training, "--out", other.toString(), "--start", twin.toString(), "--process", "COSINE_V"));
    }

    private static String[] with(List<String> training, String... options) {
        return Stream.concat(training.stream(), Stream.of(options)).toArray(String[]::new);
    }

    private static float[] positions(Path model) throws IOException {
        return AutoBitModel.load(model, ImageGenerator.class).stateDict().tensor("pos_embed").toArray();
    }

    private static double distance(float[] a, float[] b) {
        return Math.sqrt(IntStream.range(0, a.length).mapToDouble(i -> Math.pow(a[i] - b[i], 2)).sum());
    }

    @Test
    void fewPicturesOfEachClassSuffice() throws IOException {
        GeneratorImages images = GeneratorImages.read(pictures(4, "ant", "bee"), List.of());
        assertEquals(6, images.split().train().size());
        assertEquals(2, images.split().test().size());
    }

    @Test
    void theClassifierSeesPicturesAsInItsTraining() throws IOException {
        ClassNames names = ClassNames.of("ant", "bee", "cat", "dog");
        Path generator = folder.resolve("generator");
        AutoBitModel.save(AutoBitModel.fromConfig(BitDiTConfig.builder().imageInput(ImageInput.grey(4, 4))
                .classNames(names).hiddenSize(8).numHiddenLayers(1).numAttentionHeads(1).build(), 1), generator);
        BitResNet classifier = AutoBitModel.fromConfig(BitResNetConfig.builder().imageInput(ImageInput.colour(8, 8))
                .classNames(names).channels(4).blocks(1).build(), 1);
        AutoBitModel.save(classifier, folder.resolve("classifier"));
        Path data = pictures(4, "ant", "bee", "cat", "dog");
        String table = CommandRun.outputOf("evaluate", "generator", generator.toString(), "--data", data.toString(),
                "--classifier", folder.resolve("classifier").toString(), "--samples", "8", "--steps", "1", "--guidance",
                "1");
        assertTrue(table.contains("    1.00     1 "), table);
        String json = CommandRun.outputOf("evaluate", "generator", generator.toString(), "--data", data.toString(),
                "--classifier", folder.resolve("classifier").toString(), "--samples", "8", "--steps", "1", "--guidance",
                "1,2", "--json");
        List<String> rows = json.lines().toList();
        assertEquals(2, rows.size(), json);
        Map<String, Object> last = Json.parse(rows.get(1), "");
        assertEquals(2.0, ((Number) last.get("guidance")).doubleValue());
        assertEquals(List.of("guidance", "seed", "accuracy", "frechet_distance", "precision", "recall",
                "real_accuracy", "seconds_a_picture"), List.copyOf(last.keySet()));
        assertTrue(table.contains("the classifier is right about "), table);
    }

    @Test
    void theIncludedClassifierMeasuresItsOwnClassesOnly() throws IOException {
        Path generator = folder.resolve("generator");
        AutoBitModel.save(AutoBitModel.fromConfig(BitDiTConfig.builder().imageInput(ImageInput.grey(4, 4))
                .classNames(ClassNames.numbered(10)).hiddenSize(8).numHiddenLayers(1).numAttentionHeads(1).build(), 1),
                generator);
        refused("the included classifier knows [t-shirt,", "evaluate", "generator", generator.toString(), "--samples",
                "10", "--steps", "1");
    }

    /** Its clothes are recognised by the classifier that comes along, which has learnt from real ones. */
    @Test
    void theIncludedGeneratorMakesWhatItIsAskedFor() throws IOException {
        ImageGenerator generator = ShippedModel.load("fashion-mnist-generator", ImageGenerator.class);
        ImageFeatures classifier = ShippedModel.read("fashion-mnist-classifier", List.of("model.safetensors"),
                files -> StridedClassifier.read(files.resolve("model.safetensors")));
        List<String> names =
                IntStream.range(0, 60).mapToObj(i -> generator.config().classNames().name(i % 10)).toList();
        List<BitImage> made = generator.generate(names, 1, DiffusionOptions.DEFAULT.withSteps(10),
                (step, steps, images) -> {});
        int[] seen = classifier.outputs(generator.config().imageInput().tensor(made)).logits().argmax();
        long right = IntStream.range(0, seen.length).filter(i -> seen[i] == i % 10).count();
        assertTrue(right >= 52, right + " of 60");
    }

    @Test
    void measuringTheIncludedGeneratorNeedsItsData() {
        refused("--data is missing: the images that the generator of [t-shirt,", "evaluate", "generator");
    }

    @ParameterizedTest
    @CsvSource({"UNET, --layers, 3, DIT", "UNET, --condition, 8, DIT", "DIT, --norm, GROUP, UNET"})
    void optionsOfTheOtherNetworkAreRefused(String network, String option, String value, String other) {
        refused(option + " is of the network " + other + ", not of " + network, "train", "generator", "--network",
                network, option, value, "--out", folder.resolve("model").toString());
    }

    @ParameterizedTest
    @CsvSource({"Fashion-MNIST, t-shirt", "FashionMNIST/raw, t-shirt", "MNIST/raw, 0", "fashion/mnist, 0"})
    void theNameOfTheFolderTellsFashionFromDigits(Path name, String first) throws IOException {
        Path data = Files.createDirectories(folder.resolve("x").resolve(name));
        for (String part : List.of("train", "t10k")) {
            Files.write(data.resolve(part + "-images-idx3-ubyte"), new byte[] {0, 0, 8, 3, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0,
                0, 1, 77});
            Files.write(data.resolve(part + "-labels-idx1-ubyte"), new byte[] {0, 0, 8, 1, 0, 0, 0, 1, 0});
        }
        assertEquals(first, IdxImages.read(data).train().classNames().getFirst());
    }

    @Test
    void whatCanNotBeWrittenOrHasNoMeaningIsRefusedBeforeTheWork() throws IOException {
        refused("--count, --columns, --scale, --gif: these are for pictures of one class", "draw", "--count", "2");
        refused("--out grid.txt: expected a file that ends in .png", "draw", "--out", "grid.txt");
        Path nowhere = folder.resolve("nowhere");
        refused("--out " + nowhere.resolve("grid.png") + ": " + nowhere.toAbsolutePath()
                + " is not a folder that can be written to", "draw", "--out", nowhere.resolve("grid.png").toString());
        refused(pictures(1, "ant", "bee") + ": every class has a single image", "train", "generator", "--data",
                folder.resolve("data").toString(), "--out", folder.resolve("model").toString());
    }

    @Test
    void aModelOfAnotherProgramIsNotReplaced() throws IOException {
        Path foreign = Files.createDirectory(folder.resolve("foreign"));
        Files.writeString(foreign.resolve("config.json"), "{\"model_type\": \"llama\"}");
        refused("--out " + foreign + ": there is a model of another program", "train", "generator", "--out",
                foreign.toString());
        assertEquals("{\"model_type\": \"llama\"}", Files.readString(foreign.resolve("config.json")));
    }

    private static void refused(String message, String... arguments) {
        CommandRun run = CommandRun.of(arguments);
        assertEquals(1, run.status(), run.output());
        assertTrue(run.errors().startsWith(message), run.errors());
    }
}
