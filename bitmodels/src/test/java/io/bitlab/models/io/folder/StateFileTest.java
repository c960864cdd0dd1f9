package io.bitlab.models.io.folder;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bitlab.core.BitQuantConfig;
import io.bitlab.core.tensor.Tensor;
import io.bitlab.layers.BitLinear;
import io.bitlab.layers.Conv2d;
import io.bitlab.layers.Flatten;
import io.bitlab.layers.GELU;
import io.bitlab.layers.Initializer;
import io.bitlab.layers.Layer;
import io.bitlab.layers.LayerNorm;
import io.bitlab.layers.Linear;
import io.bitlab.layers.LoadReport;
import io.bitlab.layers.ReLU;
import io.bitlab.layers.Sequential;
import io.bitlab.layers.convert.Ternarizer;
import io.bitlab.models.io.ModelFormatException;
import io.bitlab.models.io.safetensors.SafetensorsFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A state_dict that PyTorch wrote loads into the same network in Java, and gives the same outputs. */
class StateFileTest {

    private static final Path GOLDEN = Path.of("src/test/resources/golden");
    private static final Path PYTORCH = GOLDEN.resolve("pytorch_state_dict.safetensors");
    /** In PyTorch the activation is layer 2 of the body; here ReLU and Flatten precede it in one chain. */
    private static final NameMapping NAMES = NameMapping.NONE.replace("^model\\.", "").replace("^conv\\.", "0.")
            .replace("^body\\.0", "3").replace("^body\\.1", "4").replace("^body\\.3", "6").drop("^steps$");

    private static Layer network() {
        return new Sequential(Conv2d.builder(1, 4, 3).stride(2).padding(1).build(), new ReLU(), new Flatten(),
                new Linear(64, 16), new LayerNorm(16), new GELU(), new Linear(16, 10));
    }

    @Test
    void loadsWhatPyTorchWrote() throws IOException {
        Layer network = network();
        network.loadStateDict(StateFile.read(PYTORCH, NAMES));
        try (SafetensorsFile io = SafetensorsFile.open(GOLDEN.resolve("pytorch_state_dict_io.safetensors"))) {
            Tensor y = network.eval().forward(Tensor.of(io.floats("x"), io.info("x").shape()));
            assertArrayEquals(io.info("y").shape(), y.shape());
            assertArrayEquals(io.floats("y"), y.data(), 1e-5f);
        }
    }

    @Test
    void reportsWhatDoesNotFit() throws IOException {
        Layer other = new Sequential(new Linear(64, 16), new Linear(16, 11),
                new Linear(3, 3, false, Initializer.XAVIER_UNIFORM));
        LoadReport report = other.loadMatching(StateFile.read(PYTORCH,
                NameMapping.NONE.replace("^model\\.body\\.0", "0").replace("^model\\.body\\.3", "1").drop("model")));
        assertEquals(List.of("0.weight", "0.bias"), report.loaded());
        assertEquals(List.of("2.weight"), report.missing());
        assertEquals(List.of(), report.unexpected());
        assertEquals(List.of("1.weight is [10, 16], expected [11, 16]", "1.bias is [10], expected [11]"),
                report.mismatched());
        assertEquals("2 fit, missing [2.weight], unexpected [], other shapes [1.weight is [10, 16], expected [11, 16], "
                + "1.bias is [10], expected [11]]", report.toString());
        assertArrayEquals(StateFile.read(PYTORCH, NameMapping.NONE).tensor("model.body.0.weight").data(),
                other.namedParameters().get("0.weight").data());
    }

    @Test
    void aStrictLoadOfAStrangeFileChangesNothing() throws IOException {
        Layer network = network();
        float[] before = network.namedParameters().get("3.weight").toArray();
        String message = assertThrows(IllegalArgumentException.class,
                () -> network.loadStateDict(StateFile.read(PYTORCH, NameMapping.NONE))).getMessage();
        assertTrue(message.startsWith("loadStateDict: the state doesn't fit Sequential: 0 fit, missing [0.weight"),
                message);
        assertTrue(message.contains("unexpected [model.conv.weight"), message);
        assertArrayEquals(before, network.namedParameters().get("3.weight").data());
    }

    @Test
    void writesWhatItReads(@TempDir Path folder) throws IOException {
        Layer network = network();
        network.initialize(3);
        StateFile.write(folder.resolve("state.safetensors"), network.stateDict());
        Layer again = network().loadStateDict(StateFile.read(folder.resolve("state.safetensors"), NameMapping.NONE));
        network.namedParameters().forEach(
                (name, tensor) -> assertArrayEquals(tensor.data(), again.namedParameters().get(name).data(), name));
    }

    @Test
    void aDeployedNetworkIsWrittenAsTheFloatsItStandsFor(@TempDir Path folder) throws IOException {
        Layer network = Ternarizer.convert(new Sequential(new Linear(7, 5)), BitQuantConfig.defaults()).deploy();
        Path file = folder.resolve("state.safetensors");
        StateFile.write(file, network.stateDict());
        BitLinear layer = (BitLinear) network.children().get("0");
        assertArrayEquals(layer.ternaryWeight().dequantize(),
                StateFile.read(file, NameMapping.NONE).tensor("0.weight").data());
    }

    @Test
    void namesThatFallTogetherAreRefused() {
        String message = assertThrows(ModelFormatException.class,
                () -> StateFile.read(PYTORCH, NameMapping.NONE.replace(".*", "same"))).getMessage();
        assertTrue(message.contains("pytorch_state_dict.safetensors: StateDict: 'same"), message);
    }

    @Test
    void rulesApplyInOrder() {
        NameMapping names = NameMapping.NONE.replace("a(\\d)", "b$1").replace("b", "c").drop("^x");
        assertEquals(Optional.of("c1.c2"), names.map("a1.b2"));
        assertEquals(Optional.empty(), names.map("x.weight"));
        assertEquals(Optional.of("weight.x"), names.map("weight.x"));
    }
}
