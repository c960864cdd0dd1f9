package io.bitlab.layers;

import io.bitlab.core.ops.Pooling;
import io.bitlab.core.ops.Window;
import io.bitlab.core.tensor.Tensor;

/**
 * The largest value of each window, channel by channel: {@code [n, channels, height, width]} to
 * {@code [n, channels, outHeight, outWidth]}. Padding never wins.
 */
public final class MaxPool2d extends Layer {

    private final Window window;

    /**
     * Windows side by side.
     *
     * @param kernel rows and columns of a window, and the distance between windows
     */
    public MaxPool2d(int kernel) {
        this(kernel, kernel, 0);
    }

    /**
     * Square windows.
     *
     * @param kernel rows and columns of a window
     * @param stride distance between windows
     * @param padding added on each side, at most half of the kernel
     */
    public MaxPool2d(int kernel, int stride, int padding) {
        this(Window.of(kernel, kernel).withStride(stride, stride).withPadding(padding, padding));
    }

    /**
     * Windows of any form.
     *
     * @param window how they slide, without dilation
     */
    public MaxPool2d(Window window) {
        this.window = window;
    }

    @Override
    public Tensor forward(Tensor x) {
        return observed(Pooling.max(x, window, described()));
    }

    @Override
    protected String describe() {
        return "MaxPool2d(" + window + ")";
    }
}
