package io.bitlab.core.ops;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.bitlab.core.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ResamplingTest {

    private static void refused(String message, Executable action) {
        assertEquals(message, assertThrows(IllegalArgumentException.class, action).getMessage());
    }

    /** The share of input position k in output position i of an axis. */
    private static double share(int i, int k, int length, int outLength) {
        double at = Math.min(length - 1, Math.max(0, (i + 0.5) * length / outLength - 0.5));
        return Math.max(0, 1 - Math.abs(at - k));
    }

    @ParameterizedTest
    @CsvSource({"1, 1, 3, 2", "4, 5, 8, 10", "5, 4, 3, 7", "6, 6, 3, 2", "3, 7, 3, 7", "2, 9, 5, 1"})
    void bilinear(int height, int width, int outHeight, int outWidth) {
        GradientCheck.check("bilinear to " + outHeight + " x " + outWidth, 1,
                t -> Resampling.bilinear(t[0], outHeight, outWidth, "test"),
                t -> DoubleArray.build(new int[] {2, 3, outHeight, outWidth}, i -> {
                    double sum = 0;
                    for (int y = 0; y < height; y++) {
                        for (int x = 0; x < width; x++) {
                            sum += t[0].at(i[0], i[1], y, x) * share(i[2], y, height, outHeight)
                                    * share(i[3], x, width, outWidth);
                        }
                    }
                    return sum;
                }), Tensor.randn(2, 2, 3, height, width));
    }

    @Test
    void theSameSizeIsTheSameImage() {
        Tensor x = Tensor.randn(3, 2, 3, 5, 7);
        x.data()[17] = Float.POSITIVE_INFINITY;
        assertArrayEquals(x.data(), Resampling.bilinear(x, 5, 7, "test").data());
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void channelsBecomePixelsAndBack(int f) {
        GradientCheck.check("shuffle by " + f, 4, t -> Resampling.shuffle(t[0], f, "test"),
                t -> DoubleArray.build(new int[] {2, 3, 2 * f, 4 * f},
                        i -> t[0].at(i[0], (i[1] * f + i[2] % f) * f + i[3] % f, i[2] / f, i[3] / f)),
                Tensor.randn(4, 2, 3 * f * f, 2, 4));
        GradientCheck.check("unshuffle by " + f, 5, t -> Resampling.unshuffle(t[0], f, "test"),
                t -> DoubleArray.build(new int[] {2, 3 * f * f, 2, 4}, i -> t[0].at(i[0], i[1] / (f * f),
                        i[2] * f + i[1] / f % f, i[3] * f + i[1] % f)),
                Tensor.randn(5, 2, 3, 2 * f, 4 * f));
        Tensor x = Tensor.randn(6, 1, 2, 3 * f, 2 * f);
        assertArrayEquals(x.data(), Resampling.shuffle(Resampling.unshuffle(x, f, "test"), f, "test").data());
    }

    @Test
    void sameBits() {
        for (int channels : new int[] {4, 36}) {
            Tensor x = SameBits.uniform(7, 3, channels, 26, 40);
            SameBits.check("bilinear", t -> Resampling.bilinear(t[0], 39, 31, "test"), x);
            SameBits.check("shuffle", t -> Resampling.shuffle(t[0], 2, "test"), x);
            SameBits.check("unshuffle", t -> Resampling.unshuffle(t[0], 2, "test"), x);
        }
    }

    @Test
    void refusesWhatDoesNotFit() {
        Tensor x = Tensor.zeros(1, 6, 5, 4);
        refused("resize: output of 0 x 2 pixels, expected at least 1 x 1",
                () -> Resampling.bilinear(x, 0, 2, "resize"));
        refused("resize: input has shape [3], expected [n, channels, height, width]",
                () -> Resampling.bilinear(Tensor.zeros(3), 2, 2, "resize"));
        refused("shuffle: input [1, 6, 5, 4] has 6 channels, expected a multiple of 4",
                () -> Resampling.shuffle(x, 2, "shuffle"));
        refused("shuffle: factor is 0, expected at least 1", () -> Resampling.shuffle(x, 0, "shuffle"));
        refused("unshuffle: input [1, 6, 5, 4] has 5 x 4 pixels, expected multiples of 2",
                () -> Resampling.unshuffle(x, 2, "unshuffle"));
        refused("unshuffle: factor is -1, expected at least 1", () -> Resampling.unshuffle(x, -1, "unshuffle"));
        assertThrows(IllegalArgumentException.class, () -> Resampling.shuffle(Tensor.zeros(4, 4), 2, "shuffle"));
        assertThrows(IllegalArgumentException.class, () -> Resampling.unshuffle(Tensor.zeros(4, 4), 2, "unshuffle"));
    }
}
