package io.bitlab.models.vision;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bitlab.core.tensor.Tensor;
import io.bitlab.layers.BitConv2d;
import io.bitlab.layers.StateDict;
import io.bitlab.models.io.ModelFormatException;
import io.bitlab.models.io.folder.NameMapping;
import io.bitlab.models.io.folder.StateFile;
import io.bitlab.models.vision.BitResNetConfig.Shortcut;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The files were made by {@code torchvision_resnet.py}, which lies beside them. */
class TorchvisionResNetTest {

    private static final BitResNetConfig CONFIG =
            BitResNetConfig.resnet18(ImageInput.colour(32, 32), ClassNames.numbered(5)).toBuilder()
                    .channels(4, 8, 12, 16).blocks(2, 1, 1, 1).build();

    @TempDir
    private Path folder;
    private Path weights;
    private Tensor images;
    private final Map<String, Tensor> activations = new LinkedHashMap<>();

    @BeforeEach
    void readTheGoldenFiles() throws IOException {
        weights = copy("torchvision-resnet.safetensors");
        StateDict state = StateFile.read(copy("torchvision-resnet-activations.safetensors"), NameMapping.NONE);
        state.names().forEach(name -> activations.put(name, state.tensor(name)));
        images = activations.remove("input");
    }

    private Path copy(String resource) throws IOException {
        Path file = folder.resolve(resource);
        try (InputStream in = TorchvisionResNetTest.class.getResourceAsStream(resource)) {
            Files.copy(in, file);
        }
        return file;
    }

    @Test
    void allStagesComputeWhatPyTorchComputes() throws IOException {
        BitResNet network = TorchvisionResNet.load(weights, CONFIG);
        network.eval();
        Map<String, Float> differences = TorchvisionResNet.differences(network, images, activations);
        assertEquals(List.of("maxpool", "layer1", "layer2", "layer3", "layer4", "fc"),
                List.copyOf(differences.keySet()));
        differences.forEach((layer, difference) -> assertTrue(difference < 1e-4f, layer + " " + difference));
        assertArrayEquals(activations.get("fc").toArray(), network.forward(images).toArray(), 1e-4f);
    }

    @Test
    void aDifferenceIsFoundWhereItBegins() throws IOException {
        BitResNet network = TorchvisionResNet.load(weights, CONFIG);
        network.namedParameters().get("stages.1.0.body.3.weight").data()[0] += 1f;
        network.eval();
        Map<String, Float> differences = TorchvisionResNet.differences(network, images, activations);
        assertTrue(differences.get("layer1") < 1e-4f && differences.get("layer2") > 1e-2f, differences.toString());
        assertThrows(IllegalArgumentException.class,
                () -> TorchvisionResNet.differences(network, images, Map.of("layer9", images)));
        network.train();
        assertThrows(IllegalStateException.class,
                () -> TorchvisionResNet.differences(network, images, activations));
    }

    @Test
    void onlyTheBlocksBecomeTernary() throws IOException {
        BitResNet ternary = TorchvisionResNet.load(weights, CONFIG).toTernary(BitConv2d.DEFAULT_CONFIG);
        ternary.deploy();
        StateDict state = ternary.stateDict();
        for (String name : state.names()) {
            assertEquals(name.matches(".*body\\.[03]\\.weight"), state.isTernary(name), name);
        }
    }

    @Test
    void tensorsThatDoNotFitAreNamed() throws IOException {
        StateDict stored = StateFile.read(weights, NameMapping.NONE);
        StateDict changed = new StateDict();
        for (String name : stored.names()) {
            if (!name.equals("layer2.0.downsample.1.bias") && !name.equals("fc.weight")) {
                changed.put(name, stored.tensor(name));
            }
        }
        changed.put("layer5.0.conv1.weight", Tensor.zeros(1));
        changed.put("fc.weight", Tensor.zeros(7, 16));
        Path file = folder.resolve("changed.safetensors");
        StateFile.write(file, changed);
        String message = assertThrows(ModelFormatException.class, () -> TorchvisionResNet.load(file, CONFIG))
                .getMessage();
        assertTrue(message.contains("missing ['layer2.0.downsample.1.bias'], unknown ['layer5.0.conv1.weight'],"
                + " of another shape ['fc.weight [7, 16] instead of [5, 16]']; check"), message);
        BitResNetConfig pooled = CONFIG.toBuilder().shortcut(Shortcut.AVERAGE).imageInput(ImageInput.colour(64, 64))
                .build();
        assertThrows(IllegalArgumentException.class, () -> TorchvisionResNet.load(weights, pooled));
        String many = assertThrows(ModelFormatException.class,
                () -> TorchvisionResNet.load(weights, CONFIG.toBuilder().blocks(3, 2, 2, 2).build())).getMessage();
        assertTrue(many.contains("'layer1.2.conv1.weight'") && many.contains(" and 32 more"), many);
    }

    @Test
    void olderFilesLackTheBatchCounters() throws IOException {
        StateDict stored = StateFile.read(weights, NameMapping.NONE);
        StateDict older = new StateDict();
        stored.names().stream().filter(name -> !name.endsWith("num_batches_tracked"))
                .forEach(name -> older.put(name, stored.tensor(name)));
        Path file = folder.resolve("older.safetensors");
        StateFile.write(file, older);
        BitResNet network = TorchvisionResNet.load(file, CONFIG);
        network.eval();
        assertArrayEquals(activations.get("fc").toArray(), network.forward(images).toArray(), 1e-4f);
    }
}
