package io.bitlab.layers;

import static io.bitlab.layers.testing.ConvolutionCase.assertNear;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bitlab.core.ActivationDtype;
import io.bitlab.core.BitQuantConfig;
import io.bitlab.core.Granularity;
import io.bitlab.core.WeightScale;
import io.bitlab.core.kernel.KernelRegistry;
import io.bitlab.core.kernel.TernaryKernel;
import io.bitlab.core.quant.TernaryMatrix;
import io.bitlab.core.quant.TernaryQuantizer;
import io.bitlab.core.tensor.Tensor;
import io.bitlab.layers.testing.Configurations;
import io.bitlab.layers.testing.ConvolutionCase;
import io.bitlab.layers.testing.DirectConvolution;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class BitConv2dTest {

    static List<ConvolutionCase> cases() {
        return ConvolutionCase.all();
    }

    private static List<BitQuantConfig> int8() {
        return Configurations.all().stream().filter(c -> c.activationDtype() == ActivationDtype.INT8).toList();
    }

    /** Trits and row scales by their definition: each group is quantised separately. */
    private static TernaryMatrix[] quantized(ConvolutionCase c, float[] latent, BitQuantConfig config) {
        TernaryMatrix[] groups = new TernaryMatrix[c.groups()];
        int size = latent.length / groups.length;
        int rows = c.out() / groups.length;
        Arrays.setAll(groups, i -> TernaryQuantizer.quantize(Arrays.copyOfRange(latent, i * size, (i + 1) * size), rows,
                size / rows, config.weightGranularity(), config.weightScale()));
        return groups;
    }

    /** For each patch of a group, the largest magnitude in it, in its whole image, or in all images. */
    private static float[] maxima(ConvolutionCase c, float[] x, BitQuantConfig config) {
        DirectConvolution direct = c.direct();
        float[] maxima = new float[direct.patches()];
        Arrays.fill(maxima, 1e-5f);
        if (config.activationGranularity() == Granularity.PER_CHANNEL) {
            direct.forEachTap((result, pixel, weight) -> {
                int patch = direct.patch(result);
                maxima[patch] = Math.max(maxima[patch], pixel < 0 ? 0 : Math.abs(x[pixel]));
            });
            return maxima;
        }
        int samples = config.activationGranularity() == Granularity.PER_SAMPLE ? c.input()[0] : 1;
        for (int i = 0; i < maxima.length; i++) {
            int sample = i * samples / maxima.length;
            for (int j = sample * x.length / samples; j < (sample + 1) * x.length / samples; j++) {
                maxima[i] = Math.max(maxima[i], Math.abs(x[j]));
            }
        }
        return maxima;
    }

    private static int int8(float x, float maximum) {
        return (int) Math.max(-127, Math.min(127, Math.rint(x * (127 / maximum))));
    }

    /** What the layer must return, to the bit: integer sums of trits and int8 pixels, then scales and bias in order. */
    private static float[] oracle(ConvolutionCase c, float[] x, TernaryMatrix[] weights, float[] bias,
            BitQuantConfig config) {
        DirectConvolution direct = c.direct();
        float[] maxima = maxima(c, x, config);
        byte[][] trits = Arrays.stream(weights).map(TernaryMatrix::trits).toArray(byte[][]::new);
        int[] sums = new int[direct.resultSize()];
        direct.forEachTap((result, pixel, weight) -> {
            int group = direct.channel(result) / (c.out() / c.groups());
            if (pixel >= 0) {
                sums[result] += int8(x[pixel], maxima[direct.patch(result)])
                        * trits[group][weight - group * trits[group].length];
            }
        });
        float[] y = new float[sums.length];
        int rows = c.out() / c.groups();
        for (int i = 0; i < y.length; i++) {
            int channel = direct.channel(i);
            float scale = weights[channel / rows].scale(channel % rows, 0);
            y[i] = (float) sums[i] * scale * (maxima[direct.patch(i)] / 127) + bias[channel];
        }
        return y;
    }

    @ParameterizedTest
    @MethodSource("cases")
    void everyFormReturnsTheOraclesBits(ConvolutionCase c) {
        for (BitQuantConfig config : int8()) {
            BitConv2d layer = c.ternary(true, config);
            Tensor x = c.images(21);
            float[] bias = layer.namedParameters().get("bias").toArray();
            float[] expected = oracle(c, x.data(), quantized(c, layer.weight().data(), config), bias, config);
            String label = c + ", " + config;
            assertArrayEquals(expected, layer.forward(x).toArray(), label + ": train");
            TernaryMatrix training = layer.ternaryWeight();
            assertArrayEquals(expected, layer.eval().forward(x).toArray(), label + ": eval");
            assertEquals(training, layer.ternaryWeight(), label);
            assertArrayEquals(expected, layer.train().forward(x).toArray(), label + ": train again");
            assertArrayEquals(expected, layer.deploy().forward(x).toArray(), label + ": deployed");
            assertEquals(training, layer.ternaryWeight(), label);
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void floatActivationsComputeTernaryTimesFloat(ConvolutionCase c) {
        BitQuantConfig config = BitQuantConfig.defaults().withActivationDtype(ActivationDtype.FLOAT32);
        BitConv2d layer = c.ternary(true, config);
        Tensor x = c.images(22);
        float[] trained = layer.forward(x).toArray();
        float[] ternary = layer.ternaryWeight().dequantize();
        float[] bias = layer.namedParameters().get("bias").data();
        assertNear(c.direct().forward(x.data(), ternary, bias), trained, c.toString());
        assertArrayEquals(trained, layer.eval().forward(x).toArray(), c + ": eval");
    }

    @ParameterizedTest
    @MethodSource("cases")
    void gradientsPassStraightThrough(ConvolutionCase c) {
        int8().stream().filter(config -> config.weightScale() == WeightScale.ABS_MEAN)
                .forEach(config -> gradientsPassStraightThrough(c, config));
    }

    private static void gradientsPassStraightThrough(ConvolutionCase c, BitQuantConfig config) {
        BitConv2d layer = c.ternary(true, config);
        Tensor x = c.images(23).requiresGrad(true);
        Tensor y = layer.forward(x);
        float[] g = Tensor.randn(24, y.size()).data();
        y.backward(g);
        DirectConvolution direct = c.direct();
        float[] ternary = layer.ternaryWeight().dequantize();
        assertNear(direct.inputGradient(g, ternary, x.size()), x.grad().data(), c + ": input gradient");
        assertNear(direct.biasGradient(g), layer.namedParameters().get("bias").grad().data(), c + ": bias gradient");
        float[] maxima = maxima(c, x.data(), config);
        double[] dw = new double[ternary.length];
        direct.forEachTap((result, pixel, weight) -> {
            float maximum = maxima[direct.patch(result)];
            dw[weight] += pixel < 0 ? 0 : (double) g[result] * int8(x.data()[pixel], maximum) * (maximum / 127);
        });
        assertNear(dw, layer.weight().grad().data(), c + ": weight gradient");
    }

    @ParameterizedTest
    @MethodSource("cases")
    void strengthZeroIsTheFloatLayer(ConvolutionCase c) {
        Tensor x = c.images(25);
        BitConv2d layer = c.ternary(true, BitQuantConfig.defaults()).quantStrength(0);
        assertArrayEquals(c.conv(true).forward(x).toArray(), layer.forward(x).toArray(), c.toString());
        assertEquals(0f, layer.quantStrength());
    }

    @ParameterizedTest
    @MethodSource("cases")
    void statesOfBothFormsLoadIntoAFreshLayer(ConvolutionCase c) {
        Tensor x = c.images(26);
        BitConv2d layer = c.ternary(true, BitQuantConfig.defaults());
        float[] expected = layer.forward(x).toArray();
        for (Layer.Mode form : List.of(Layer.Mode.TRAIN, Layer.Mode.DEPLOYED)) {
            StateDict state = layer.stateDict(form);
            assertEquals(form == Layer.Mode.DEPLOYED, state.isTernary("weight"), c.toString());
            BitConv2d other = c.ternary(true, BitQuantConfig.defaults());
            other.initialize(99);
            other.loadStateDict(state);
            assertArrayEquals(expected, other.forward(x).toArray(), c + ", " + form);
            assertEquals(layer.ternaryWeight(), other.ternaryWeight(), c + ", " + form);
        }
    }

    @Test
    void aStateOfAnotherShapeIsRefused() {
        StateDict state = BitConv2d.builder(2, 4, 3).build().stateDict(Layer.Mode.DEPLOYED);
        Exception e = assertThrows(IllegalArgumentException.class,
                () -> BitConv2d.builder(2, 4, 2).build().loadStateDict(state));
        assertTrue(e.getMessage().contains("weight is [4, 18], expected [4, 2, 2, 2]"), e.getMessage());
        assertThrows(IllegalArgumentException.class,
                () -> Conv2d.builder(2, 4, 3).build().loadStateDict(state), "a float layer takes no trits");
    }

    @Test
    void memoryCountsWeightsAndPackedForm() {
        BitConv2d layer = BitConv2d.builder(8, 64, 3).groups(2).build();
        int parameters = 64 * 4 * 9 + 64;
        long floats = parameters * 4L;
        assertEquals(parameters, layer.parameterCount());
        assertEquals(floats, layer.memory().floatBytes());
        boolean wide = layer.kernel().name().startsWith("wide-"); // 16 bits a weight, and scales
        assertTrue(layer.memory().ternaryBytes() < floats * (wide ? 0.56 : 0.33), () -> layer.memory().toString());
        MemoryFootprint before = layer.eval().memory();
        assertEquals(floats + before.ternaryBytes(), before.residentBytes());
        layer.deploy();
        assertEquals(before.ternaryBytes(), layer.memory().residentBytes(), "the latent weights are gone");
        assertEquals(parameters, layer.parameterCount());
        assertThrows(IllegalStateException.class, layer::weight);
        assertThrows(IllegalStateException.class, layer::train);
    }

    @Test
    void anImageHasOneScaleByDefault() {
        assertEquals(BitQuantConfig.defaults().withActivationGranularity(Granularity.PER_SAMPLE),
                BitConv2d.DEFAULT_CONFIG);
        assertEquals(BitConv2d.DEFAULT_CONFIG, BitConv2d.builder(3, 5, 3).build().quantConfig());
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 4})
    void theKernelIsThatOfConvolutionsInEveryMode(int groups) {
        for (BitQuantConfig config : Configurations.all()) {
            BitConv2d layer = BitConv2d.builder(4, 4, 3).groups(groups).quantConfig(config).build();
            TernaryKernel expected = KernelRegistry.patchKernelFor(config, 4 / groups, 36 / groups);
            assertSame(expected, layer.kernel(), config.toString());
            layer.eval();
            assertSame(expected, layer.kernel(), config.toString());
        }
    }

    @Test
    void anImageDoesNotDependOnItsBatch() {
        BitConv2d layer = BitConv2d.builder(3, 5, 3).padding(1).stride(2).build();
        layer.eval();
        Tensor batch = Tensor.randn(31, 4, 3, 9, 7);
        float[] together = layer.forward(batch).toArray();
        for (int i = 0; i < 4; i++) {
            float[] alone = layer.forward(batch.slice(0, i, i + 1)).toArray();
            assertArrayEquals(Arrays.copyOfRange(together, i * alone.length, (i + 1) * alone.length), alone);
        }
    }

    @Test
    void manyThreadsMayEvaluateAtOnce() {
        BitConv2d layer = BitConv2d.builder(4, 6, 3).groups(2).build();
        layer.eval();
        Tensor x = Tensor.randn(32, 3, 4, 8, 8);
        float[] expected = layer.forward(x).toArray();
        IntStream.range(0, 200).parallel().forEach(i -> assertArrayEquals(expected, layer.forward(x).toArray()));
    }

    @Test
    void messagesNameTheLayer() {
        Sequential net = new Sequential(BitConv2d.builder(2, 4, 3).groups(2).build());
        String name = "BitConv2d(2 -> 4, kernel 3x3, groups 2) '0'";
        Tensor bad = Tensor.zeros(1, 2, 3, 3);
        bad.data()[13] = Float.NaN;
        for (int round = 0; round < 2; round++, net.eval()) {
            Exception e = assertThrows(IllegalArgumentException.class, () -> net.forward(Tensor.zeros(1, 3, 5, 5)));
            assertEquals(name + ": input has shape [1, 3, 5, 5], expected [n, 2, height, width]", e.getMessage());
            e = assertThrows(IllegalArgumentException.class, () -> net.forward(bad));
            assertTrue(e.getMessage().startsWith(name + ": the input in image 0, channel 1, row 1, column 1 is NaN"),
                    e.getMessage());
        }
        Tensor x = Tensor.randn(1, 1, 2, 3, 3).requiresGrad(true);
        Tensor sum = net.forward(x).sum();
        Exception e = assertThrows(IllegalStateException.class, sum::backward);
        assertEquals("backward: " + name + " is in evaluation and records no gradients; call train() on the model and "
                + "run forward again", e.getMessage());
        BitConv2d layer = (BitConv2d) net.children().get("0");
        assertThrows(IllegalArgumentException.class, () -> layer.quantStrength(1.5f));
        assertEquals(layer.ternaryWeight().outFeatures(), 4);
        assertEquals(9, layer.ternaryWeight().inFeatures());
        assertFalse(layer.kernel().name().isEmpty());
    }
}
