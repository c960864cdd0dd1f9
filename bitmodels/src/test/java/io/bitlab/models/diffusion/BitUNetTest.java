package io.bitlab.models.diffusion;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bitlab.core.parallel.Parallel;
import io.bitlab.core.tensor.Tensor;
import io.bitlab.models.AutoBitModel;
import io.bitlab.models.image.BitImage;
import io.bitlab.models.vision.ClassNames;
import io.bitlab.models.vision.ImageInput;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class BitUNetTest {

    private static final ClassNames NAMES = ClassNames.of("ant", "bee", "cat");
    private static final ImageInput INPUT = ImageInput.colour(12, 8);
    private static final DiffusionOptions FEW = DiffusionOptions.DEFAULT.withSteps(2);

    @TempDir
    private Path folder;

    private static BitUNetBuilder narrow() {
        return BitUNetConfig.builder().imageInput(INPUT).classNames(NAMES).channels(8, 12, 16).numAttentionHeads(2);
    }

    /** A network whose norms have seen something and whose last layer answers, in evaluation. */
    private static BitUNet model(BitUNetConfig config) {
        BitUNet model = AutoBitModel.fromConfig(config, 3);
        Tensor last = model.namedParameters().get("last.weight");
        System.arraycopy(Tensor.randn(1, last.shape()).toArray(), 0, last.data(), 0, last.size());
        model.predict(Tensor.randn(2, 4, 3, 12, 8), new float[] {0, 0.3f, 0.6f, 1}, new int[] {0, 1, 2, 3});
        model.eval();
        return model;
    }

    @Test
    void anUntrainedNetworkPredictsNothing() {
        BitUNet model = AutoBitModel.fromConfig(narrow().build(), 1);
        assertArrayEquals(new float[288], model.forward(Tensor.randn(1, 1, 3, 12, 8)).toArray());
    }

    @ParameterizedTest
    @EnumSource(ImageNorm.class)
    void timeAndClassReachEveryLevel(ImageNorm norm) {
        BitUNet model = model(narrow().norm(norm).build());
        Tensor x = Tensor.randn(5, 1, 3, 12, 8);
        float[] first = model.predict(x, new float[] {0.5f}, new int[] {1}).toArray();
        assertNotEquals(first[0], model.predict(x, new float[] {0.6f}, new int[] {1}).toArray()[0]);
        assertNotEquals(first[0], model.predict(x, new float[] {0.5f}, new int[] {2}).toArray()[0]);
        model.train();
        model.predict(x, new float[] {0.5f}, new int[] {1}).mul(Tensor.randn(9, x.shape())).sum().backward();
        model.namedParameters().forEach((name, parameter) -> {
            double size = 0;
            for (float value : parameter.grad().toArray()) {
                size += Math.abs(value);
            }
            assertTrue(size > 0, name);
        });
    }

    @ParameterizedTest
    @EnumSource(ImageNorm.class)
    void deployedModelsAreSavedAndLoadedWithTheSamePictures(ImageNorm norm) throws IOException {
        BitUNetConfig config = narrow().norm(norm).process(DiffusionProcess.COSINE_EPSILON).build();
        BitUNet model = model(config);
        List<BitImage> before = model.generate("bee", 3, 5, FEW);
        assertNotEquals(before, model.generate("cat", 3, 5, FEW));
        assertEquals(before.subList(0, 1), model.generate("bee", 1, 5, FEW));
        AutoBitModel.save(model, folder.resolve("float-state"));
        model.deploy();
        assertEquals(before, model.generate("bee", 3, 5, FEW));
        AutoBitModel.save(model, folder.resolve("deployed"));
        for (String name : List.of("float-state", "deployed")) {
            BitUNet loaded = AutoBitModel.load(folder.resolve(name), BitUNet.class);
            loaded.eval();
            assertEquals(config, loaded.config());
            assertEquals(before, loaded.generate("bee", 3, 5, FEW), name);
        }
    }

    @Test
    void bitsDoNotDependOnTheThreads() {
        BitUNet model = model(narrow().build());
        List<List<BitImage>> found = new ArrayList<>();
        for (int threads = 1; threads <= 3; threads++) {
            try (Parallel parallel = Parallel.of(threads)) {
                found.add(parallel.call(() -> model.generate("ant", 4, 5, FEW)));
            }
        }
        assertEquals(found.get(0), found.get(1));
        assertEquals(found.get(0), found.get(2));
    }

    @Test
    void presetsHaveTheirSizes() {
        assertEquals(1145, BitUNetConfig.grey28(ImageInput.grey(28, 28), NAMES).newModel().parameterCount() / 1000);
        assertEquals(2569, BitUNetConfig.colour32(ImageInput.colour(32, 32), NAMES).newModel().parameterCount() / 1000);
        assertEquals(4461, BitUNetConfig.colour64(ImageInput.colour(64, 64), NAMES).newModel().parameterCount() / 1000);
    }

    @Test
    void jsonKeepsEverything() {
        BitUNetConfig config = new BitUNetConfig(INPUT, NAMES, DiffusionProcess.COSINE_V, List.of(6, 9), 2, 3, 6,
                ImageNorm.GROUP, null);
        assertEquals(config, BitUNetConfig.fromMap(config.toMap()));
        assertEquals(config, config.toBuilder().build());
        Map<String, Object> few = Map.of("image_input", INPUT.toMap(), "class_names", NAMES.toList());
        assertEquals(BitUNetConfig.grey28(INPUT, NAMES), BitUNetConfig.fromMap(few));
    }

    @ParameterizedTest
    @CsvSource({"blocks, 0, blocks", "num_attention_heads, 5, a divisor of the channels", "attention_pixels, -1, 0 or",
        "colour, 3, colour"})
    void badValuesAreNamed(String member, int value, String message) {
        Map<String, Object> json = narrow().build().toMap();
        json.put(member, value);
        String found = assertThrows(IllegalArgumentException.class, () -> BitUNetConfig.fromMap(json)).getMessage();
        assertTrue(found.contains(message), found);
    }

    @Test
    void sizesThatCannotBeHalvedAreRefused() {
        BitUNetBuilder builder = narrow().channels(8, 8, 8, 8);
        String message = assertThrows(IllegalArgumentException.class, builder::build).getMessage();
        assertTrue(message.contains("12 x 8 pixels can be halved"), message);
    }
}
