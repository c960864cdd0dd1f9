package io.bitlab.core.ops;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.bitlab.core.tensor.ChannelsLast;
import io.bitlab.core.tensor.Tensor;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class ImageNormsTest {

    private static final float EPS = 1e-3f;

    private static void refused(String message, Executable action) {
        assertEquals(message, assertThrows(IllegalArgumentException.class, action).getMessage());
    }

    /** The mean of a function over the images n0 to n1 and channels c0 to c1. */
    private static double mean(DoubleArray x, int n0, int n1, int c0, int c1, double center, boolean squared) {
        double sum = 0;
        for (int n = n0; n < n1; n++) {
            for (int c = c0; c < c1; c++) {
                for (int y = 0; y < x.length(2); y++) {
                    for (int column = 0; column < x.length(3); column++) {
                        double off = x.at(n, c, y, column) - center;
                        sum += squared ? off * off : off;
                    }
                }
            }
        }
        return sum / ((double) (n1 - n0) * (c1 - c0) * x.length(2) * x.length(3));
    }

    /** Normalises by groups of channels, over one image each or over all. */
    private static DoubleArray normalize(DoubleArray x, DoubleArray weight, DoubleArray bias, int groups,
            boolean wholeBatch) {
        int size = x.length(1) / groups;
        return DoubleArray.build(x.shape(), i -> {
            int n0 = wholeBatch ? 0 : i[0];
            int n1 = wholeBatch ? x.length(0) : i[0] + 1;
            int c0 = i[1] / size * size;
            double mean = mean(x, n0, n1, c0, c0 + size, 0, false);
            double variance = mean(x, n0, n1, c0, c0 + size, mean, true);
            return (x.at(i) - mean) / Math.sqrt(variance + EPS) * weight.at(i[1]) + bias.at(i[1]);
        });
    }

    @ParameterizedTest
    @CsvSource({"2, 1, 1, 1", "1, 3, 2, 2", "2, 4, 5, 3", "3, 2, 1, 7", "1, 260, 3, 1"})
    void batchNorm(int n, int channels, int height, int width) {
        Tensor x = Tensor.randn(1, n, channels, height, width).mul(3).add(2);
        GradientCheck.check("batchNorm", 1, t -> ImageNorms.batchNorm(t[0], t[1], t[2], EPS, "test").images(),
                t -> normalize(t[0], t[1], t[2], channels, true), x, Tensor.randn(2, channels),
                Tensor.randn(3, channels));
    }

    @ParameterizedTest
    @CsvSource({"1, 1, 2, 1, 1", "2, 2, 4, 3, 2", "3, 3, 3, 2, 2", "1, 1, 6, 2, 3", "2, 2, 6, 1, 1"})
    void groupNorm(int n, int groups, int channels, int height, int width) {
        Tensor x = Tensor.randn(1, n, channels, height, width).mul(3).add(2);
        GradientCheck.check("groupNorm of " + groups, 1,
                t -> ImageNorms.groupNorm(t[0], groups, t[1], t[2], EPS, "test"),
                t -> normalize(t[0], t[1], t[2], groups, false), x, Tensor.randn(2, channels),
                Tensor.randn(3, channels));
    }

    @Test
    void scaleAndShift() {
        float[] scale = {2, -3, 0.5f};
        float[] shift = {1, 0, -1};
        GradientCheck.check("scaleAndShift", 1, t -> ImageNorms.scaleAndShift(t[0], scale, shift, "test"),
                t -> DoubleArray.build(t[0].shape(), i -> t[0].at(i) * scale[i[1]] + shift[i[1]]),
                Tensor.randn(1, 2, 3, 4, 5));
    }

    /** Sizes around the ends of stripes and chunks, which depend on the number of channels. */
    static Stream<Arguments> sizes() {
        return Stream.of(new int[] {1, 1, 1, 2}, new int[] {2, 16, 31, 33}, new int[] {1, 16, 32, 64},
                new int[] {1, 16, 2049, 1}, new int[] {3, 24, 40, 40}, new int[] {2, 700, 9, 8}).map(Arguments::of);
    }

    @ParameterizedTest
    @MethodSource("sizes")
    void theStatisticsAreExactEvenFarFromZero(int[] shape) {
        Tensor x = SameBits.uniform(4, shape).add(100);
        int channels = shape[1];
        ImageNorms.Normalized found = ImageNorms.batchNorm(x, Tensor.full(1, channels), Tensor.zeros(channels), EPS,
                "test");
        DoubleArray wide = DoubleArray.of(x);
        for (int c = 0; c < channels; c += Math.max(1, channels / 3)) {
            double mean = mean(wide, 0, shape[0], c, c + 1, 0, false);
            assertEquals(mean, found.mean()[c], 1e-5, "mean of " + c);
            double variance = mean(wide, 0, shape[0], c, c + 1, mean, true);
            assertEquals(variance, found.variance()[c], 1e-5 * variance, "variance of " + c);
        }
    }

    /** Too large for finite differences: the formula, channel by channel. */
    @Test
    void gradientsOfManyChunks() {
        int channels = 16;
        int pixels = 2100;
        Tensor x = SameBits.uniform(11, pixels, channels, 1, 1).requiresGrad(true);
        Tensor weight = Tensor.randn(12, channels).requiresGrad(true);
        Tensor bias = Tensor.randn(13, channels).requiresGrad(true);
        float[] g = SameBits.uniform(14, pixels, channels).data();
        ImageNorms.Normalized y = ImageNorms.batchNorm(x, weight, bias, EPS, "test");
        y.images().backward(g);
        double[] expected = new double[g.length];
        for (int c = 0; c < channels; c++) {
            double deviation = Math.sqrt(y.variance()[c] + (double) EPS);
            double ofBias = 0;
            double ofWeight = 0;
            for (int i = c; i < g.length; i += channels) {
                ofBias += g[i];
                ofWeight += g[i] * (x.data()[i] - y.mean()[c]) / deviation;
            }
            assertEquals(ofBias, bias.grad().at(c), 1e-4, "bias");
            assertEquals(ofWeight, weight.grad().at(c), 1e-4, "weight");
            for (int i = c; i < g.length; i += channels) {
                double z = (x.data()[i] - y.mean()[c]) / deviation;
                expected[i] = weight.at(c) / deviation * (g[i] - ofBias / pixels - z * ofWeight / pixels);
            }
        }
        GradientCheck.assertNear(expected, x.grad().data(), 1e-6, "x");
    }

    @ParameterizedTest
    @MethodSource("sizes")
    void sameBits(int[] shape) {
        Tensor x = SameBits.uniform(5, shape);
        Tensor weight = Tensor.randn(6, shape[1]);
        Tensor bias = Tensor.randn(7, shape[1]);
        SameBits.check("batchNorm", t -> ImageNorms.batchNorm(t[0], t[1], t[2], EPS, "test").images(), x, weight, bias);
        SameBits.check("groupNorm", t -> ImageNorms.groupNorm(t[0], 1, t[1], t[2], EPS, "test"), x, weight, bias);
        SameBits.check("scaleAndShift", t -> ImageNorms.scaleAndShift(t[0], weight.data(), bias.data(), "test"), x);
    }

    @Test
    void imagesOfAGroupNormDoNotDependOnTheirBatch() {
        Tensor x = Tensor.randn(8, 3, 8, 13, 11);
        Tensor weight = Tensor.randn(9, 8);
        Tensor bias = Tensor.randn(10, 8);
        Tensor all = ImageNorms.groupNorm(x, 4, weight, bias, EPS, "test");
        Tensor alone = ImageNorms.groupNorm(x.slice(0, 1, 2), 4, weight, bias, EPS, "test");
        assertArrayEquals(all.slice(0, 1, 2).toArray(), alone.toArray());
    }

    @Test
    void aConstantChannelBecomesTheBias() {
        Tensor x = Tensor.full(7, 2, 3, 4, 5);
        Tensor bias = Tensor.of(new float[] {1, 2, 3}, 3);
        Tensor y = ImageNorms.batchNorm(x, Tensor.full(5, 3), bias, EPS, "test").images();
        for (int c = 0; c < 3; c++) {
            assertEquals(bias.at(c), y.at(1, c, 3, 4));
        }
        assertEquals(bias.at(2), ImageNorms.groupNorm(x, 3, Tensor.full(5, 3), bias, EPS, "test").at(0, 2, 0, 0));
        assertEquals(Float.NaN, ImageNorms.batchNorm(Tensor.full(Float.NaN, 1, 3, 2, 2), bias, bias, EPS, "test")
                .images().at(0, 0, 0, 0));
    }

    @Test
    void refusesWhatDoesNotFit() {
        Tensor w = Tensor.full(1, 4);
        refused("norm: input has shape [2, 3, 5, 5], expected [n, 4, height, width]",
                () -> ImageNorms.batchNorm(Tensor.zeros(2, 3, 5, 5), w, w, EPS, "norm"));
        refused("norm: input has shape [2, 4], expected [n, 4, height, width]",
                () -> ImageNorms.groupNorm(Tensor.zeros(2, 4), 2, w, w, EPS, "norm"));
        refused("norm: bias has 3 elements, expected 4, one per channel",
                () -> ImageNorms.batchNorm(Tensor.zeros(2, 4, 5, 5), w, Tensor.zeros(3), EPS, "norm"));
        refused("norm: bias has 8 elements, expected 4, one per channel",
                () -> ImageNorms.groupNorm(Tensor.zeros(2, 4, 5, 5), 2, w, Tensor.zeros(8), EPS, "norm"));
        refused("norm: shift has 5 elements, expected 4, one per channel",
                () -> ImageNorms.scaleAndShift(Tensor.zeros(2, 4, 5, 5), w.data(), new float[5], "norm"));
        refused("norm: input has shape [4], expected [n, 4, height, width]",
                () -> ImageNorms.scaleAndShift(Tensor.zeros(4), w.data(), w.data(), "norm"));
        refused("norm: input [1, 4, 1, 1] has one pixel a channel, whose variance is 0; train with larger images or "
                + "batches, or call eval()", () -> ImageNorms.batchNorm(Tensor.zeros(1, 4, 1, 1), w, w, EPS, "norm"));
        refused("norm: 3 groups don't divide 4 channels",
                () -> ImageNorms.groupNorm(Tensor.zeros(1, 4, 2, 2), 3, w, w, EPS, "norm"));
        refused("norm: input [2, 4, 1, 1] has one value a group, whose variance is 0; use larger images or fewer "
                + "groups", () -> ImageNorms.groupNorm(Tensor.zeros(2, 4, 1, 1), 4, w, w, EPS, "norm"));
        Tensor x = ChannelsLast.images(Tensor.zeros(1, 2, 2, 4));
        assertArrayEquals(new int[] {1, 4, 2, 2}, ImageNorms.groupNorm(x, 4, w, w, EPS, "norm").shape());
    }
}
