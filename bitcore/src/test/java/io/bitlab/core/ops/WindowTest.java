package io.bitlab.core.ops;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

class WindowTest {

    /** How many positions of the kernel fit, by trying them. */
    private static int counted(int length, int kernel, int stride, int padding, int dilation) {
        int count = 0;
        for (int at = -padding; at + (kernel - 1) * dilation < length + padding; at += stride) {
            count++;
        }
        return count;
    }

    @Test
    void countsThePositionsThatFit() {
        for (int length = 1; length <= 9; length++) {
            for (int kernel = 1; kernel <= 4; kernel++) {
                for (int stride = 1; stride <= 3; stride++) {
                    for (int padding = 0; padding <= 2; padding++) {
                        for (int dilation = 1; dilation <= 3; dilation++) {
                            check(length, kernel, stride, padding, dilation);
                        }
                    }
                }
            }
        }
    }

    private static void check(int length, int kernel, int stride, int padding, int dilation) {
        Window tall = Window.of(kernel, 1).withStride(stride, 1).withPadding(padding, 0).withDilation(dilation, 1);
        Window wide = Window.of(1, kernel).withStride(1, stride).withPadding(0, padding).withDilation(1, dilation);
        int expected = counted(length, kernel, stride, padding, dilation);
        if (expected == 0) {
            assertThrows(IllegalArgumentException.class, () -> tall.outputHeight(length, "layer"), tall::toString);
            assertThrows(IllegalArgumentException.class, () -> wide.outputWidth(length, "layer"), wide::toString);
        } else {
            assertEquals(expected, tall.outputHeight(length, "layer"), () -> length + ", " + tall);
            assertEquals(expected, wide.outputWidth(length, "layer"), () -> length + ", " + wide);
        }
        assertEquals(length, tall.outputWidth(length, "layer"));
        assertEquals(length, wide.outputHeight(length, "layer"));
    }

    @Test
    void anImageThatIsTooSmallIsNamed() {
        Window window = Window.of(3, 5).withPadding(1, 0).withDilation(2, 1);
        assertEquals("Conv: input of height 2 with a padding of 1 on both sides has a length of 4, expected at least 5 "
                + "for a kernel of 3 with dilation 2, and an int",
                assertThrows(IllegalArgumentException.class, () -> window.outputHeight(2, "Conv")).getMessage());
        assertThrows(IllegalArgumentException.class, () -> window.outputWidth(4, "Conv"));
        Window huge = Window.of(1, 1).withPadding(Integer.MAX_VALUE, 0);
        assertThrows(IllegalArgumentException.class, () -> huge.outputHeight(2, "Conv"));
    }

    @Test
    void everyNumberIsChecked() {
        assertRefused("kernel height is 0, expected at least 1", () -> Window.of(0, 1));
        assertRefused("kernel width is -3, expected at least 1", () -> Window.of(1, -3));
        Window one = Window.of(1, 1);
        assertRefused("stride height is 0, expected at least 1", () -> one.withStride(0, 1));
        assertRefused("stride width is 0, expected at least 1", () -> one.withStride(1, 0));
        assertRefused("padding height is -1, expected at least 0", () -> one.withPadding(-1, 0));
        assertRefused("padding width is -1, expected at least 0", () -> one.withPadding(0, -1));
        assertRefused("dilation height is 0, expected at least 1", () -> one.withDilation(0, 1));
        assertRefused("dilation width is 0, expected at least 1", () -> one.withDilation(1, 0));
    }

    private static void assertRefused(String message, Runnable making) {
        assertEquals("Window: " + message,
                assertThrows(IllegalArgumentException.class, making::run).getMessage());
    }

    @Test
    void printsWhatIsUnusual() {
        assertEquals("kernel 3x5", Window.of(3, 5).toString());
        assertEquals("kernel 3x3, stride 2, padding 1x0, dilation 1x2",
                Window.of(3, 3).withStride(2, 2).withPadding(1, 0).withDilation(1, 2).toString());
    }
}
