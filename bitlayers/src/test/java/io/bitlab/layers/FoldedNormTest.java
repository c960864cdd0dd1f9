package io.bitlab.layers;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bitlab.core.BitQuantConfig;
import io.bitlab.core.Granularity;
import io.bitlab.core.quant.TernaryMatrix;
import io.bitlab.core.tensor.ChannelsLast;
import io.bitlab.core.tensor.Tensor;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** In evaluation, a batch norm after a ternary convolution becomes a part of it. */
class FoldedNormTest {

    /** A convolution and a norm whose statistics are those of some training batches. */
    private static Sequential trained(BitConv2d convolution, BatchNorm2d norm, int inChannels) {
        Sequential network = new Sequential(convolution, norm);
        network.initialize(3);
        Tensor weight = network.stateDict().tensor("1.weight");
        for (int c = 0; c < weight.size(); c++) {
            weight.data()[c] = 0.5f + c % 3 - (c % 7 == 0 ? 2f : 0f); // also negative
        }
        for (int i = 0; i < 3; i++) {
            network.forward(Tensor.randn(10 + i, 4, inChannels, 6, 5).mul(2f).add(0.3f));
        }
        return network;
    }

    private static Tensor unfolded(Sequential network, Tensor x) {
        try (Observation _ = network.observe((path, output) -> {})) {
            return network.forward(x).detach();
        }
    }

    private static void assertNear(Tensor expected, Tensor found) {
        float[] values = expected.toArray();
        float largest = 0;
        for (float value : values) {
            largest = Math.max(largest, Math.abs(value));
        }
        assertArrayEquals(expected.shape(), found.shape());
        assertArrayEquals(values, found.toArray(), 1e-6f * largest);
        assertFalse(Arrays.equals(values, new float[values.length]));
    }

    @ParameterizedTest
    @CsvSource({"1, true, PER_SAMPLE", "1, false, PER_SAMPLE", "4, true, PER_SAMPLE", "16, true, PER_SAMPLE",
        "1, false, PER_CHANNEL", "2, true, PER_TENSOR"})
    void foldedEqualsUnfoldedWithinRounding(int groups, boolean bias, Granularity granularity) {
        BitQuantConfig config = BitQuantConfig.defaults().withActivationGranularity(granularity);
        Sequential network = trained(BitConv2d.builder(16, 16, 3).padding(1).groups(groups).bias(bias)
                .quantConfig(config).build(), new BatchNorm2d(16), 16);
        Tensor x = Tensor.randn(1, 3, 16, 6, 5);
        network.eval();

        Tensor folded = network.forward(x).detach();

        assertNear(unfolded(network, x), folded);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void followsNewStatisticsAndLoadedStates(boolean deployed) {
        Sequential network = trained(BitConv2d.builder(6, 10, 3).build(), new BatchNorm2d(10), 6);
        Tensor x = Tensor.randn(1, 3, 6, 6, 5);
        Tensor before = network.eval().forward(x).detach();

        network.train();
        network.forward(Tensor.randn(77, 4, 6, 6, 5).mul(9f));
        network.eval();
        Tensor after = network.forward(x).detach();

        assertFalse(Arrays.equals(before.toArray(), after.toArray()));
        assertNear(unfolded(network, x), after);
        Sequential other = new Sequential(BitConv2d.builder(6, 10, 3).build(), new BatchNorm2d(10));
        other.eval();
        other.forward(x);
        other.loadStateDict(network.stateDict(deployed ? Layer.Mode.DEPLOYED : Layer.Mode.EVAL));
        assertArrayEquals(after.toArray(), other.forward(x).toArray());
        assertEquals(deployed ? Layer.Mode.DEPLOYED : Layer.Mode.EVAL, other.mode());
    }

    @Test
    void followsAStateThatADeployedNetworkLoads() {
        Sequential network = trained(BitConv2d.builder(6, 10, 3).build(), new BatchNorm2d(10), 6);
        Tensor x = Tensor.randn(1, 3, 6, 6, 5);
        Sequential other = new Sequential(BitConv2d.builder(6, 10, 3).build(), new BatchNorm2d(10));
        other.deploy();
        float[] before = other.forward(x).toArray();
        other.loadStateDict(network.stateDict(Layer.Mode.DEPLOYED));
        float[] after = other.forward(x).toArray();
        assertFalse(Arrays.equals(before, after));
        assertArrayEquals(network.deploy().forward(x).toArray(), after);
    }

    @Test
    void scalesOfBlocksAreRefused() {
        Sequential network = new Sequential(BitConv2d.builder(4, 2, 3).bias(false).build(), new BatchNorm2d(2));
        StateDict state = network.stateDict();
        StateDict blocks = new StateDict();
        state.names().stream().filter(name -> !name.equals("0.weight"))
                .forEach(name -> blocks.put(name, state.tensor(name)));
        blocks.put("0.weight", TernaryMatrix.ofBlocks(new byte[2 * 36], 2, 36, new float[] {1, 2, 3, 4}, 18), 2, 4, 3,
                3);
        Tensor x = Tensor.randn(1, 2, 4, 5, 5);
        float[] before = network.forward(x).toArray();
        String message = assertThrows(IllegalArgumentException.class, () -> network.loadStateDict(blocks)).getMessage();
        assertTrue(message.endsWith("have 2 scales a row, expected one, as convolutions have; nothing was loaded"),
                message);
        assertEquals(Layer.Mode.TRAIN, network.mode());
        assertArrayEquals(before, network.forward(x).toArray());
    }

    @Test
    void savesTheWeightsThatTheNormLeaves() {
        Sequential network = trained(BitConv2d.builder(6, 10, 3).build(), new BatchNorm2d(10), 6);
        BitConv2d convolution = (BitConv2d) network.children().get("0");
        network.eval();
        var unfolded = convolution.ternaryWeight();

        network.forward(Tensor.randn(1, 3, 6, 6, 5));
        network.deploy();

        assertEquals(unfolded, convolution.ternaryWeight());
        assertEquals(unfolded, network.stateDict().ternary("0.weight"));
    }

    @Test
    void foldsAfterAFloatNetworkBecameTernary() {
        Sequential network = new Sequential(Conv2d.builder(6, 10, 3).build(), new BatchNorm2d(10));
        network.initialize(5);
        network.replaceLayers((path, layer) -> layer instanceof Conv2d floats
                ? floats.toBitConv2d(BitConv2d.DEFAULT_CONFIG) : layer);
        network.forward(Tensor.randn(2, 4, 6, 6, 5));
        Tensor x = Tensor.randn(1, 3, 6, 6, 5);
        network.eval();

        Tensor found = network.forward(x);

        assertFalse(ChannelsLast.pixels(found).needsGrad());
        assertNear(unfolded(network, x), found);
    }
}
