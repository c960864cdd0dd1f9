package io.bitlab.models.vision;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bitlab.core.BitQuantConfig;
import io.bitlab.core.tensor.Tensor;
import io.bitlab.layers.BitConv2d;
import io.bitlab.models.AutoBitModel;
import io.bitlab.models.image.BitImage;
import io.bitlab.models.image.ImageFit;
import io.bitlab.models.io.Json;
import io.bitlab.models.vision.BitResNetConfig.Shortcut;
import io.bitlab.models.vision.BitResNetConfig.Stem;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class BitResNetTest {

    private static final ClassNames NAMES = ClassNames.of("ant", "bee", "cat");
    private static final ImageInput INPUT = ImageInput.colour(12, 12);

    private static BitResNetConfig narrow() {
        return BitResNetConfig.tiny(INPUT, NAMES).toBuilder().channels(4, 6, 8).build();
    }

    private static BitResNet model(BitResNetConfig config) {
        return AutoBitModel.fromConfig(config, 5);
    }

    @TempDir
    private Path folder;

    @Test
    void jsonKeepsEverything() throws IOException {
        for (BitResNetConfig config : List.of(BitResNetConfig.tiny(INPUT, NAMES),
                BitResNetConfig.small(ImageInput.grey(16, 8).withFit(ImageFit.LETTERBOX), NAMES).floatTwin(),
                BitResNetConfig.resnet34(ImageInput.colour(224, 224), ClassNames.numbered(1000)).toBuilder()
                        .dropout(0.1f).stochasticDepth(0.2f).zeroInit(true).quantConfig(BitQuantConfig.defaults())
                        .build())) {
            assertEquals(config, BitResNetConfig.fromMap(Json.parse(Json.compact(config.toMap()), "test")));
            assertEquals(config, config.toBuilder().build());
        }
    }

    @ParameterizedTest
    @CsvSource(quoteCharacter = '"', delimiter = ';', textBlock = """
            channels; []; "BitResNetConfig: channels is [], expected 1 to 8 numbers, one for each stage"
            channels; [0, 1, 1]; "BitResNetConfig: channels is 0, expected at least 1"
            channels; 3; "BitResNetConfig: channels is 3, expected a list of whole numbers"
            blocks; [1]; "BitResNetConfig: blocks is [1], expected 3 numbers, as many as channels"
            blocks; [1, 1, 9999]; "BitResNetConfig: blocks is 9999, expected at most 1000"
            stem; "'medium'"; stem is medium, expected "small" or "large"
            dropout; 1; "BitResNetConfig: dropout is 1.0, expected a probability in [0, 1)"
            stochastic_depth; -1; "BitResNetConfig: stochasticDepth is -1.0, expected a probability in [0, 1)"
            class_names; ['a']; "BitResNetConfig: classNames is [a], expected at least 2 classes to tell apart"
            class_names; [1, 2]; "BitResNetConfig: class_names has the element 1, expected strings"
            image_input; 7; "BitResNetConfig: image_input is 7, expected an object"
            image_input; null; "BitResNetConfig: image_input is null, expected an object"
            layers; 3; "BitResNetConfig: unknown members [layers]"
            """)
    void badValuesAreNamed(String member, String value, String message) throws IOException {
        Map<String, Object> json = new HashMap<>(BitResNetConfig.tiny(INPUT, NAMES).toMap());
        json.putAll(Json.parse("{\"" + member + "\": " + value.replace('\'', '"') + "}", "test"));
        String found = assertThrows(IllegalArgumentException.class, () -> BitResNetConfig.fromMap(json)).getMessage();
        assertEquals(message, found.substring(0, Math.min(found.length(), message.length())));
    }

    @Test
    void aPooledShortcutNeedsEvenSizes() {
        assertEquals("BitResNetConfig: imageInput is 30 x 32 pixels, expected a height and width that can be halved 2"
                + " times after the stem, or shortcut STRIDED",
                assertThrows(IllegalArgumentException.class,
                        () -> BitResNetConfig.tiny(ImageInput.colour(30, 32), NAMES)).getMessage());
        BitResNetConfig odd =
                narrow().toBuilder().shortcut(Shortcut.STRIDED).imageInput(ImageInput.colour(11, 13)).build();
        assertArrayEquals(new int[] {2, 3}, model(odd).forward(Tensor.randn(1, 2, 3, 11, 13)).shape());
        assertThrows(IllegalArgumentException.class, () -> BitResNetConfig.builder().classNames(NAMES).build());
    }

    @ParameterizedTest
    @CsvSource({"tiny, 77", "small, 307", "cifar, 1225", "deep, 2702", "resnet18, 11178", "resnet34, 21286"})
    void presetsHaveTheirSizes(String preset, int thousands) {
        ImageInput input = preset.startsWith("resnet") ? ImageInput.colour(224, 224) : ImageInput.colour(32, 32);
        BitResNetConfig config = switch (preset) {
            case "tiny" -> BitResNetConfig.tiny(input, NAMES);
            case "small" -> BitResNetConfig.small(input, NAMES);
            case "cifar" -> BitResNetConfig.cifar(input, NAMES);
            case "deep" -> BitResNetConfig.deep(input, NAMES);
            case "resnet18" -> BitResNetConfig.resnet18(input, NAMES);
            default -> BitResNetConfig.resnet34(input, NAMES);
        };
        assertEquals(thousands, config.newModel().parameterCount() / 1000);
    }

    @Test
    void namesOfTheStateAreStable() {
        List<String> names = List.copyOf(narrow().newModel().stateDict().names());
        assertTrue(names.containsAll(List.of("stem.0.weight", "stem.1.running_mean", "stages.0.0.body.0.weight",
                "stages.1.0.body.4.bias", "stages.2.0.shortcut.1.weight", "classifier.bias")), names.toString());
        assertEquals(names, List.copyOf(narrow().floatTwin().newModel().stateDict().names()));
    }

    @ParameterizedTest
    @EnumSource(Stem.class)
    void deployedModelsAreSavedAndLoadedWithTheSameLogits(Stem stem) throws IOException {
        BitResNetConfig config = narrow().toBuilder().stem(stem).shortcut(Shortcut.STRIDED).build();
        BitResNet model = model(config);
        model.forward(Tensor.randn(1, 8, 3, 12, 12)); // moves the running statistics
        model.deploy();
        Tensor images = Tensor.randn(2, 3, 3, 12, 12);
        AutoBitModel.save(model, folder.resolve("model"));
        ImageClassifier loaded = AutoBitModel.load(folder.resolve("model"), ImageClassifier.class);
        assertEquals(model.config(), loaded.config());
        assertArrayEquals(model.forward(images).toArray(), loaded.forward(images).toArray());
        BitImage picture = ImageClassifierTest.noise(1, 20, 10);
        assertEquals(model.classify(picture, 3), loaded.classify(picture, 3));
    }

    @Test
    void manyPicturesGiveTheBitsOfEachAlone() {
        BitResNet model = model(narrow());
        model.forward(Tensor.randn(1, 8, 3, 12, 12));
        model.deploy();
        List<BitImage> images = ImageClassifierTest.pictures(5);
        assertEquals(images.stream().map(image -> model.classify(image, 3)).toList(), model.classify(images, 3));
    }

    @Test
    void featuresAreWhatTheLastLayerSees() {
        BitResNet model = model(narrow().toBuilder().dropout(0.5f).build());
        model.forward(Tensor.randn(1, 8, 3, 12, 12));
        Tensor images = Tensor.randn(2, 4, 3, 12, 12);
        for (boolean deployed : new boolean[] {false, true}) {
            if (deployed) {
                model.deploy();
            } else {
                model.eval();
            }
            Tensor[] seen = new Tensor[1];
            try (var _ = model.observe((path, y) -> seen[0] = path.equals("pool") ? y : seen[0])) {
                model.forward(images);
            }
            assertArrayEquals(new int[] {4, 8}, model.features(images).shape());
            assertArrayEquals(seen[0].toArray(), model.features(images).toArray(), 1e-5f); // observed: norms not folded
            assertArrayEquals(model.forward(images).toArray(), model.head(model.features(images)).toArray());
        }
        String message = assertThrows(IllegalArgumentException.class,
                () -> model.features(Tensor.zeros(1, 3, 8, 8))).getMessage();
        assertTrue(message.startsWith("BitResNet.features: the input has the shape [1, 3, 8, 8]"), message);
        assertThrows(IllegalArgumentException.class, () -> model.head(Tensor.zeros(1, 7)));
    }

    @Test
    void blocksCanStartAsTheIdentity() {
        BitResNet model = model(narrow().toBuilder().zeroInit(true).build());
        assertArrayEquals(new float[4], model.stateDict().tensor("stages.0.0.body.4.weight").toArray());
        Tensor[] seen = new Tensor[2];
        try (var _ = model.observe((path, y) -> {
            if (path.equals("stem") || path.equals("stages.0.0")) {
                seen[path.equals("stem") ? 0 : 1] = y;
            }
        })) {
            model.forward(Tensor.randn(1, 2, 3, 12, 12));
        }
        assertArrayEquals(seen[0].toArray(), seen[1].toArray());
    }

    @Test
    void aTernaryNetworkTakesOverFloatWeights() {
        BitResNet floats = model(narrow().floatTwin());
        floats.forward(Tensor.randn(1, 8, 3, 12, 12));
        BitResNet ternary = floats.toTernary(BitConv2d.DEFAULT_CONFIG);
        assertEquals(BitConv2d.DEFAULT_CONFIG, ternary.config().quantConfig());
        Tensor before = floats.stateDict().tensor("stages.1.0.body.0.weight");
        assertArrayEquals(before.toArray(), ternary.stateDict().tensor("stages.1.0.body.0.weight").toArray());
        Tensor images = Tensor.randn(2, 2, 3, 12, 12);
        floats.eval();
        ternary.deploy();
        assertNotEquals(floats.forward(images).toArray()[0], ternary.forward(images).toArray()[0]);
        assertTrue(ternary.stateDict().isTernary("stages.1.0.body.0.weight"));
        assertThrows(IllegalStateException.class, () -> ternary.toTernary(BitConv2d.DEFAULT_CONFIG));
        assertEquals("BitResNet.toTernary: the configuration is null; a float network has none",
                assertThrows(NullPointerException.class, () -> ternary.toTernary(null)).getMessage());
    }

    @Test
    void aNetworkForOtherClassesKeepsAllButTheLastLayer() {
        BitResNet model = model(narrow());
        model.forward(Tensor.randn(1, 8, 3, 12, 12));
        for (ClassNames names : List.of(ClassNames.of("dog", "emu", "fox"), ClassNames.numbered(7))) {
            BitResNet other = model.forClasses(names, 9);
            assertEquals(names, other.config().classNames());
            for (String name : model.stateDict().names()) {
                if (!name.startsWith("classifier.")) {
                    assertArrayEquals(model.stateDict().tensor(name).toArray(),
                            other.stateDict().tensor(name).toArray(), name);
                }
            }
            assertNotEquals(model.stateDict().tensor("classifier.weight").toArray()[0],
                    other.stateDict().tensor("classifier.weight").toArray()[0]);
        }
        model.deploy();
        assertThrows(IllegalStateException.class, () -> model.forClasses(NAMES, 1));
    }

    @Test
    void stochasticDepthGrowsWithTheBlock() {
        BitResNet model = narrow().toBuilder().stochasticDepth(0.3f).build().newModel();
        assertTrue(model.toString().contains("StochasticDepth(0.3)"), model.toString());
        assertTrue(model.toString().contains("StochasticDepth(0.1)"), model.toString());
    }
}
