package io.bitlab.models;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bitlab.core.BitQuantConfig;
import io.bitlab.core.Granularity;
import io.bitlab.core.tensor.Tensor;
import io.bitlab.layers.Layer.Mode;
import io.bitlab.models.io.Json;
import io.bitlab.models.io.ModelFormatException;
import io.bitlab.models.mlp.BitMlp;
import io.bitlab.models.mlp.BitMlpConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class AutoBitModelTest {

    private static final BitMlpConfig CONFIG = BitMlpConfig.builder().nLayers(4).inChannels(13).hiddenDim(11)
            .outChannels(3).dropout(0.1f).norm(true).floatEdges(true)
            .quantConfig(BitQuantConfig.defaults().withWeightGranularity(Granularity.PER_CHANNEL)).build();
    private static final Tensor X = Tensor.randn(1, 5, 13);

    @TempDir
    Path folder;

    private static BitMlp model(long seed) {
        BitMlp model = AutoBitModel.fromConfig(CONFIG, seed);
        int i = 0;
        for (Tensor parameter : model.parameters()) { // no two biases or norms alike
            float[] noise = Tensor.randn(seed + ++i, parameter.size()).data();
            for (int j = 0; j < noise.length; j++) {
                parameter.data()[j] += 0.1f * noise[j];
            }
        }
        return model;
    }

    private static BitMlp model(long seed, Mode mode) {
        BitMlp model = model(seed);
        switch (mode) {
            case TRAIN -> model.train();
            case EVAL -> model.eval();
            case DEPLOYED -> model.deploy();
        }
        return model;
    }

    private static float[] evaluated(BitMlp model) {
        model.eval();
        return model.forward(X).toArray();
    }

    @ParameterizedTest
    @EnumSource(Mode.class)
    void savesAndLoadsTheSameBits(Mode mode) throws IOException {
        BitMlp model = model(3, mode);
        AutoBitModel.save(model, folder);
        assertEquals(mode, model.mode(), "saving changes nothing");
        BitModel loaded = AutoBitModel.load(folder);
        assertEquals(mode == Mode.DEPLOYED ? Mode.DEPLOYED : Mode.EVAL, loaded.mode());
        assertEquals(CONFIG, loaded.config());
        assertArrayEquals(evaluated(model), loaded.forward(X).toArray());
        assertEquals(model.stateDict().names(), loaded.stateDict().names());
        if (mode != Mode.DEPLOYED) {
            model.train();
            model.namedParameters().forEach((path, tensor) -> assertArrayEquals(tensor.toArray(),
                    loaded.namedParameters().get(path).toArray(), path));
            loaded.train();
        }
    }

    @Test
    void deployedFormOfAnUndeployedModelLeavesItUnchanged() throws IOException {
        for (Mode mode : List.of(Mode.TRAIN, Mode.EVAL)) {
            BitMlp model = model(3, mode);
            Map<String, float[]> before = new LinkedHashMap<>();
            model.namedParameters().forEach((path, tensor) -> before.put(path, tensor.toArray()));
            AutoBitModel.save(model, folder, Mode.DEPLOYED);
            assertEquals(mode, model.mode());
            before.forEach((path, values) -> assertArrayEquals(values,
                    model.namedParameters().get(path).toArray(), path));
            BitModel loaded = AutoBitModel.load(folder);
            assertEquals(Mode.DEPLOYED, loaded.mode());
            assertArrayEquals(evaluated(model), loaded.forward(X).toArray());
            AutoBitModel.save(model(3, Mode.DEPLOYED), folder.resolve("other"));
            assertArrayEquals(Files.readAllBytes(folder.resolve("other/model.safetensors")),
                    Files.readAllBytes(folder.resolve("model.safetensors")), "as if it had been deployed");
        }
    }

    @Test
    void aDeployedModelHasNoLatentWeightsToSave() throws IOException {
        BitMlp model = model(3, Mode.DEPLOYED);
        for (Mode form : List.of(Mode.TRAIN, Mode.EVAL)) {
            Exception e =
                    assertThrows(IllegalArgumentException.class, () -> AutoBitModel.save(model, folder, form));
            assertEquals("AutoBitModel.save: the model is deployed and has no latent weights; "
                    + "it can only be saved as DEPLOYED", e.getMessage());
        }
        assertEquals(List.of(), files());
    }

    @Test
    void deployedFilesAreSmallerAndTheSameModelGivesTheSameBytes() throws IOException {
        AutoBitModel.save(model(3), folder.resolve("a"));
        AutoBitModel.save(model(3), folder.resolve("b"));
        assertArrayEquals(Files.readAllBytes(folder.resolve("a/model.safetensors")),
                Files.readAllBytes(folder.resolve("b/model.safetensors")));
        assertArrayEquals(Files.readAllBytes(folder.resolve("a/config.json")),
                Files.readAllBytes(folder.resolve("b/config.json")));
        BitMlp large = BitMlpConfig.builder().inChannels(256).hiddenDim(256).outChannels(256).build().newModel();
        AutoBitModel.save(large, folder.resolve("c"));
        AutoBitModel.save(large, folder.resolve("d"), Mode.DEPLOYED);
        assertTrue(Files.size(folder.resolve("d/model.safetensors"))
                < 0.1 * Files.size(folder.resolve("c/model.safetensors")));
    }

    @Test
    void savingReplacesTheOldModelAndMakesFolders() throws IOException {
        Path deep = folder.resolve("a/b/c");
        AutoBitModel.save(model(3), deep);
        AutoBitModel.save(model(4, Mode.DEPLOYED), deep);
        assertArrayEquals(evaluated(model(4)), AutoBitModel.load(deep).forward(X).toArray());
        try (Stream<Path> files = Files.list(deep)) {
            assertEquals(List.of("config.json", "model.safetensors"),
                    files.map(file -> file.getFileName().toString()).sorted().toList());
        }
    }

    @Test
    void configJsonIsACopyForPeople() throws IOException {
        AutoBitModel.save(model(3), folder);
        Map<String, Object> json = new LinkedHashMap<>(Json.read(folder.resolve("config.json")));
        assertEquals("model_type", json.keySet().iterator().next());
        assertEquals("bitmlp", json.remove("model_type"));
        assertEquals(CONFIG, BitMlpConfig.fromMap(json));
    }

    @Test
    void theConfigurationInsideTheModelCounts() throws IOException {
        BitMlp model = model(3);
        AutoBitModel.save(model, folder);
        Path copy = folder.resolve("config.json");
        float[] expected = evaluated(model);
        for (String other : List.of(Files.readString(copy).replace("11", "12"), "{}", "{", "", "[]")) {
            Files.writeString(copy, other);
            assertArrayEquals(expected, AutoBitModel.load(folder).forward(X).toArray(), other);
        }
        Files.delete(copy);
        assertArrayEquals(expected, AutoBitModel.load(folder).forward(X).toArray(), "missing");
        Files.createDirectory(copy);
        assertArrayEquals(expected, AutoBitModel.load(folder).forward(X).toArray(), "a folder");
    }

    @Test
    void loadsAModelOfAKnownKind() throws IOException {
        AutoBitModel.save(model(3), folder);
        BitMlp model = AutoBitModel.load(folder, BitMlp.class);
        assertArrayEquals(evaluated(model(3)), model.forward(X).toArray());
        Exception e = assertThrows(ModelFormatException.class, () -> AutoBitModel.load(folder, Gain.class));
        assertEquals(folder + ": holds a io.bitlab.models.mlp.BitMlp (model_type 'bitmlp'), expected a "
                + Gain.class.getName(), e.getMessage());
    }

    @Test
    void aKindOfModelOfTheApplicationSavesAndLoads() throws IOException {
        Gain model = AutoBitModel.fromConfig(new Gain.Config(3), 5);
        model.namedParameters().get("gain").data()[1] = 7.5f;
        AutoBitModel.save(model, folder);
        BitModel loaded = AutoBitModel.load(folder);
        assertInstanceOf(Gain.class, loaded);
        assertEquals(new Gain.Config(3), loaded.config());
        assertArrayEquals(new float[] {1, 15, 3}, loaded.forward(Tensor.of(new float[] {1, 2, 3}, 3)).toArray());
        assertEquals(3, AutoBitModel.load(folder, Gain.class).config().features());
    }

    @Test
    void nanInTheWeightsIsRefusedWhenItIsLoaded() throws IOException {
        BitMlp model = model(3);
        model.namedParameters().get("linear1.weight").data()[4] = Float.NaN;
        AutoBitModel.save(model, folder);
        Exception e = assertThrows(ModelFormatException.class, () -> AutoBitModel.load(folder));
        assertTrue(e.getMessage().startsWith(folder.toString()) && e.getMessage().contains("NaN"), e.getMessage());
    }

    // ---------------------------------------------------------------- places that can't be written (also for root)

    @Test
    void aFileWhereTheFolderShouldBe() throws IOException {
        Path file = Files.writeString(folder.resolve("file"), "kept");
        for (Path target : List.of(file, file.resolve("below"))) {
            IOException e = assertThrows(IOException.class, () -> AutoBitModel.save(model(3), target));
            assertTrue(e.getMessage().startsWith("cannot save to " + target + ": the folder can't be made ("),
                    e.getMessage());
        }
        assertEquals("kept", Files.readString(file));
    }

    @Test
    void aFolderWhereTheModelFileShouldBe() throws IOException {
        Path inside = Files.createDirectories(folder.resolve("model.safetensors")).resolve("kept");
        Files.writeString(inside, "kept");
        IOException e = assertThrows(IOException.class, () -> AutoBitModel.save(model(3), folder));
        assertTrue(e.getMessage().startsWith("cannot save " + folder.resolve("model.safetensors")), e.getMessage());
        assertTrue(e.getMessage().contains("what stood there is unchanged"), e.getMessage());
        assertEquals("kept", Files.readString(inside));
        assertEquals(List.of("model.safetensors"), files());
    }

    @Test
    void theOldModelSurvivesAModelThatCanNotBeSaved() throws IOException {
        AutoBitModel.save(model(3), folder);
        Path file = folder.resolve("model.safetensors");
        byte[] old = Files.readAllBytes(file);
        BitMlp broken = model(4);
        broken.namedParameters().get("linear1.weight").data()[0] = Float.NaN; // no ternary form
        assertThrows(IllegalArgumentException.class, () -> AutoBitModel.save(broken, folder, Mode.DEPLOYED));
        assertThrows(IOException.class, () -> AutoBitModel.save(model(4), file)); // a path that goes through a file
        assertArrayEquals(old, Files.readAllBytes(file));
        assertEquals(List.of("config.json", "model.safetensors"), files());
        assertArrayEquals(evaluated(model(3)), AutoBitModel.load(folder).forward(X).toArray());
    }

    @Test
    void aCopyThatCanNotBeWrittenIsNoFailure() throws IOException {
        Files.createDirectories(folder.resolve("config.json/kept"));
        AutoBitModel.save(model(3), folder);
        assertArrayEquals(evaluated(model(3)), AutoBitModel.load(folder).forward(X).toArray());
        assertEquals(List.of("config.json", "model.safetensors"), files());
    }

    private List<String> files() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }
}
