package io.bitlab.models.mlp;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bitlab.core.BitQuantConfig;
import io.bitlab.core.Granularity;
import io.bitlab.core.tensor.Tensor;
import io.bitlab.layers.BitLinear;
import io.bitlab.layers.Layer;
import io.bitlab.models.AutoBitModel;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class BitMlpTest {

    private static BitMlpConfig.Builder small() {
        return BitMlpConfig.builder().nLayers(3).inChannels(7).hiddenDim(5).outChannels(2);
    }

    @Test
    void allLayersAreTernaryByDefault() {
        assertEquals("""
                BitMlp(7 -> 2, 3 layers)  82 parameters
                ├─ linear0: BitLinear(7 -> 5)  40 parameters
                ├─ relu0: ReLU
                ├─ dropout0: Dropout(0.0)
                ├─ linear1: BitLinear(5 -> 5)  30 parameters
                ├─ relu1: ReLU
                ├─ dropout1: Dropout(0.0)
                └─ linear2: BitLinear(5 -> 2)  12 parameters""", small().build().newModel().toString());
    }

    @Test
    void floatEdgesNormsAndDropoutStandWhereTheyShould() {
        assertEquals("""
                BitMlp(7 -> 2, 4 layers)  122 parameters
                ├─ linear0: Linear(7 -> 5)  40 parameters
                ├─ relu0: ReLU
                ├─ dropout0: Dropout(0.25)
                ├─ norm1: RMSNorm(5)  5 parameters
                ├─ linear1: BitLinear(5 -> 5)  30 parameters
                ├─ relu1: ReLU
                ├─ dropout1: Dropout(0.25)
                ├─ norm2: RMSNorm(5)  5 parameters
                ├─ linear2: BitLinear(5 -> 5)  30 parameters
                ├─ relu2: ReLU
                ├─ dropout2: Dropout(0.25)
                └─ linear3: Linear(5 -> 2)  12 parameters""",
                small().nLayers(4).floatEdges(true).norm(true).dropout(0.25f).build().newModel().toString());
    }

    @Test
    void oneLayerGoesFromInToOut() {
        assertEquals("""
                BitMlp(7 -> 2, 1 layers)  16 parameters
                └─ linear0: BitLinear(7 -> 2)  16 parameters""", small().nLayers(1).build().newModel().toString());
        assertEquals("""
                BitMlp(7 -> 2, 1 layers)  16 parameters
                └─ linear0: Linear(7 -> 2)  16 parameters""",
                small().nLayers(1).floatEdges(true).build().newModel().toString());
    }

    @Test
    void theFloatTwinStartsWithEqualWeights() {
        BitMlpConfig config = small().norm(true).build();
        BitMlp model = AutoBitModel.fromConfig(config, 5);
        BitMlp twin = AutoBitModel.fromConfig(config.floatTwin(), 5);
        assertTrue(twin.layers().values().stream().noneMatch(BitLinear.class::isInstance));
        assertEquals(model.namedParameters().keySet(), twin.namedParameters().keySet());
        model.namedParameters().forEach((path, tensor) -> assertArrayEquals(tensor.toArray(),
                twin.namedParameters().get(path).toArray(), path));
        // without quantisation both are the same network
        model.layers().values().stream().filter(BitLinear.class::isInstance).map(BitLinear.class::cast)
                .forEach(layer -> layer.quantStrength(0f));
        Tensor x = Tensor.randn(1, 4, 7);
        assertArrayEquals(twin.forward(x).toArray(), model.forward(x).toArray());
    }

    @Test
    void seedsMakeModels() {
        BitMlpConfig config = small().build();
        Tensor x = Tensor.randn(1, 4, 7);
        float[] seed0 = AutoBitModel.fromConfig(config).forward(x).toArray();
        assertArrayEquals(seed0, AutoBitModel.fromConfig(config, 0).forward(x).toArray());
        assertFalse(Arrays.equals(seed0, AutoBitModel.fromConfig(config, 1).forward(x).toArray()));
        assertSame(config, AutoBitModel.fromConfig(config).config());
        assertEquals(Layer.Mode.TRAIN, AutoBitModel.fromConfig(config).mode());
    }

    @Test
    void theQuantizationReachesEveryTernaryLayer() {
        BitQuantConfig config = BitQuantConfig.defaults().withWeightGranularity(Granularity.PER_CHANNEL);
        List<BitLinear> layers = small().quantConfig(config).build().newModel().layers().values().stream()
                .filter(BitLinear.class::isInstance).map(BitLinear.class::cast).toList();
        assertEquals(3, layers.size());
        layers.forEach(layer -> assertSame(config, layer.quantConfig()));
    }

    @Test
    void leadingAxesAndModesDoNotMatter() {
        BitMlp model = AutoBitModel.fromConfig(small().norm(true).dropout(0.5f).build(), 2);
        model.eval();
        Tensor x = Tensor.randn(1, 6, 7);
        float[] y = model.forward(x).toArray();
        Tensor cube = model.forward(x.reshape(2, 3, 7));
        assertArrayEquals(new int[] {2, 3, 2}, cube.shape());
        assertArrayEquals(y, cube.toArray());
        assertArrayEquals(y, model.deploy().forward(x).toArray());
        Exception e = assertThrows(IllegalArgumentException.class, () -> model.forward(Tensor.zeros(1, 8)));
        assertEquals("RMSNorm(7) 'norm0': input [1, 8] has 8 features in its last dimension, expected 7",
                e.getMessage());
    }

    @Test
    void dropoutActsInTrainingOnly() {
        BitMlp model = AutoBitModel.fromConfig(small().hiddenDim(40).dropout(0.5f).build(), 2);
        Tensor x = Tensor.randn(1, 6, 7);
        assertFalse(Arrays.equals(model.forward(x).toArray(), model.forward(x).toArray()));
        model.eval();
        assertArrayEquals(model.forward(x).toArray(), model.forward(x).toArray());
    }

    @Test
    void ternaryMemoryIsMuchSmaller() {
        BitMlp model = BitMlpConfig.builder().inChannels(64).hiddenDim(256).outChannels(10).build().newModel();
        assertEquals(4L * model.parameterCount(), model.memory().floatBytes());
        assertTrue(model.memory().reductionPercent() > 80, model.memory().toString());
    }

    @Test
    void warmsUpOnARowOfItsOwn() {
        BitMlp model = new BitMlp(BitMlpConfig.builder().inChannels(9).hiddenDim(8).outChannels(3).build());
        assertThrows(IllegalStateException.class, model::warmUp);
        model.eval();
        assertSame(model, model.warmUp());
        assertArrayEquals(new int[] {1, 3}, model.forward(model.exampleInput()).shape());
    }
}
