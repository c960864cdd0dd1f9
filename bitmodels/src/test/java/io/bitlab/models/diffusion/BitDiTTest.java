package io.bitlab.models.diffusion;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bitlab.core.ops.Losses;
import io.bitlab.core.parallel.Parallel;
import io.bitlab.core.tensor.Tensor;
import io.bitlab.models.AutoBitModel;
import io.bitlab.models.image.BitImage;
import io.bitlab.models.io.folder.NameMapping;
import io.bitlab.models.io.folder.StateFile;
import io.bitlab.models.io.safetensors.SafetensorsFile;
import io.bitlab.models.vision.BitViT;
import io.bitlab.models.vision.ClassNames;
import io.bitlab.models.vision.ImageInput;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BitDiTTest {

    private static final ClassNames NAMES = ClassNames.of("ant", "bee", "cat");
    private static final ImageInput INPUT = ImageInput.grey(8, 8);

    @TempDir
    private Path folder;

    static BitDiTBuilder narrow() {
        return BitDiTConfig.builder().imageInput(INPUT).classNames(NAMES).hiddenSize(16).numHiddenLayers(2)
                .numAttentionHeads(2).intermediateSize(32);
    }

    /** A network whose zero-initialised layers have learned something, in evaluation. */
    static BitDiT model(BitDiTConfig config) {
        BitDiT model = AutoBitModel.fromConfig(config, 3);
        model.namedParameters().forEach((name, parameter) -> {
            if (name.contains("modulation") || name.startsWith("last")) {
                float[] values = Tensor.randn(name.length(), parameter.shape()).mul(0.3f).toArray();
                System.arraycopy(values, 0, parameter.data(), 0, values.length);
            }
        });
        model.eval();
        return model;
    }

    /** Weights, prediction and gradients of make_dit_golden.py. */
    @Test
    void theFloatTwinIsPyTorchs() throws IOException {
        Path file = Path.of("src/test/resources/golden/dit.safetensors");
        BitDiT model = narrow().conditionSize(6).quantConfig(null).build().newModel();
        model.loadStateDict(StateFile.read(file, NameMapping.NONE.drop("^(in|out|grad)\\.")));
        try (SafetensorsFile golden = SafetensorsFile.open(file)) {
            float[] labels = golden.floats("in.labels");
            Tensor x = Tensor.of(golden.floats("in.x"), 3, 1, 8, 8);
            Tensor found = model.predict(x, golden.floats("in.times"),
                    new int[] {(int) labels[0], (int) labels[1], (int) labels[2]});
            assertArrayEquals(golden.floats("out.prediction"), found.toArray(), 2e-4f);
            Losses.meanSquaredError(found, Tensor.of(golden.floats("in.target"), 3, 1, 8, 8)).backward();
            for (Map.Entry<String, Tensor> parameter : model.namedParameters().entrySet()) {
                float[] expected = golden.floats("grad." + parameter.getKey());
                float[] gradient = parameter.getValue().grad().toArray();
                double size = 0;
                double off = 0;
                for (int i = 0; i < expected.length; i++) {
                    size = Math.max(size, Math.abs(expected[i]));
                    off = Math.max(off, Math.abs(expected[i] - gradient[i]));
                }
                assertTrue(off <= 2e-3 * size + 1e-6, parameter.getKey() + ": off by " + off + " of " + size);
            }
        }
    }

    @Test
    void anUntrainedNetworkPredictsNothing() {
        BitDiT model = AutoBitModel.fromConfig(narrow().build(), 1);
        assertArrayEquals(new float[64], model.forward(Tensor.randn(1, 1, 1, 8, 8)).toArray());
    }

    @Test
    void deployedModelsAreSavedAndLoadedWithTheSamePictures() throws IOException {
        BitDiTConfig config = narrow().process(DiffusionProcess.COSINE_V).build();
        BitDiT model = model(config);
        DiffusionOptions options = DiffusionOptions.DEFAULT.withSteps(3);
        List<BitImage> before = model.generate("bee", 3, 5, options);
        assertNotEquals(before, model.generate("cat", 3, 5, options));
        AutoBitModel.save(model, folder.resolve("float-state"));
        model.deploy();
        assertEquals(before, model.generate("bee", 3, 5, options));
        AutoBitModel.save(model, folder.resolve("deployed"));
        for (String name : List.of("float-state", "deployed")) {
            ImageGenerator loaded = AutoBitModel.load(folder.resolve(name), ImageGenerator.class);
            loaded.eval();
            assertEquals(config, loaded.config());
            assertEquals(before, loaded.generate("bee", 3, 5, options), name);
        }
        assertThrows(IOException.class, () -> AutoBitModel.load(folder.resolve("deployed"), BitViT.class));
    }

    /** Wide enough for several threads to share the work, and more pictures than are computed together. */
    @Test
    void bitsDoNotDependOnThreadsAndBatches() {
        BitDiT model = model(BitDiTConfig.grey28(ImageInput.grey(28, 28), NAMES));
        DiffusionOptions options = DiffusionOptions.DEFAULT.withSteps(1);
        List<List<BitImage>> found = IntStream.of(1, 2, 3).mapToObj(threads -> {
            try (Parallel parallel = Parallel.of(threads)) {
                return parallel.call(() -> model.generate("ant", 60, 5, options));
            }
        }).toList();
        assertEquals(found.get(0), found.get(1));
        assertEquals(found.get(0), found.get(2));
        assertEquals(found.get(0).subList(0, 7), model.generate("ant", 7, 5, options));
    }

    @Test
    void guidanceOneIsNoGuidance() {
        BitDiT model = model(narrow().build());
        Tensor x = Tensor.randn(3, 1, 1, 8, 8);
        float[] alone = model.predict(x, new float[] {1f}, new int[] {1}).toArray();
        DiffusionOptions once = DiffusionOptions.DEFAULT.withSteps(1).withGuidance(1f);
        Denoising denoising = new Denoising(model, once, List.of("bee"));
        float[] image = denoising.run(x.toArray(), null, (step, steps, images) -> {});
        for (int i = 0; i < image.length; i++) {
            assertEquals(x.data()[i] - alone[i], image[i]);
        }
    }

    @Test
    void presetsHaveTheirSizes() {
        ImageInput colour = ImageInput.colour(64, 64);
        assertEquals(710, BitDiTConfig.grey28(ImageInput.grey(28, 28), NAMES).newModel().parameterCount() / 1000);
        assertEquals(4149, BitDiTConfig.colour32(ImageInput.colour(32, 32), NAMES).newModel().parameterCount() / 1000);
        assertEquals(9789, BitDiTConfig.colour64(colour, NAMES).newModel().parameterCount() / 1000);
    }

    @Test
    void jsonKeepsEverything() {
        BitDiTConfig config = new BitDiTConfig(INPUT, NAMES, DiffusionProcess.COSINE_EPSILON, 2, 30, 3, 5, 50, 7, null);
        assertEquals(config, BitDiTConfig.fromMap(config.toMap()));
        assertEquals(config, config.toBuilder().build());
        Map<String, Object> few = Map.of("image_input", INPUT.toMap(), "class_names", NAMES.toList());
        assertEquals(BitDiTConfig.grey28(INPUT, NAMES), BitDiTConfig.fromMap(few));
        Map<String, Object> other = config.toMap();
        other.put("process", "magic");
        assertTrue(assertThrows(IllegalArgumentException.class, () -> BitDiTConfig.fromMap(other)).getMessage()
                .contains("cosine_epsilon"));
    }

    @ParameterizedTest
    @CsvSource({"patch_size, 3, a divisor of the image's height 8", "num_attention_heads, 5, a divisor of hiddenSize",
        "num_hidden_layers, 0, num", "hidden_size, -1, hidden", "colour, 3, colour"})
    void badValuesAreNamed(String member, int value, String message) {
        Map<String, Object> json = narrow().build().toMap();
        json.put(member, value);
        String found = assertThrows(IllegalArgumentException.class, () -> BitDiTConfig.fromMap(json)).getMessage();
        assertTrue(found.contains(message), found);
    }

    @Test
    void inputsThatDontFitAreRefused() {
        BitDiT model = model(narrow().build());
        Tensor x = Tensor.zeros(1, 1, 8, 8);
        for (Exception e : new Exception[] {
            assertThrows(IllegalArgumentException.class, () -> model.forward(Tensor.zeros(1, 3, 8, 8))),
            assertThrows(IllegalArgumentException.class, () -> model.predict(x, new float[2], new int[1])),
            assertThrows(IllegalArgumentException.class, () -> model.predict(x, new float[] {1.5f}, new int[1])),
            assertThrows(IllegalArgumentException.class, () -> model.predict(x, new float[] {Float.NaN}, new int[1])),
            assertThrows(IllegalArgumentException.class, () -> model.predict(x, new float[1], new int[] {4})),
            assertThrows(IllegalArgumentException.class, () -> model.predict(x, new float[1], new int[] {-1}))}) {
            assertTrue(e.getMessage().startsWith("BitDiT.predict: "), e.getMessage());
        }
    }
}
