package io.bitlab.layers;

import io.bitlab.core.ops.Pooling;
import io.bitlab.core.ops.Window;
import io.bitlab.core.tensor.Tensor;

/**
 * The mean of each window, channel by channel: {@code [n, channels, height, width]} to
 * {@code [n, channels, outHeight, outWidth]}. Padding counts as zeros, as by default in PyTorch.
 */
public final class AvgPool2d extends Layer {

    private final Window window;

    /**
     * Windows side by side.
     *
     * @param kernel rows and columns of a window, and the distance between windows
     */
    public AvgPool2d(int kernel) {
        this(kernel, kernel, 0);
    }

    /**
     * Square windows.
     *
     * @param kernel rows and columns of a window
     * @param stride distance between windows
     * @param padding added on each side, at most half of the kernel
     */
    public AvgPool2d(int kernel, int stride, int padding) {
        this(Window.of(kernel, kernel).withStride(stride, stride).withPadding(padding, padding));
    }

    /**
     * Windows of any form.
     *
     * @param window how they slide, without dilation
     */
    public AvgPool2d(Window window) {
        this.window = window;
    }

    @Override
    public Tensor forward(Tensor x) {
        return observed(Pooling.mean(x, window, described()));
    }

    @Override
    protected String describe() {
        return "AvgPool2d(" + window + ")";
    }
}
