package io.bitlab.layers;

import io.bitlab.core.ops.Resampling;
import io.bitlab.core.tensor.Tensor;

/**
 * Channels as pixels (Shi et al., <i>Real-Time Single Image and Video Super-Resolution</i>, 2016), to enlarge images.
 * Input {@code [n, channels * factor * factor, height, width]}, output
 * {@code [n, channels, height * factor, width * factor]}. Channels are ordered as in PyTorch, see
 * {@link Resampling#shuffle}. The inverse of {@link PixelUnshuffle}.
 *
 * {@snippet class="io.bitlab.layers.snippets.VisionSnippets" region="pixelShuffle"}
 */
public final class PixelShuffle extends Layer {

    private final int factor;

    /**
     * Creates a layer; it has no parameters.
     *
     * @param factor rows and columns of the square of pixels that some channels correspond to, at least 1
     * @throws IllegalArgumentException if the factor is less than 1
     */
    public PixelShuffle(int factor) {
        if (factor < 1) {
            throw new IllegalArgumentException("PixelShuffle: factor is " + factor + ", expected at least 1");
        }
        this.factor = factor;
    }

    @Override
    public Tensor forward(Tensor x) {
        return observed(Resampling.shuffle(x, factor, describeWithPath()));
    }

    @Override
    protected String describe() {
        return "PixelShuffle(" + factor + ")";
    }
}
