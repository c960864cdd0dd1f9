package io.bitlab.core.ops;

import static io.bitlab.core.ops.GradientCheck.assertNear;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bitlab.core.ActivationDtype;
import io.bitlab.core.BitQuantConfig;
import io.bitlab.core.Granularity;
import io.bitlab.core.WeightScale;
import io.bitlab.core.kernel.KernelRegistry;
import io.bitlab.core.kernel.TernaryKernel;
import io.bitlab.core.memory.Workspace;
import io.bitlab.core.parallel.Parallel;
import io.bitlab.core.quant.ActivationQuantizer;
import io.bitlab.core.quant.Activations;
import io.bitlab.core.quant.FloatActivations;
import io.bitlab.core.quant.PatchColumns;
import io.bitlab.core.quant.QuantizedActivations;
import io.bitlab.core.quant.TernaryMatrix;
import io.bitlab.core.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class TernaryConvolutionTest {

    private static final BitQuantConfig PER_SAMPLE =
            BitQuantConfig.defaults().withActivationGranularity(Granularity.PER_SAMPLE);
    private static final Window SAME = Window.of(3, 3).withPadding(1, 1);

    private static List<BitQuantConfig> configs() {
        List<BitQuantConfig> configs = new ArrayList<>();
        for (Granularity weights : List.of(Granularity.PER_TENSOR, Granularity.PER_CHANNEL)) {
            for (ActivationDtype dtype : ActivationDtype.values()) {
                for (Granularity activations : dtype == ActivationDtype.INT8 ? Granularity.values()
                        : new Granularity[] {Granularity.PER_SAMPLE}) {
                    configs.add(new BitQuantConfig(weights, WeightScale.ABS_MEAN, dtype, activations));
                }
            }
        }
        return configs;
    }

    private static List<ConvolutionReference> cases() {
        return LongStream.range(500, 510).mapToObj(ConvolutionReference::random).toList();
    }

    // ---------------------------------------------------------------- values

    /** The scalar kernel on rows that are unfolded here, group by group. */
    private static float[] expected(ConvolutionReference sizes, Tensor x, TernaryMatrix weights, float[] bias,
            BitQuantConfig config) {
        TernaryKernel scalar = KernelRegistry.kernel("scalar");
        int positions = sizes.outHeight() * sizes.outWidth();
        int rows = sizes.images() * positions;
        int share = sizes.out() / sizes.groups();
        float[] y = new float[sizes.resultSize()];
        for (int group = 0; group < sizes.groups(); group++) {
            TernaryMatrix part =
                    PatchColumns.byTap(weights.rows(group * share, (group + 1) * share), sizes.channels());
            float[] partBias = bias == null ? null : Arrays.copyOfRange(bias, group * share, (group + 1) * share);
            float[] products = new float[rows * share];
            scalar.multiply(scalar.pack(part), scalar.prepare(activations(sizes, x, group, config)), partBias, products,
                    0, share);
            for (int i = 0; i < products.length; i++) {
                int row = i / share;
                y[(row / positions * sizes.out() + group * share + i % share) * positions + row % positions] =
                        products[i];
            }
        }
        return y;
    }

    private static Activations activations(ConvolutionReference sizes, Tensor x, int group, BitQuantConfig config) {
        int rows = sizes.images() * sizes.outHeight() * sizes.outWidth();
        float[] patches = sizes.unfold(x.data(), group);
        int columns = patches.length / rows;
        if (config.activationDtype() == ActivationDtype.FLOAT32) {
            return new FloatActivations(patches, rows, columns);
        }
        if (config.activationGranularity() == Granularity.PER_CHANNEL) {
            return ActivationQuantizer.quantize(patches, rows, columns, Granularity.PER_CHANNEL, "reference");
        }
        int samples = config.activationGranularity() == Granularity.PER_SAMPLE ? sizes.images() : 1;
        QuantizedActivations rounded = ActivationQuantizer.quantize(x.data(), samples, x.size() / samples,
                Granularity.PER_CHANNEL, "reference");
        float[] values = new float[x.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = rounded.values()[i];
        }
        float[] unfolded = sizes.unfold(values, group);
        byte[] bytes = new byte[unfolded.length];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) unfolded[i];
        }
        float[] scales = new float[rows];
        for (int row = 0; row < rows; row++) {
            scales[row] = rounded.scale(row * samples / rows);
        }
        return new QuantizedActivations(bytes, scales, rows, columns);
    }

    @ParameterizedTest
    @MethodSource("configs")
    void trainingAndEvaluationReturnTheBitsOfTheScalarKernel(BitQuantConfig config) {
        for (ConvolutionReference sizes : cases()) {
            Tensor x = sizes.x(1);
            Tensor weight = sizes.weight(2);
            Tensor bias = sizes.out() % 3 == 0 ? null : SameBits.uniform(3, sizes.out());
            TernaryMatrix matrix = ConvolutionWeightCache.quantize(weight.data(), sizes.out(), sizes.groups(), config);
            float[] biases = bias == null ? null : bias.data();
            float[] expected = expected(sizes, x, matrix, biases, config);
            String label = sizes + ", " + config;
            Tensor trained = Convolutions.bitConv2d(x, weight, bias, sizes.window(), sizes.groups(),
                    new ConvolutionWeightCache(config), 1f, "test");
            assertArrayEquals(expected, trained.toArray(), label + ": training");
            TernaryConvolution packed =
                    new TernaryConvolution(matrix, sizes.in(), sizes.window(), sizes.groups(), config);
            Tensor y = packed.apply(x, biases, "test", () -> "test");
            assertArrayEquals(expected, y.toArray(), label + ": evaluation");
            assertArrayEquals(new int[] {sizes.images(), sizes.out(), sizes.outHeight(), sizes.outWidth()}, y.shape());
            assertArrayEquals(matrix.trits(), packed.unpack().trits(), label);
            for (int o = 0; o < sizes.out(); o++) {
                assertEquals(matrix.scale(o, 0), packed.unpack().scale(o, 0), label);
            }
            assertTrue(packed.bytes() > 0);
            assertTrue(packed.kernel().refusal(config, 1, sizes.weight(2).size() / sizes.out()).isEmpty(), label);
        }
    }

    @ParameterizedTest
    @MethodSource("configs")
    void threadsChangeNoBit(BitQuantConfig config) {
        ConvolutionWeightCache cache = new ConvolutionWeightCache(config);
        for (int groups : new int[] {1, 2, 6}) {
            SameBits.check(config + ", groups " + groups,
                    t -> Convolutions.bitConv2d(t[0], t[1], null, SAME, groups, cache, 1f, "test"),
                    SameBits.uniform(1, 3, 6, 7, 8), SameBits.uniform(2, 6, 6 / groups, 3, 3));
        }
        Tensor x = SameBits.uniform(1, 2, 6, 9, 9);
        Tensor weight = SameBits.uniform(2, 7, 6, 3, 3);
        float[] expected = Convolutions.bitConv2d(x, weight, null, SAME, 1, cache, 1f, "test").toArray();
        try (Parallel seven = Parallel.of(7)) {
            assertArrayEquals(expected, seven.call(
                    () -> Convolutions.bitConv2d(x, weight, null, SAME, 1, cache, 1f, "test").toArray()));
        }
    }

    @Test
    void anImageDependsOnItsBatchOnlyWithOneScaleForAll() {
        for (BitQuantConfig config : configs()) {
            for (int groups : new int[] {1, 4}) {
                TernaryMatrix weights =
                        ConvolutionWeightCache.quantize(SameBits.uniform(2, 4, 36 / groups).data(), 4, groups, config);
                TernaryConvolution conv = new TernaryConvolution(weights, 4, SAME, groups, config);
                Tensor batch = Tensor.randn(1, 3, 4, 6, 5); // maxima that differ
                float[] whole = conv.apply(batch, null, "test", () -> "test").toArray();
                boolean same = true;
                for (int i = 0; i < 3; i++) {
                    float[] alone = conv.apply(batch.slice(0, i, i + 1), null, "test", () -> "test").toArray();
                    same &= Arrays.equals(alone, Arrays.copyOfRange(whole, i * alone.length, (i + 1) * alone.length));
                }
                boolean shared = config.activationDtype() == ActivationDtype.INT8
                        && config.activationGranularity() == Granularity.PER_TENSOR;
                assertEquals(!shared, same, config.toString());
            }
        }
    }

    // ---------------------------------------------------------------- gradients

    @ParameterizedTest
    @MethodSource("configs")
    void gradientsPassStraightThrough(BitQuantConfig config) {
        for (ConvolutionReference sizes : cases()) {
            Tensor x = sizes.x(1).requiresGrad(true);
            Tensor weight = sizes.weight(2).requiresGrad(true);
            Tensor bias = SameBits.uniform(3, sizes.out()).requiresGrad(true);
            Tensor y = Convolutions.bitConv2d(x, weight, bias, sizes.window(), sizes.groups(),
                    new ConvolutionWeightCache(config), 1f, "test");
            float[] g = SameBits.uniform(4, sizes.resultSize()).data();
            y.backward(g);
            String label = sizes + ", " + config;
            float[] ternary = ConvolutionWeightCache.quantize(weight.data(), sizes.out(), sizes.groups(), config)
                    .dequantize();
            assertNear(sizes.inputGradient(g, ternary), x.grad().toArray(), 5e-6, label + ": input gradient");
            assertNear(sizes.biasGradient(g), bias.grad().toArray(), 5e-6, label + ": bias gradient");
            assertNear(weightGradient(sizes, x, g, config), weight.grad().toArray(), 5e-6, label + ": weight gradient");
        }
    }

    /** From the rows that the forward multiplied. */
    private static double[] weightGradient(ConvolutionReference sizes, Tensor x, float[] g, BitQuantConfig config) {
        int positions = sizes.outHeight() * sizes.outWidth();
        int area = sizes.window().area();
        double[] dw = new double[sizes.out() * sizes.channels() * area];
        int share = sizes.out() / sizes.groups();
        for (int o = 0; o < sizes.out(); o++) {
            float[] values = switch (activations(sizes, x, o / share, config)) {
                case QuantizedActivations rounded -> rounded.dequantize();
                case FloatActivations floats -> floats.values();
                default -> throw new AssertionError();
            };
            int columns = area * sizes.channels();
            for (int i = 0; i < values.length; i++) {
                int row = i / columns;
                int c = i % columns % sizes.channels();
                int tap = i % columns / sizes.channels();
                dw[(o * sizes.channels() + c) * area + tap] += (double) values[i]
                        * g[(row / positions * sizes.out() + o) * positions + row % positions];
            }
        }
        return dw;
    }

    @Test
    void strengthsBetweenBlendBothOperands() {
        Tensor x = SameBits.uniform(1, 2, 4, 5, 6);
        Tensor weight = SameBits.uniform(2, 3, 4, 3, 3);
        ConvolutionWeightCache cache = new ConvolutionWeightCache(PER_SAMPLE);
        float[] floats = Convolutions.conv2d(x, weight, null, SAME, 1, "test").toArray();
        assertArrayEquals(floats, Convolutions.bitConv2d(x, weight, null, SAME, 1, cache, 0f, "test").toArray());
        ConvolutionReference sizes = new ConvolutionReference(2, 4, 5, 6, 3, 1, SAME);
        float[] ternary = ConvolutionWeightCache.quantize(weight.data(), 3, 1, PER_SAMPLE).dequantize();
        float[] rounded = ActivationQuantizer.quantize(x.data(), 2, 120, Granularity.PER_CHANNEL, "").dequantize();
        double[] expected = sizes.forward(aQuarter(x, rounded), aQuarter(weight, ternary), null).values();
        assertNear(expected, Convolutions.bitConv2d(x, weight, null, SAME, 1, cache, 0.25f, "test").toArray(), 5e-6,
                "a quarter");
    }

    private static DoubleArray aQuarter(Tensor from, float[] to) {
        double[] values = new double[to.length];
        Arrays.setAll(values, i -> from.data()[i] + 0.25 * (to[i] - from.data()[i]));
        return new DoubleArray(values, from.shape());
    }

    // ---------------------------------------------------------------- memory, cache, bad input

    @Test
    void memoryDoesNotGrowToTheMatrixOfPatches() {
        Tensor x = SameBits.uniform(1, 1, 3, 256, 256); // odd channels, which no kernel reads in place: 1.8 MB of rows
        for (BitQuantConfig config : List.of(PER_SAMPLE, BitQuantConfig.defaults(),
                BitQuantConfig.defaults().withActivationDtype(ActivationDtype.FLOAT32))) {
            TernaryMatrix weights = ConvolutionWeightCache.quantize(SameBits.uniform(2, 4, 27).data(), 4, 1, config);
            TernaryConvolution conv = new TernaryConvolution(weights, 3, SAME, 1, config);
            Workspace workspace = new Workspace();
            float[] y = workspace.call(() -> conv.apply(x, null, "test", () -> "test").toArray());
            long needed = 4L * (x.size() + 2 * y.length) + x.size(); // pixels, results in both orders, rounded pixels
            assertTrue(workspace.residentBytes() <= needed + 1000, config + ": " + workspace.residentBytes());
            assertArrayEquals(conv.apply(x, null, "test", () -> "test").toArray(), y, config.toString());
        }
    }

    @Test
    void aCacheKeepsWeightsUntilTheyOrTheirUseChange() {
        Tensor weight = SameBits.uniform(2, 4, 2, 3, 3);
        ConvolutionWeightCache cache = new ConvolutionWeightCache(PER_SAMPLE);
        ConvolutionWeightCache.Quantized first = cache.quantized(weight, 2, SAME, 1);
        assertSame(first, cache.quantized(weight, 2, SAME, 1));
        assertNotSame(first, cache.quantized(weight, 4, SAME, 2), "other groups have other scales");
        Tensor x = SameBits.uniform(3, 1, 4, 5, 5);
        assertArrayEquals(
                Convolutions.bitConv2d(x, weight, null, SAME, 2, new ConvolutionWeightCache(PER_SAMPLE), 1f, "test")
                        .toArray(),
                Convolutions.bitConv2d(x, weight, null, SAME, 2, cache, 1f, "test").toArray());
        weight.data()[5] += 3;
        assertEquals(ConvolutionWeightCache.quantize(weight.data(), 4, 1, PER_SAMPLE),
                cache.quantized(weight, 2, SAME, 1).matrix());
        weight.data()[5] = Float.NaN;
        assertThrows(IllegalArgumentException.class, () -> cache.quantized(weight, 2, SAME, 1));
        assertThrows(IllegalArgumentException.class, () -> cache.quantized(weight, 2, SAME, 1), "not the old ones");
    }

    @Test
    void valuesThatCantBeRoundedAreNamed() {
        Tensor x = Tensor.zeros(2, 4, 5, 7);
        x.data()[4 * 35 + 2 * 35 + 3 * 7 + 5] = Float.NaN;
        for (Granularity granularity : Granularity.values()) {
            for (int groups : new int[] {1, 2, 4}) {
                BitQuantConfig config = BitQuantConfig.defaults().withActivationGranularity(granularity);
                TernaryMatrix weights = TernaryMatrix.of(new byte[4 * 36 / groups], 4, 36 / groups, new float[] {1});
                TernaryConvolution conv = new TernaryConvolution(weights, 4, SAME, groups, config);
                Exception e = assertThrows(IllegalArgumentException.class,
                        () -> conv.apply(x, null, "test", () -> "stem"));
                assertTrue(e.getMessage().startsWith("stem: the input in image 1, channel 2, row 3, column 5 is NaN, "
                        + "which int8 cannot represent. "), e.getMessage());
            }
        }
    }

    @Test
    void weightsThatDontFitAreRefused() {
        TernaryMatrix weights = TernaryMatrix.of(new byte[4 * 18], 4, 18, new float[] {1});
        for (int[] bad : new int[][] {{3, 1}, {4, 1}, {2, 0}, {2, 2}, {4, 3}}) {
            Exception e = assertThrows(IllegalArgumentException.class,
                    () -> new TernaryConvolution(weights, bad[0], SAME, bad[1], PER_SAMPLE));
            assertEquals("TernaryConvolution: " + weights + " are not the weights of " + bad[0] + " channels in "
                    + bad[1] + " groups with " + SAME, e.getMessage());
        }
        float[] scales = {1, 2, 3, 4, 5, 6, 7, 8};
        TernaryMatrix blocks = TernaryMatrix.ofBlocks(new byte[4 * 18], 4, 18, scales, 9);
        TernaryMatrix depthwise = TernaryMatrix.ofBlocks(new byte[4 * 9], 4, 9, scales, 5);
        for (Granularity granularity : Granularity.values()) {
            BitQuantConfig config = BitQuantConfig.defaults().withActivationGranularity(granularity);
            assertThrows(IllegalArgumentException.class, () -> new TernaryConvolution(blocks, 2, SAME, 1, config));
            Exception e = assertThrows(IllegalArgumentException.class,
                    () -> new TernaryConvolution(depthwise, 4, SAME, 4, config));
            assertEquals("TernaryConvolution: " + depthwise + " has a scale for each block of columns; expected one "
                    + "scale, or one for each output channel", e.getMessage());
        }
    }

    @Test
    void imagesOfOtherShapesAreRefused() {
        TernaryConvolution conv = new TernaryConvolution(
                TernaryMatrix.of(new byte[4 * 18], 4, 18, new float[] {1}), 2, SAME, 1, PER_SAMPLE);
        for (int[] shape : new int[][] {{1, 3, 5, 5}, {2, 5, 5}}) {
            Exception e = assertThrows(IllegalArgumentException.class,
                    () -> conv.apply(Tensor.zeros(shape), null, "test", () -> "stem"));
            assertEquals("stem: input has shape " + Arrays.toString(shape) + ", expected [n, 2, height, width]",
                    e.getMessage());
        }
    }
}
