package io.bitlab.layers;

import io.bitlab.core.ops.Pooling;
import io.bitlab.core.ops.Window;
import io.bitlab.core.tensor.Tensor;

/**
 * The largest value of each window, channel by channel. Input {@code [n, channels, height, width]}, output
 * {@code [n, channels, outHeight, outWidth]}. Padding is never the largest value.
 *
 * {@snippet class="io.bitlab.layers.snippets.LayersSnippets" region="maxPool2d"}
 */
public final class MaxPool2d extends Layer {

    private final Window window;

    /**
     * Creates a pooling layer whose windows don't overlap.
     *
     * @param kernel rows and columns of a window, and the distance between windows
     */
    public MaxPool2d(int kernel) {
        this(kernel, kernel, 0);
    }

    /**
     * Creates a pooling layer with square windows.
     *
     * @param kernel rows and columns of a window
     * @param stride distance between windows
     * @param padding added on each side, at most half of the kernel
     */
    public MaxPool2d(int kernel, int stride, int padding) {
        this(Window.of(kernel, kernel).withStride(stride, stride).withPadding(padding, padding));
    }

    /**
     * Creates a pooling layer with windows of any form.
     *
     * @param window how the windows slide, without dilation
     */
    public MaxPool2d(Window window) {
        this.window = window;
    }

    @Override
    public Tensor forward(Tensor x) {
        return observed(Pooling.max(x, window, describeWithPath()));
    }

    @Override
    protected String describe() {
        return "MaxPool2d(" + window + ")";
    }
}
