package io.bitlab.core.ops;

import static io.bitlab.core.ops.GradientCheck.assertNear;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.bitlab.core.BitQuantConfig;
import io.bitlab.core.parallel.Parallel;
import io.bitlab.core.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The float convolution, and what both convolutions refuse. */
class ConvolutionsTest {

    private static final Window SAME = Window.of(3, 3).withPadding(1, 1);

    /** Small images, of which so many are computed position by position. */
    private static List<ConvolutionReference> manySmall() {
        return List.of(new ConvolutionReference(17, 16, 4, 5, 6, 1, SAME),
                new ConvolutionReference(16, 32, 16, 16, 18, 2, SAME.withStride(2, 1)),
                new ConvolutionReference(37, 16, 5, 9, 3, 1, Window.of(2, 3).withDilation(2, 3).withPadding(1, 3)),
                new ConvolutionReference(20, 32, 3, 3, 4, 1, Window.of(1, 1).withStride(2, 2)),
                new ConvolutionReference(33, 16, 1, 1, 2, 1, SAME));
    }

    /** Groups whose padded channels are as many as all channels; several bands; sizes around those of tiles. */
    private static List<ConvolutionReference> boundaries() {
        return List.of(new ConvolutionReference(2, 16, 5, 6, 6, 2, SAME),
                new ConvolutionReference(1, 16, 4, 5, 32, 16, SAME), new ConvolutionReference(1, 32, 4, 3, 32, 2, SAME),
                new ConvolutionReference(1, 48, 3, 3, 48, 3, Window.of(2, 2)),
                new ConvolutionReference(1, 15, 6, 7, 16, 1, SAME), new ConvolutionReference(1, 16, 7, 6, 17, 1, SAME),
                new ConvolutionReference(1, 33, 3, 13, 31, 1, SAME), new ConvolutionReference(5, 3, 1, 1, 2, 1, SAME),
                new ConvolutionReference(1, 2, 67, 31, 3, 1, SAME.withStride(3, 2)),
                new ConvolutionReference(1, 64, 71, 32, 1, 1, Window.of(2, 1)));
    }

    private static List<ConvolutionReference> cases() {
        return LongStream.range(0, 60).mapToObj(ConvolutionReference::random).toList();
    }

    private static Tensor conv(ConvolutionReference sizes, Tensor x, Tensor weight, Tensor bias) {
        return Convolutions.conv2d(x, weight, bias, sizes.window(), sizes.groups(), "test");
    }

    @Test
    void valuesAndGradientsFollowTheDefinition() {
        cases().forEach(ConvolutionsTest::followsTheDefinition);
        boundaries().forEach(ConvolutionsTest::followsTheDefinition);
        manySmall().forEach(ConvolutionsTest::followsTheDefinition);
    }

    private static void followsTheDefinition(ConvolutionReference sizes) {
        Tensor x = sizes.x(1).requiresGrad(true);
        Tensor weight = sizes.weight(2).requiresGrad(true);
        Tensor bias = sizes.out() % 3 == 0 ? null : SameBits.uniform(3, sizes.out()).requiresGrad(true);
        Tensor y = conv(sizes, x, weight, bias);
        String label = sizes.toString();
        assertArrayEquals(new int[] {sizes.images(), sizes.out(), sizes.outHeight(), sizes.outWidth()}, y.shape(),
                label);
        assertArrayEquals(sizes.forward(x.data(), weight.data(), bias == null ? null : bias.data()), y.toArray(),
                label);
        float[] g = SameBits.uniform(4, sizes.resultSize()).data();
        y.backward(g);
        assertNear(sizes.inputGradient(g, weight.data()), x.grad().toArray(), 5e-6, label + ": input gradient");
        assertNear(sizes.weightGradient(g, x.data()), weight.grad().toArray(), 5e-6, label + ": weight gradient");
        if (bias != null) {
            assertNear(sizes.biasGradient(g), bias.grad().toArray(), 5e-6, label + ": bias gradient");
        }
    }

    private static List<ConvolutionReference> small() {
        return List.of(new ConvolutionReference(1, 1, 1, 1, 1, 1, Window.of(1, 1)),
                new ConvolutionReference(2, 3, 3, 2, 4, 1, Window.of(1, 1)),
                new ConvolutionReference(2, 3, 4, 5, 2, 1, SAME),
                new ConvolutionReference(1, 2, 5, 6, 3, 1, Window.of(2, 3).withStride(2, 3).withPadding(1, 2)),
                new ConvolutionReference(1, 4, 6, 5, 6, 2, Window.of(3, 1).withDilation(2, 1).withPadding(0, 1)),
                new ConvolutionReference(2, 3, 4, 5, 3, 3, SAME.withStride(2, 1)),
                new ConvolutionReference(1, 2, 5, 7, 2, 2, Window.of(2, 3).withDilation(2, 3).withPadding(1, 3)));
    }

    @ParameterizedTest
    @MethodSource("small")
    void gradientsAreThoseOfTheDefinition(ConvolutionReference sizes) {
        GradientCheck.check(sizes.toString(), 5, t -> conv(sizes, t[0], t[1], t[2]),
                t -> sizes.forward(t[0], t[1], t[2]), sizes.x(6), sizes.weight(7), SameBits.uniform(8, sizes.out()));
    }

    // ---------------------------------------------------------------- the same bits

    private static List<ConvolutionReference> shared() {
        return List.of(new ConvolutionReference(5, 7, 13, 11, 9, 1, SAME),
                new ConvolutionReference(1, 16, 29, 17, 20, 1, SAME.withStride(2, 1)),
                new ConvolutionReference(2, 12, 10, 11, 18, 3, SAME.withDilation(2, 2)),
                new ConvolutionReference(3, 10, 17, 9, 10, 10, SAME.withStride(2, 2)),
                new ConvolutionReference(3, 20, 12, 9, 24, 1, Window.of(1, 1)));
    }

    @ParameterizedTest
    @MethodSource({"shared", "manySmall"})
    void threadsBatchesAndTheOrderInMemoryChangeNoBit(ConvolutionReference sizes) {
        Tensor bias = SameBits.uniform(3, sizes.out());
        SameBits.check(sizes.toString(), t -> conv(sizes, t[0], t[1], t[2]), sizes.x(1), sizes.weight(2), bias);
        float[] whole = conv(sizes, sizes.x(1), sizes.weight(2), bias).toArray();
        try (Parallel seven = Parallel.of(7)) {
            assertArrayEquals(whole, seven.call(() -> conv(sizes, sizes.x(1), sizes.weight(2), bias)).toArray());
        }
        for (int i = 0; i < sizes.images(); i++) {
            float[] alone = conv(sizes, sizes.x(1).slice(0, i, i + 1), sizes.weight(2), bias).toArray();
            assertArrayEquals(Arrays.copyOfRange(whole, i * alone.length, (i + 1) * alone.length), alone);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3, 7})
    void largeImagesAreSharedByThreadsInBands(int threads) {
        ConvolutionReference sizes = new ConvolutionReference(1, 40, 61, 79, 5, 1, SAME); // more than one band
        Tensor weight = sizes.weight(2);
        float[] expected = sizes.forward(sizes.x(1).data(), weight.data(), null);
        try (Parallel parallel = Parallel.of(threads)) {
            assertArrayEquals(expected, parallel.call(() -> conv(sizes, sizes.x(1), weight, null)).toArray());
        }
    }

    // ---------------------------------------------------------------- bad input

    private static void assertRefused(String message, Tensor x, Tensor weight, Tensor bias, Window window, int groups) {
        ConvolutionWeightCache cache = new ConvolutionWeightCache(BitQuantConfig.defaults());
        for (float strength : new float[] {0f, 0.5f, 1f}) {
            Exception e = assertThrows(IllegalArgumentException.class,
                    () -> Convolutions.bitConv2d(x, weight, bias, window, groups, cache, strength, "stem"));
            assertEquals(message, e.getMessage());
        }
    }

    @Test
    void messagesNameShapesAndWhatIsExpected() {
        Tensor x = Tensor.zeros(2, 4, 5, 5);
        String expected = "; expected [n, channels, height, width], [outChannels, channels / groups, 3, 3] and "
                + "[outChannels]";
        assertRefused("stem: input [2, 4, 5, 5], weights [6, 3, 3, 3] and bias none don't fit kernel 3x3 in 1 groups"
                + expected, x, Tensor.zeros(6, 3, 3, 3), null, Window.of(3, 3), 1);
        assertRefused("stem: input [2, 4, 5, 5], weights [6, 2, 3, 3] and bias [4] don't fit kernel 3x3 in 2 groups"
                + expected, x, Tensor.zeros(6, 2, 3, 3), Tensor.zeros(4), Window.of(3, 3), 2);
        assertRefused("stem: input [2, 4, 5, 5], weights [6, 4, 3, 2] and bias none don't fit kernel 3x3 in 1 groups"
                + expected, x, Tensor.zeros(6, 4, 3, 2), null, Window.of(3, 3), 1);
        assertRefused("stem: input [4, 5, 5], weights [6, 4, 3, 3] and bias none don't fit kernel 3x3 in 1 groups"
                + expected, Tensor.zeros(4, 5, 5), Tensor.zeros(6, 4, 3, 3), null, Window.of(3, 3), 1);
        assertRefused(
                "stem: input of height 5 with a padding of 0 on both sides has a length of 5, expected at least 7 "
                        + "for a kernel of 3 with dilation 3, and an int",
                x, Tensor.zeros(6, 4, 3, 3), null,
                Window.of(3, 3).withDilation(3, 1), 1);
    }

    @ParameterizedTest
    @ValueSource(floats = {-0.1f, 1.1f, Float.NaN})
    void strengthsOutOfRangeAreRefused(float strength) {
        ConvolutionWeightCache cache = new ConvolutionWeightCache(BitQuantConfig.defaults());
        Exception e =
                assertThrows(IllegalArgumentException.class, () -> Convolutions.bitConv2d(Tensor.zeros(1, 1, 3, 3),
                        Tensor.zeros(1, 1, 3, 3), null, Window.of(3, 3), 1, cache, strength, "stem"));
        assertEquals("stem: quantStrength " + strength + " is not in [0, 1]", e.getMessage());
    }
}
