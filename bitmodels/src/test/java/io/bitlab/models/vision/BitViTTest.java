package io.bitlab.models.vision;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bitlab.core.parallel.Parallel;
import io.bitlab.core.tensor.Tensor;
import io.bitlab.layers.Layer;
import io.bitlab.layers.loss.CrossEntropy;
import io.bitlab.models.AutoBitModel;
import io.bitlab.models.io.folder.NameMapping;
import io.bitlab.models.io.folder.StateFile;
import io.bitlab.models.io.safetensors.SafetensorsFile;
import io.bitlab.models.transformer.HiddenAct;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class BitViTTest {

    private static final ClassNames NAMES = ClassNames.of("ant", "bee", "cat");
    /** Of more rows than columns, so that swapped axes show. */
    private static final ImageInput INPUT = ImageInput.colour(16, 12);

    private static BitViTBuilder builder() {
        return BitViTConfig.builder(INPUT, NAMES).hiddenSize(24).numHiddenLayers(2).numAttentionHeads(3);
    }

    static List<BitViTConfig> configs() {
        return List.of(builder().build(), builder().pooling(TokenPooling.CLASS_TOKEN).build(),
                builder().norm(TokenNorm.RMS_NORM).hiddenAct(HiddenAct.GELU).subNorms(false).build(),
                builder().numAttentionHeads(8).patchSize(2).build(), // heads of 3 features: no rotation needs pairs
                builder().patchEmbedding(PatchEmbedding.CONVOLUTIONS).build());
    }

    @ParameterizedTest
    @MethodSource("configs")
    void trainingAndEvaluationAreEqualToTheBit(BitViTConfig config) {
        BitViT model = AutoBitModel.fromConfig(config, 5);
        Tensor x = Tensor.randn(2, 5, 3, 16, 12);
        Tensor logits = model.forward(x);
        assertArrayEquals(new int[] {5, 3}, logits.shape());
        float[] evaluated = model.eval().forward(x).toArray();
        if (config.patchEmbedding() == PatchEmbedding.LINEAR) { // batch norms see the batch in training
            assertArrayEquals(logits.toArray(), evaluated);
        }
        assertArrayEquals(evaluated, model.deploy().forward(x).toArray());
    }

    @ParameterizedTest
    @MethodSource("configs")
    void everyParameterIsTrained(BitViTConfig config) {
        BitViT model = AutoBitModel.fromConfig(config, 5);
        new CrossEntropy().forward(model.forward(Tensor.randn(2, 4, 3, 16, 12)), new int[] {0, 1, 2, 1}).backward();
        model.namedParameters().forEach((name, parameter) -> {
            boolean moves = parameter.grad() != null;
            for (int i = 0; moves && i < parameter.size() && parameter.grad().data()[i] == 0f; i++) {
                moves = i + 1 < parameter.size();
            }
            assertTrue(moves, name + " has no gradient");
        });
    }

    @ParameterizedTest
    @MethodSource("configs")
    void neitherTheBatchNorTheThreadsMatter(BitViTConfig config) {
        for (BitViTConfig form : new BitViTConfig[] {config, config.floatTwin()}) {
            BitViT model = AutoBitModel.fromConfig(form, 5);
            model.eval();
            Tensor x = Tensor.randn(2, 33, 3, 16, 12);
            float[] together = Parallel.sequential().call(() -> model.forward(x)).toArray();
            try (Parallel two = Parallel.of(2)) {
                assertArrayEquals(together, two.call(() -> model.forward(x)).toArray());
            }
            for (int i = 0; i < 33; i += 4) {
                assertArrayEquals(Arrays.copyOfRange(together, 3 * i, 3 * i + 3),
                        model.forward(x.slice(0, i, i + 1)).toArray(), "image " + i);
            }
        }
    }

    @Test
    void gradientsDoNotDependOnTheThreads() {
        List<Map<String, Tensor>> runs = new ArrayList<>();
        for (int threads = 1; threads <= 2; threads++) {
            BitViT model = AutoBitModel.fromConfig(builder().dropout(0.1f).stochasticDepth(0.2f).build(), 5);
            model.beginStep(3);
            try (Parallel parallel = Parallel.of(threads)) {
                parallel.call(() -> {
                    new CrossEntropy().forward(model.forward(Tensor.randn(2, 16, 3, 16, 12)), new int[16]).backward();
                    return null;
                });
            }
            runs.add(model.namedParameters());
        }
        runs.get(0).forEach((name, parameter) -> assertArrayEquals(parameter.grad().toArray(),
                runs.get(1).get(name).grad().toArray(), name));
    }

    /** Pixels moved to another patch are another image, because of the positions. */
    @Test
    void patchesHavePositions() {
        BitViT model = AutoBitModel.fromConfig(builder().build(), 5);
        model.eval();
        Tensor x = Tensor.randn(2, 1, 3, 16, 12);
        Tensor moved = Tensor.concat(2, x.slice(2, 4, 16), x.slice(2, 0, 4)); // by one row of patches
        float[] before = model.forward(x).toArray();
        assertNotEquals(before[0], model.forward(moved).toArray()[0]);
        Arrays.fill(model.namedParameters().get("pos_embed").data(), 0f);
        assertArrayEquals(model.forward(x).toArray(), model.forward(moved).toArray(), 1e-5f);
    }

    @Test
    void aFloatTwinStartsFromTheSameWeights() {
        BitViT ternary = AutoBitModel.fromConfig(builder().build(), 5);
        BitViT twin = AutoBitModel.fromConfig(builder().build().floatTwin(), 5);
        assertEquals(ternary.namedParameters().keySet(), twin.namedParameters().keySet());
        twin.namedParameters().forEach((name, parameter) -> assertArrayEquals(parameter.toArray(),
                ternary.namedParameters().get(name).toArray(), name));
    }

    /** Weights and logits of make_vit_golden.py. */
    @ParameterizedTest
    @CsvSource({"mean, MEAN, LINEAR", "class_token, CLASS_TOKEN, LINEAR", "convolutions, MEAN, CONVOLUTIONS"})
    void theFloatTwinIsPyTorchs(String name, TokenPooling pooling, PatchEmbedding embedding) throws Exception {
        Path file = Path.of("src/test/resources/golden/vit_" + name + ".safetensors");
        BitViT model = new BitViT(BitViTConfig.builder(ImageInput.colour(8, 12), NAMES).patchEmbedding(embedding)
                .hiddenSize(16).numHiddenLayers(2).numAttentionHeads(2).intermediateSize(32).pooling(pooling)
                .hiddenAct(HiddenAct.GELU).subNorms(false).quantConfig(null).build());
        model.loadStateDict(StateFile.read(file, NameMapping.NONE.drop("^x$").drop("^logits$")));
        try (SafetensorsFile golden = SafetensorsFile.open(file)) {
            Tensor x = Tensor.of(golden.floats("x"), golden.info("x").shape());
            assertArrayEquals(golden.floats("logits"), model.eval().forward(x).toArray(), 1e-4f);
        }
    }

    @Test
    void presetsHaveTheirSizes() {
        ImageInput input = ImageInput.colour(32, 32);
        ClassNames ten = ClassNames.numbered(10);
        Layer tiny = BitViTConfig.tiny(input, ten).newModel();
        assertEquals(1_288_650, tiny.parameterCount());
        assertEquals(6_694_282, BitViTConfig.small(input, ten).newModel().parameterCount());
        assertTrue(tiny.toString().startsWith("BitViT(8 x 8 patches, 6 layers, width 128 -> 10 classes)"),
                tiny.toString());
    }

    // ---------------------------------------------------------------- configuration

    @Test
    void configurationsSurviveJson() {
        BitViTConfig config = new BitViTConfig(INPUT, NAMES, 2, PatchEmbedding.CONVOLUTIONS, 30, 3, 5, 50,
                TokenPooling.CLASS_TOKEN, TokenNorm.RMS_NORM, HiddenAct.SILU, false, 0.25f, 0.125f, null);
        assertEquals(config, BitViTConfig.fromMap(config.toMap()));
        assertEquals(config, config.toBuilder().build());
        assertEquals(List.of("image_input", "class_names", "patch_size", "patch_embedding", "hidden_size",
                "num_hidden_layers", "num_attention_heads", "intermediate_size", "pooling", "norm", "hidden_act",
                "sub_norms", "dropout", "stochastic_depth", "quantization_config"),
                List.copyOf(config.toMap().keySet()));
        Map<String, Object> few = Map.of("image_input", INPUT.toMap(), "class_names", NAMES.toList());
        assertEquals(BitViTConfig.builder(INPUT, NAMES).build(), BitViTConfig.fromMap(few));
        assertEquals(PatchEmbedding.LINEAR, BitViTConfig.fromMap(few).patchEmbedding()); // files of before the choice
        assertEquals(PatchEmbedding.CONVOLUTIONS, BitViTConfig.small(INPUT, NAMES).patchEmbedding());
    }

    private static String refused(String member, Object value) {
        Map<String, Object> json = BitViTConfig.tiny(INPUT, NAMES).toMap();
        json.put(member, value);
        return assertThrows(IllegalArgumentException.class, () -> BitViTConfig.fromMap(json)).getMessage();
    }

    @Test
    void configurationsRefuseBadValues() {
        assertEquals("BitViTConfig: patch_size is 5, expected a divisor of the image's height 16 and width 12; choose "
                + "another patch or image size", refused("patch_size", 5));
        assertEquals("BitViTConfig: patch_size is 0, expected at least 1", refused("patch_size", 0));
        assertEquals("BitViTConfig: patch_size is 1, expected a power of 2, as each convolution halves the image; or "
                + "choose the patch_embedding \"linear\"", refused("patch_size", 1));
        assertEquals("BitViTConfig: hidden_size is 127, expected a multiple of 2, as the convolutions double the "
                + "channels up to it", refused("hidden_size", 127));
        assertEquals("BitViTConfig: hidden_size is 0, expected at least 1", refused("hidden_size", 0));
        assertEquals("BitViTConfig: num_hidden_layers is 1001, expected at most 1000",
                refused("num_hidden_layers", 1001));
        assertEquals("BitViTConfig: num_attention_heads is 3, expected a divisor of hidden_size, 128",
                refused("num_attention_heads", 3));
        assertEquals("BitViTConfig: intermediate_size is -1, expected at least 1", refused("intermediate_size", -1));
        assertEquals("BitViTConfig: dropout is 1.0, expected a probability in [0, 1)", refused("dropout", 1f));
        assertEquals("BitViTConfig: stochastic_depth is NaN, expected a probability in [0, 1)",
                refused("stochastic_depth", Float.NaN));
        assertEquals("pooling is max, expected \"mean\" or \"class_token\"", refused("pooling", "max"));
        assertTrue(refused("patches", 3).contains("patches"), refused("patches", 3));
        assertThrows(IllegalArgumentException.class, () -> BitViTConfig.fromMap(Map.of("image_input", INPUT.toMap())));
    }
}
