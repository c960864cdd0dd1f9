package io.bitlab.layers;

import io.bitlab.core.ops.Pooling;
import io.bitlab.core.tensor.Tensor;

/**
 * Means of windows of about the same size, as many as the output should have pixels, whatever the size of the input.
 * Input {@code [n, channels, height, width]}, output {@code [n, channels, outHeight, outWidth]}. The windows are
 * PyTorch's: output row i sees the rows from {@code floor(i * height / outHeight)} to before
 * {@code ceil((i + 1) * height / outHeight)}, and columns likewise.
 *
 * {@snippet class="io.bitlab.layers.snippets.VisionSnippets" region="adaptiveAvgPool2d"}
 */
public final class AdaptiveAvgPool2d extends Layer {

    private final int outHeight;
    private final int outWidth;

    /**
     * Creates a pooling layer.
     *
     * @param outHeight rows of the output, at least 1
     * @param outWidth columns of the output, at least 1
     * @throws IllegalArgumentException if one is less than 1
     */
    public AdaptiveAvgPool2d(int outHeight, int outWidth) {
        if (outHeight < 1 || outWidth < 1) {
            throw new IllegalArgumentException("AdaptiveAvgPool2d: output of " + outHeight + " x " + outWidth
                    + " pixels, expected at least 1 x 1");
        }
        this.outHeight = outHeight;
        this.outWidth = outWidth;
    }

    @Override
    public Tensor forward(Tensor x) {
        return observed(Pooling.adaptiveMean(x, outHeight, outWidth, describeWithPath()));
    }

    @Override
    protected String describe() {
        return "AdaptiveAvgPool2d(" + outHeight + " x " + outWidth + ")";
    }
}
