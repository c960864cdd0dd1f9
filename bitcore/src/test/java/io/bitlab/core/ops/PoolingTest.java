package io.bitlab.core.ops;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.bitlab.core.math.FloatMath;
import io.bitlab.core.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class PoolingTest {

    private static List<Arguments> cases() {
        return List.of(
                Arguments.of(new int[] {1, 1, 1, 1}, Window.of(1, 1)),
                Arguments.of(new int[] {2, 3, 6, 4}, Window.of(2, 2).withStride(2, 2)),
                Arguments.of(new int[] {2, 3, 7, 5}, Window.of(2, 2).withStride(2, 2).withPadding(1, 1)),
                Arguments.of(new int[] {1, 2, 5, 8}, Window.of(3, 3).withPadding(1, 1)),
                Arguments.of(new int[] {1, 2, 9, 9}, Window.of(5, 4).withStride(3, 2).withPadding(2, 1)),
                Arguments.of(new int[] {2, 1, 4, 7}, Window.of(1, 3).withStride(4, 1)));
    }

    /** Applies a function to the pixels of each window that are inside the image. */
    private static DoubleArray pool(DoubleArray x, Window w, ToDoubleFunction<List<Double>> function) {
        int[] shape = {x.length(0), x.length(1), w.outputHeight(x.length(2), ""), w.outputWidth(x.length(3), "")};
        return DoubleArray.build(shape, i -> {
            List<Double> seen = new ArrayList<>();
            for (int ky = 0; ky < w.kernelHeight(); ky++) {
                for (int kx = 0; kx < w.kernelWidth(); kx++) {
                    int y = i[2] * w.strideHeight() - w.paddingHeight() + ky;
                    int column = i[3] * w.strideWidth() - w.paddingWidth() + kx;
                    if (y >= 0 && y < x.length(2) && column >= 0 && column < x.length(3)) {
                        seen.add(x.at(i[0], i[1], y, column));
                    }
                }
            }
            return function.applyAsDouble(seen);
        });
    }

    @ParameterizedTest
    @MethodSource("cases")
    void takesTheMaximum(int[] shape, Window window) {
        GradientCheck.check("max, " + window, 5, t -> Pooling.max(t[0], window, "test"),
                t -> pool(t[0], window, seen -> seen.stream().mapToDouble(v -> v).max().orElseThrow()),
                Tensor.randn(5, shape));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void takesTheMean(int[] shape, Window window) {
        GradientCheck.check("mean, " + window, 6, t -> Pooling.mean(t[0], window, "test"),
                t -> pool(t[0], window, seen -> seen.stream().mapToDouble(v -> v).sum() / window.area()),
                Tensor.randn(6, shape));
    }

    @Test
    void enlarges() {
        for (int factor = 1; factor <= 3; factor++) {
            int f = factor;
            int[] shape = {2, 3, 4 * f, 5 * f};
            GradientCheck.check("upsample by " + f, 8, t -> Pooling.upsample(t[0], f, "test"),
                    t -> DoubleArray.build(shape, i -> t[0].at(i[0], i[1], i[2] / f, i[3] / f)),
                    Tensor.randn(8, 2, 3, 4, 5));
        }
    }

    private static List<Arguments> adaptiveCases() {
        return List.of(Arguments.of(new int[] {2, 3, 6, 4}, 1, 1), Arguments.of(new int[] {1, 2, 7, 5}, 3, 2),
                Arguments.of(new int[] {2, 1, 3, 4}, 5, 4), Arguments.of(new int[] {1, 5, 1, 9}, 1, 4));
    }

    @ParameterizedTest
    @MethodSource("adaptiveCases")
    void dividesIntoWindowsOfAboutTheSameSize(int[] shape, int outHeight, int outWidth) {
        GradientCheck.check("adaptiveMean to " + outHeight + " x " + outWidth, 7,
                t -> Pooling.adaptiveMean(t[0], outHeight, outWidth, "test"),
                t -> DoubleArray.build(new int[] {shape[0], shape[1], outHeight, outWidth}, i -> {
                    int y1 = (int) Math.ceil((i[2] + 1) * (double) shape[2] / outHeight);
                    int x1 = (int) Math.ceil((i[3] + 1) * (double) shape[3] / outWidth);
                    double sum = 0;
                    int count = 0;
                    for (int y = i[2] * shape[2] / outHeight; y < y1; y++) {
                        for (int x = i[3] * shape[3] / outWidth; x < x1; x++) {
                            sum += t[0].at(i[0], i[1], y, x);
                            count++;
                        }
                    }
                    return sum / count;
                }), Tensor.randn(7, shape));
    }

    /** The order of {@link FloatMath#sum} over the rows of a window, and of the outputs for gradients. */
    @ParameterizedTest
    @MethodSource("cases")
    void sumsAreInTheUsualOrder(int[] shape, Window window) {
        Tensor x = Tensor.randn(9, shape).requiresGrad(true);
        Tensor y = Pooling.mean(x, window, "test");
        float[] g = Tensor.randn(10, y.size()).data();
        y.backward(g);
        Tensor dx = Tensor.zeros(shape);
        float[] means = new float[y.size()];
        int[] out = y.shape();
        for (int o = 0; o < means.length; o++) {
            int plane = o / (out[2] * out[3]);
            int top = o / out[3] % out[2] * window.strideHeight() - window.paddingHeight();
            int left = o % out[3] * window.strideWidth() - window.paddingWidth();
            float[] seen = new float[window.area()];
            int count = 0;
            for (int row = Math.max(0, top); row < Math.min(shape[2], top + window.kernelHeight()); row++) {
                for (int at = Math.max(0, left); at < Math.min(shape[3], left + window.kernelWidth()); at++) {
                    int i = (plane * shape[2] + row) * shape[3] + at;
                    seen[count++] = x.data()[i];
                    dx.data()[i] += g[o] * (1f / window.area());
                }
            }
            means[o] = FloatMath.get().sum(seen, 0, count) * (1f / window.area());
        }
        assertArrayEquals(means, y.data());
        assertArrayEquals(dx.data(), x.grad().data());
    }

    @Test
    void theMeanOfAllPixelsIsInTheUsualOrder() {
        Tensor x = Tensor.randn(11, 2, 5, 7, 9);
        assertArrayEquals(x.reshape(2, 5, -1).mean(2).data(), Pooling.adaptiveMean(x, 1, 1, "test").data());
    }

    @Test
    void sameBits() {
        for (int channels : new int[] {1, 3, 16, 40}) {
            Tensor x = SameBits.uniform(12, 3, channels, 21, 40);
            Window window = Window.of(3, 2).withStride(2, 1).withPadding(1, 1);
            SameBits.check("max", t -> Pooling.max(t[0], window, "test"), x);
            SameBits.check("mean", t -> Pooling.mean(t[0], window, "test"), x);
            SameBits.check("adaptiveMean", t -> Pooling.adaptiveMean(t[0], 4, 7, "test"), x);
            SameBits.check("upsample", t -> Pooling.upsample(t[0], 2, "test"), x);
        }
    }

    @Test
    void theFirstOfEqualMaximaGetsTheGradientAndNaNWins() {
        Tensor x = Tensor.of(new float[] {1, 3, 3, 2}, 1, 1, 2, 2).requiresGrad(true);
        Pooling.max(x, Window.of(2, 2), "test").sum().backward();
        assertArrayEquals(new float[] {0, 1, 0, 0}, x.grad().data());
        Tensor zeros = Tensor.of(new float[] {-1, -0f, 0, -0f}, 1, 1, 2, 2).requiresGrad(true);
        Tensor zero = Pooling.max(zeros, Window.of(2, 2), "test");
        assertEquals(0f, zero.item());
        zero.backward(new float[] {Float.POSITIVE_INFINITY});
        assertArrayEquals(new float[] {0, Float.POSITIVE_INFINITY, 0, 0}, zeros.grad().data());
        Tensor bad = Tensor.of(new float[] {1, Float.NaN, 3, 2}, 1, 1, 2, 2);
        assertEquals(Float.NaN, Pooling.max(bad, Window.of(2, 2), "test").item());
        assertEquals(Float.NaN, Pooling.mean(bad, Window.of(2, 2), "test").item());
    }

    @Test
    void paddingNeverWinsTheMaximumAndCountsInTheMean() {
        Window padded = Window.of(2, 2).withStride(2, 2).withPadding(1, 1);
        Tensor x = Tensor.full(-4, 1, 1, 2, 2);
        assertArrayEquals(new float[] {-4, -4, -4, -4}, Pooling.max(x, padded, "test").data());
        assertArrayEquals(new float[] {-1, -1, -1, -1}, Pooling.mean(x, padded, "test").data());
    }

    @Test
    void refusesWindowsThatSeeNoPixel() {
        Tensor x = Tensor.zeros(1, 1, 5, 5);
        for (Window window : List.of(Window.of(2, 2).withPadding(2, 0), Window.of(3, 3).withPadding(0, 2),
                Window.of(2, 2).withDilation(2, 1), Window.of(2, 2).withDilation(1, 2))) {
            Exception e = assertThrows(IllegalArgumentException.class, () -> Pooling.max(x, window, "MaxPool"));
            assertEquals("MaxPool: pooling windows have no dilation and at most half a kernel of padding, so that each "
                    + "holds a pixel; got " + window, e.getMessage());
            assertThrows(IllegalArgumentException.class, () -> Pooling.mean(x, window, "AvgPool"));
        }
        assertThrows(IllegalArgumentException.class, () -> Pooling.max(x, Window.of(6, 1), "test"));
        assertThrows(IllegalArgumentException.class, () -> Pooling.mean(Tensor.zeros(5, 5), Window.of(2, 2), "test"));
        assertThrows(IllegalArgumentException.class, () -> Pooling.upsample(Tensor.zeros(5, 5), 2, "test"));
        assertEquals("test: output of 0 x 2 pixels, expected at least 1 x 1", assertThrows(
                IllegalArgumentException.class, () -> Pooling.adaptiveMean(x, 0, 2, "test")).getMessage());
        assertEquals("test: factor is 0, expected at least 1",
                assertThrows(IllegalArgumentException.class, () -> Pooling.upsample(x, 0, "test")).getMessage());
    }
}
