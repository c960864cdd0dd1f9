package io.bitlab.layers;

import io.bitlab.core.ops.Resampling;
import io.bitlab.core.tensor.Tensor;

/**
 * Squares of pixels as channels, to reduce images without loss, such as to patches. Input
 * {@code [n, channels, height * factor, width * factor]}, output
 * {@code [n, channels * factor * factor, height, width]}. Channels are ordered as in PyTorch, see
 * {@link Resampling#unshuffle}. The inverse of {@link PixelShuffle}.
 *
 * {@snippet class="io.bitlab.layers.snippets.VisionSnippets" region="pixelUnshuffle"}
 */
public final class PixelUnshuffle extends Layer {

    private final int factor;

    /**
     * Creates a layer; it has no parameters.
     *
     * @param factor rows and columns of the square of pixels that some channels correspond to, at least 1
     * @throws IllegalArgumentException if the factor is less than 1
     */
    public PixelUnshuffle(int factor) {
        if (factor < 1) {
            throw new IllegalArgumentException("PixelUnshuffle: factor is " + factor + ", expected at least 1");
        }
        this.factor = factor;
    }

    @Override
    public Tensor forward(Tensor x) {
        return observed(Resampling.unshuffle(x, factor, describeWithPath()));
    }

    @Override
    protected String describe() {
        return "PixelUnshuffle(" + factor + ")";
    }
}
