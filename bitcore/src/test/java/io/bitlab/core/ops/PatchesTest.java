package io.bitlab.core.ops;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.bitlab.core.parallel.Parallel;
import io.bitlab.core.tensor.Tensor;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class PatchesTest {

    /** Shape of the images, first channel, channel after the last, window. */
    private static List<Arguments> cases() {
        Window small = Window.of(3, 3);
        return List.of(
                Arguments.of(new int[] {1, 1, 1, 1}, 0, 1, Window.of(1, 1)),
                Arguments.of(new int[] {2, 3, 5, 4}, 0, 3, small),
                Arguments.of(new int[] {2, 3, 5, 4}, 1, 3, small.withPadding(1, 1)),
                Arguments.of(new int[] {1, 4, 7, 5}, 2, 3, small.withPadding(2, 0).withStride(2, 3)),
                Arguments.of(new int[] {3, 2, 6, 9}, 0, 2, Window.of(2, 4).withDilation(3, 2).withPadding(1, 2)),
                Arguments.of(new int[] {2, 2, 3, 8}, 0, 1, Window.of(1, 5).withStride(2, 2).withPadding(3, 1)),
                Arguments.of(new int[] {1, 2, 4, 4}, 0, 2, Window.of(5, 5).withPadding(3, 3).withDilation(2, 1)));
    }

    /** The definition: tap (c, ky, kx) of position (n, oy, ox), 0 outside the image. */
    private static DoubleArray unfold(DoubleArray x, int fromChannel, int toChannel, Window w) {
        int height = w.outputHeight(x.length(2), "reference");
        int width = w.outputWidth(x.length(3), "reference");
        int[] shape = {x.length(0) * height * width, (toChannel - fromChannel) * w.area()};
        return DoubleArray.build(shape, at -> {
            int y = at[0] / width % height * w.strideHeight() - w.paddingHeight()
                    + at[1] / w.kernelWidth() % w.kernelHeight() * w.dilationHeight();
            int column = at[0] % width * w.strideWidth() - w.paddingWidth()
                    + at[1] % w.kernelWidth() * w.dilationWidth();
            boolean inside = y >= 0 && y < x.length(2) && column >= 0 && column < x.length(3);
            return inside ? x.at(at[0] / (width * height), fromChannel + at[1] / w.area(), y, column) : 0;
        });
    }

    @ParameterizedTest
    @MethodSource("cases")
    void unfoldsAndAddsBack(int[] shape, int from, int to, Window window) {
        GradientCheck.check("unfold, " + window, 7, t -> Patches.unfold(t[0], from, to, window, "test"),
                t -> unfold(t[0], from, to, window), Tensor.randn(7, shape));
    }

    @Test
    void threadsChangeNothing() {
        Tensor x = Tensor.randn(1, 5, 6, 30, 31);
        Window window = Window.of(3, 3).withPadding(1, 1);
        float[][] alone = forwardAndBackward(x, window);
        try (Parallel three = Parallel.of(3)) {
            float[][] shared = three.call(() -> forwardAndBackward(x, window));
            assertArrayEquals(alone[0], shared[0]);
            assertArrayEquals(alone[1], shared[1]);
        }
    }

    private static float[][] forwardAndBackward(Tensor x, Window window) {
        Tensor leaf = Tensor.of(x.data(), x.shape()).requiresGrad(true);
        Tensor rows = Patches.unfold(leaf, 0, 6, window, "test");
        rows.backward(Tensor.randn(2, rows.size()).data());
        return new float[][] {rows.toArray(), leaf.grad().toArray()};
    }

    @Test
    void rowsBecomeImages() {
        for (int[] shape : new int[][] {{1, 1, 1, 1}, {2, 3, 4, 5}, {3, 37, 2, 3}, {1, 16, 5, 1}}) {
            int[] rows = {shape[0] * shape[2] * shape[3], shape[1]};
            GradientCheck.check("toImages", 3, t -> Patches.toImages(t[0], shape[0], shape[2], shape[3]),
                    t -> DoubleArray.build(shape, i -> t[0].at((i[0] * shape[2] + i[2]) * shape[3] + i[3], i[1])),
                    Tensor.randn(3, rows));
        }
    }

    @Test
    void refusesWhatIsNoBatchOfImages() {
        Window window = Window.of(2, 2);
        Exception e = assertThrows(IllegalArgumentException.class,
                () -> Patches.requireImages(Tensor.zeros(2, 3, 4), 5, "Conv(5 -> 7)"));
        assertEquals("Conv(5 -> 7): input has shape [2, 3, 4], expected [n, 5, height, width]", e.getMessage());
        e = assertThrows(IllegalArgumentException.class,
                () -> Patches.requireImages(Tensor.zeros(2, 3, 4, 4), 5, "Conv(5 -> 7)"));
        assertEquals("Conv(5 -> 7): input has shape [2, 3, 4, 4], expected [n, 5, height, width]", e.getMessage());
        e = assertThrows(IllegalArgumentException.class,
                () -> Patches.unfold(Tensor.zeros(8, 8), 0, 1, window, "test"));
        assertEquals("test: input has shape [8, 8], expected [n, channels, height, width]", e.getMessage());
        for (int[] channels : new int[][] {{-1, 2}, {1, 1}, {2, 4}}) {
            e = assertThrows(IllegalArgumentException.class,
                    () -> Patches.unfold(Tensor.zeros(1, 3, 4, 4), channels[0], channels[1], window, "test"));
            assertEquals("test: channels " + channels[0] + " to " + channels[1]
                    + " are not a range of input [1, 3, 4, 4]", e.getMessage());
        }
        e = assertThrows(IllegalArgumentException.class, () -> Patches.toImages(Tensor.zeros(7, 2), 2, 2, 2));
        assertEquals("toImages: rows [7, 2] for 2 images of 2 x 2; expected [8, channels]", e.getMessage());
    }
}
