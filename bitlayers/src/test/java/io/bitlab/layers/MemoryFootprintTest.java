package io.bitlab.layers;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bitlab.core.BitQuantConfig;
import io.bitlab.core.Granularity;
import io.bitlab.core.quant.TernaryMatrix;
import io.bitlab.core.tensor.Tensor;
import org.junit.jupiter.api.Test;

class MemoryFootprintTest {

    private final BitLinear ternary = BitLinear.builder(11, 7).build();
    private final Sequential net = new Sequential(ternary, new RMSNorm(7), new Linear(7, 2));

    private final long floats = 4L * (11 * 7 + 7 + 7 + 7 * 2 + 2);
    private final long floatParts = 4L * (7 + 7 * 2 + 2);
    /** Codes, padding and scales, as the chosen kernel stores them. */
    private final long packed = packedBytes(ternary);

    private static long packedBytes(BitLinear layer) {
        long bytes = layer.kernel().pack(layer.ternaryWeight()).bytes();
        TernaryMatrix weight = layer.ternaryWeight();
        long least = weight.outFeatures() * weight.inFeatures() / 5 + 4L * weight.scales().length;
        assertTrue(bytes >= least, bytes + " bytes, at 1.6 bits a weight there are " + least);
        return bytes;
    }

    @Test
    void everyModeReportsWhatIsThere() {
        long deployed = packed + 4 * 7 + floatParts;
        assertEquals(new MemoryFootprint(floats, deployed, floats), net.memory());
        net.forward(Tensor.randn(1, 2, 11)).sum().backward();
        assertEquals(new MemoryFootprint(floats, deployed, 2 * floats), net.memory(), "gradients");
        net.eval();
        assertEquals(new MemoryFootprint(floats, deployed, 2 * floats + packed + 4 * 7), net.memory(),
                "packed weights, scales and a bias of their own");
        net.deploy();
        long gradients = floatParts; // of the layers that stay float
        assertEquals(new MemoryFootprint(floats, deployed, deployed + gradients), net.memory());
        assertEquals(107, net.parameterCount());
    }

    @Test
    void deployedIsNoLargerThanItSays() {
        net.deploy();
        assertEquals(net.memory().ternaryBytes(), net.memory().residentBytes());
    }

    @Test
    void aNetworkThatDivergedSaysHowLargeItIs() {
        BitConv2d convolution = BitConv2d.builder(2, 3, 3).build();
        long conv = convolution.memory().ternaryBytes();
        BitLinear linear = BitLinear.builder(11, 7).build();
        long bytes = linear.memory().ternaryBytes();
        linear.weight().data()[3] = Float.NaN;
        convolution.weight().data()[3] = Float.NaN;
        assertEquals(bytes, linear.memory().ternaryBytes());
        assertEquals(conv, convolution.memory().ternaryBytes());
    }

    @Test
    void scalesOfRowsCount() {
        BitLinear rows = BitLinear.builder(11, 7).bias(false)
                .quantConfig(BitQuantConfig.defaults().withWeightGranularity(Granularity.PER_CHANNEL)).build();
        assertEquals(packedBytes(rows), rows.memory().ternaryBytes());
        assertEquals(packedBytes(rows), rows.deploy().memory().residentBytes());
    }

    @Test
    void reductionIsInPercent() {
        assertEquals(75.0, new MemoryFootprint(400, 100, 0).reductionPercent());
        assertEquals(0.0, MemoryFootprint.NONE.reductionPercent());
        assertEquals(0.0, new Linear(3, 3).memory().reductionPercent());
        assertEquals(new MemoryFootprint(5, 7, 9), new MemoryFootprint(1, 2, 3).plus(new MemoryFootprint(4, 5, 6)));
        assertEquals(MemoryFootprint.NONE, new ReLU().memory());
    }
}
