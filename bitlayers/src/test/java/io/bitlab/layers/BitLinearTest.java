package io.bitlab.layers;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bitlab.core.ActivationDtype;
import io.bitlab.core.BitQuantConfig;
import io.bitlab.core.Granularity;
import io.bitlab.core.kernel.KernelRegistry;
import io.bitlab.core.math.CounterRandom;
import io.bitlab.core.quant.TernaryMatrix;
import io.bitlab.core.tensor.Tensor;
import io.bitlab.layers.testing.Configurations;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class BitLinearTest {

    /** In and out features: below, at and above the block sizes of kernels and packing, and primes. */
    private static final int[][] SIZES = {{1, 1}, {2, 3}, {5, 4}, {7, 16}, {16, 17}, {64, 5}, {67, 31}, {131, 8}};

    static Stream<BitQuantConfig> configurations() {
        return Configurations.all().stream();
    }

    /** A layer whose latent weights and biases all differ. */
    private static BitLinear layer(int in, int out, boolean bias, BitQuantConfig config, long seed) {
        BitLinear layer = BitLinear.builder(in, out).bias(bias).quantConfig(config).build();
        layer.initialize(seed);
        if (bias) {
            System.arraycopy(Tensor.randn(seed + 1, out).data(), 0,
                    layer.namedParameters().get("bias").data(), 0, out);
        }
        return layer;
    }

    @ParameterizedTest
    @MethodSource("configurations")
    void trainEvalAndDeployedForwardAreTheSameBits(BitQuantConfig config) {
        for (int[] size : SIZES) {
            for (int rows : new int[] {1, 3, 8}) {
                for (boolean bias : new boolean[] {true, false}) {
                    long seed = rows * 1000L + size[0];
                    String label = config + ", rows " + rows + ", " + Arrays.toString(size) + ", seed " + seed;
                    BitLinear layer = layer(size[0], size[1], bias, config, seed);
                    Tensor x = Tensor.randn(seed + 2, rows, size[0]);
                    float[] trained = layer.forward(x).toArray();
                    assertArrayEquals(trained, layer.eval().forward(x).toArray(), label);
                    TernaryMatrix evaluated = layer.ternaryWeight();
                    assertArrayEquals(trained, layer.train().forward(x).toArray(), label);
                    assertEquals(evaluated, layer.ternaryWeight(), label);
                    assertArrayEquals(trained, layer.deploy().forward(x).toArray(), label);
                    assertEquals(evaluated, layer.ternaryWeight(), label);
                    float[] y = new float[rows * size[1]];
                    layer.apply(x.toArray(), rows, y);
                    assertArrayEquals(trained, y, label);
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("configurations")
    void strengthZeroIsLinearToTheBit(BitQuantConfig config) {
        for (boolean bias : new boolean[] {true, false}) {
            Tensor x = Tensor.randn(3, 4, 37).requiresGrad(true);
            Tensor x2 = x.detach().requiresGrad(true);
            Linear linear = new Linear(37, 23, bias, Initializer.XAVIER_UNIFORM);
            linear.initialize(6);
            BitLinear ternary = layer(37, 23, bias, config, 6).quantStrength(0f);
            ternary.loadStateDict(linear.stateDict());
            assertEquals(0f, ternary.quantStrength());
            Tensor y = linear.forward(x);
            Tensor z = ternary.forward(x2);
            assertArrayEquals(y.toArray(), z.toArray(), config.toString());
            float[] g = Tensor.randn(9, 4, 23).data();
            y.backward(g);
            z.backward(g);
            assertArrayEquals(x.grad().toArray(), x2.grad().toArray());
            linear.namedParameters().forEach((path, parameter) -> assertArrayEquals(parameter.grad().toArray(),
                    ternary.namedParameters().get(path).grad().toArray(), path));
        }
    }

    @ParameterizedTest
    @ValueSource(floats = {-0.1f, 1.1f, Float.NaN, Float.POSITIVE_INFINITY})
    void strengthOutsideItsRangeIsRefused(float strength) {
        BitLinear layer = BitLinear.builder(2, 3).build();
        Exception e = assertThrows(IllegalArgumentException.class, () -> layer.quantStrength(strength));
        assertEquals("BitLinear(2 -> 3): quantStrength " + strength + " is not in [0, 1]", e.getMessage());
        assertEquals(1f, layer.quantStrength());
    }

    @Test
    void strengthInBetweenActsInTrainingOnly() {
        BitLinear layer = layer(16, 8, true, BitQuantConfig.defaults(), 4);
        Tensor x = Tensor.randn(5, 3, 16);
        float[] full = layer.forward(x).toArray();
        float[] half = layer.quantStrength(0.5f).forward(x).toArray();
        float[] none = layer.quantStrength(0f).forward(x).toArray();
        assertFalse(Arrays.equals(full, half) || Arrays.equals(none, half));
        assertArrayEquals(full, layer.eval().forward(x).toArray());
    }

    /** With int8 PER_TENSOR, a sample depends on its batch by definition. */
    static Stream<BitQuantConfig> configurationsThatTreatSamplesApart() {
        return configurations().filter(config -> config.activationDtype() == ActivationDtype.FLOAT32
                || config.activationGranularity() == Granularity.PER_CHANNEL);
    }

    @ParameterizedTest
    @MethodSource("configurationsThatTreatSamplesApart")
    void aSampleAloneAndInABatchGiveTheSameBits(BitQuantConfig config) {
        int rows = 9;
        BitLinear layer = layer(67, 31, true, config, 8);
        Tensor batch = Tensor.randn(11, rows, 67);
        for (int mode = 0; mode < 2; mode++) {
            float[] together = layer.forward(batch).toArray();
            for (int row = 0; row < rows; row++) {
                Tensor alone = Tensor.of(Arrays.copyOfRange(batch.data(), row * 67, (row + 1) * 67), 1, 67);
                assertArrayEquals(Arrays.copyOfRange(together, row * 31, (row + 1) * 31),
                        layer.forward(alone).toArray(), config + ", row " + row);
            }
            layer.eval();
        }
    }

    @Test
    void onePerTensorScaleMakesASampleDependOnItsBatch() {
        BitLinear layer = layer(16, 8, true,
                BitQuantConfig.defaults().withActivationGranularity(Granularity.PER_TENSOR), 8);
        layer.eval();
        float[] batch = Tensor.randn(11, 2, 16).data();
        batch[16] = 50f;
        float[] together = layer.forward(Tensor.of(batch, 2, 16)).toArray();
        float[] alone = layer.forward(Tensor.of(Arrays.copyOf(batch, 16), 1, 16)).toArray();
        assertFalse(Arrays.equals(alone, Arrays.copyOf(together, 8)));
    }

    @Test
    void allLeadingAxesAreRows() {
        BitLinear layer = layer(6, 4, true, BitQuantConfig.defaults(), 8);
        float[] values = Tensor.randn(2, 12, 6).data();
        float[] expected = layer.forward(Tensor.of(values, 12, 6)).toArray();
        for (int mode = 0; mode < 2; mode++) {
            for (int[] shape : List.of(new int[] {12, 6}, new int[] {3, 4, 6}, new int[] {2, 1, 6, 6})) {
                Tensor y = layer.forward(Tensor.of(values, shape));
                int[] outShape = shape.clone();
                outShape[shape.length - 1] = 4;
                assertArrayEquals(outShape, y.shape());
                assertArrayEquals(expected, y.toArray(), Arrays.toString(shape));
            }
            Tensor single = layer.forward(Tensor.of(Arrays.copyOf(values, 6), 6));
            assertArrayEquals(new int[] {4}, single.shape());
            assertArrayEquals(Arrays.copyOf(expected, 4), single.toArray());
            layer.eval();
        }
    }

    @Test
    void forwardLeavesItsInputAlone() {
        BitLinear layer = layer(6, 4, true, BitQuantConfig.defaults(), 8);
        Tensor x = Tensor.randn(2, 3, 6);
        float[] before = x.toArray();
        layer.forward(x);
        layer.eval().forward(x);
        layer.apply(x.data(), 3, new float[12]);
        assertArrayEquals(before, x.toArray());
    }

    @Test
    void theStraightThroughEstimatorUsesTheQuantisedOperands() {
        BitLinear layer = layer(8, 3, true, BitQuantConfig.defaults(), 8);
        Tensor x = Tensor.randn(2, 1, 8).requiresGrad(true);
        float[] g = {0.5f, -1f, 2f};
        layer.forward(x).backward(g);
        float[] wq = layer.ternaryWeight().dequantize();
        for (int i = 0; i < 8; i++) {
            double expected = 0;
            for (int o = 0; o < 3; o++) {
                expected += g[o] * (double) wq[o * 8 + i];
            }
            assertEquals(expected, x.grad().data()[i], 1e-6, "input " + i);
        }
        assertArrayEquals(g, layer.namedParameters().get("bias").grad().toArray());
    }

    @Test
    void bothInitializersAndAllSettingsReachTheLayer() {
        BitQuantConfig config = BitQuantConfig.defaults().withActivationDtype(ActivationDtype.FLOAT32);
        BitLinear layer = BitLinear.builder(30, 20).bias(false).quantConfig(config)
                .initializer(Initializer.KAIMING_UNIFORM).build();
        assertSame(config, layer.quantConfig());
        assertEquals(List.of("weight"), List.copyOf(layer.namedParameters().keySet()));
        assertEquals(1f, layer.quantStrength());
        Linear twin = new Linear(30, 20, false, Initializer.KAIMING_UNIFORM);
        assertArrayEquals(twin.weight().toArray(), layer.weight().toArray());
        assertArrayEquals(new int[] {20, 30}, layer.weight().shape());
        assertFalse(Arrays.equals(BitLinear.builder(30, 20).build().weight().toArray(), layer.weight().toArray()));
    }

    @Test
    void ternaryWeightAndKernelAreKnownInEveryMode() {
        BitLinear layer = layer(20, 10, true, BitQuantConfig.defaults(), 5);
        TernaryMatrix weight = layer.ternaryWeight();
        String kernel = KernelRegistry.kernelFor(BitQuantConfig.defaults(), 10, 20).name();
        assertEquals(kernel, layer.kernel().name());
        assertArrayEquals(new int[] {-1, 0, 1}, weight.distinctValues());
        layer.deploy();
        assertEquals(kernel, layer.kernel().name());
        assertEquals(weight, layer.ternaryWeight());
        IllegalStateException e = assertThrows(IllegalStateException.class, layer::weight);
        assertEquals("BitLinear(20 -> 10): deployed, the latent weights are gone; ternaryWeight() has what remains",
                e.getMessage());
        assertEquals(List.of("bias"), List.copyOf(layer.namedParameters().keySet()));
    }

    @Test
    void sizesMustBePositive() {
        for (int[] size : new int[][] {{0, 4}, {4, 0}, {-1, 4}, {4, Integer.MIN_VALUE}}) {
            String sizes = "(" + size[0] + " -> " + size[1] + "): both numbers of features must be at least 1";
            assertEquals("BitLinear" + sizes, assertThrows(IllegalArgumentException.class,
                    () -> BitLinear.builder(size[0], size[1])).getMessage());
            assertEquals("Linear" + sizes, assertThrows(IllegalArgumentException.class,
                    () -> new Linear(size[0], size[1])).getMessage());
        }
        assertThrows(IllegalArgumentException.class, () -> BitLinear.builder(1 << 20, 1 << 20).build());
    }

    @Test
    void wrongInputsAreRefusedInEveryMode() {
        Sequential net = new Sequential(new ReLU(), BitLinear.builder(8, 4).build());
        for (int mode = 0; mode < 3; mode++) {
            assertEquals("BitLinear(8 -> 4) '1': input [2, 9] has 9 features in its last dimension, expected 8",
                    refusal(net, Tensor.zeros(2, 9)));
            assertEquals("BitLinear(8 -> 4) '1': input is a scalar (rank 0), expected shape [..., 8]",
                    refusal(net, Tensor.scalar(1)));
            for (float bad : new float[] {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY}) {
                Tensor x = Tensor.zeros(3, 8);
                x.data()[2 * 8 + 5] = bad;
                String message = refusal(new Sequential(net.children().get("1")), x);
                assertTrue(message.startsWith("BitLinear(8 -> 4) '1': the input in row 2, column 5 is " + bad),
                        message);
            }
            assertThrows(IllegalArgumentException.class, () -> Tensor.of(new float[0], 0, 8), "empty batch");
            if (mode == 0) {
                net.eval();
            } else {
                net.deploy();
            }
        }
    }

    private static String refusal(Layer net, Tensor x) {
        return assertThrows(IllegalArgumentException.class, () -> net.forward(x)).getMessage();
    }

    @Test
    void floatActivationsPassNanOn() {
        BitLinear layer = layer(8, 4, true, BitQuantConfig.defaults().withActivationDtype(ActivationDtype.FLOAT32), 1);
        Tensor x = Tensor.zeros(2, 8);
        x.data()[3] = Float.NaN;
        for (int mode = 0; mode < 2; mode++) {
            float[] y = layer.forward(x).toArray();
            for (int o = 0; o < 4; o++) {
                assertTrue(Float.isNaN(y[o]), "output " + o);
                assertFalse(Float.isNaN(y[4 + o]), "output " + o);
            }
            layer.eval();
        }
    }

    @Test
    void randomShapesOfAllConfigurationsAgreeInAllModes() {
        CounterRandom random = new CounterRandom(20, 26);
        List<BitQuantConfig> all = Configurations.all();
        for (int round = 0; round < 60; round++) {
            BitQuantConfig config = all.get(random.nextInt(all.size()));
            int in = 1 + random.nextInt(300);
            int out = 1 + random.nextInt(60);
            int rows = 1 + random.nextInt(20);
            BitLinear layer = layer(in, out, round % 2 == 0, config, round);
            Tensor x = Tensor.randn(round, rows, in);
            assertArrayEquals(layer.forward(x).toArray(), layer.deploy().forward(x).toArray(),
                    "round " + round + ", rows " + rows + ", " + in + " -> " + out + ", " + config);
        }
    }
}
