package io.bitlab.layers;

import io.bitlab.core.ops.Resampling;
import io.bitlab.core.tensor.Tensor;

/**
 * Bilinear interpolation to a given size, or by a given factor: PyTorch's {@code interpolate} with
 * {@code align_corners=False} and without antialiasing. Input {@code [n, channels, height, width]}, output
 * {@code [n, channels, outHeight, outWidth]}. {@link Upsample} repeats pixels instead.
 *
 * {@snippet class="io.bitlab.layers.snippets.VisionSnippets" region="resizeBilinear"}
 */
public final class ResizeBilinear extends Layer {

    private final int outHeight; // or 0
    private final int outWidth;
    private final int factor; // or 0

    /**
     * Creates a layer whose outputs all have one size.
     *
     * @param outHeight rows of the output, at least 1
     * @param outWidth columns of the output, at least 1
     * @throws IllegalArgumentException if one is less than 1
     */
    public ResizeBilinear(int outHeight, int outWidth) {
        if (outHeight < 1 || outWidth < 1) {
            throw new IllegalArgumentException("ResizeBilinear: output of " + outHeight + " x " + outWidth
                    + " pixels, expected at least 1 x 1");
        }
        this.outHeight = outHeight;
        this.outWidth = outWidth;
        this.factor = 0;
    }

    /**
     * Creates a layer that enlarges.
     *
     * @param factor how many times as many rows and columns the output has, at least 1
     * @throws IllegalArgumentException if the factor is less than 1
     */
    public ResizeBilinear(int factor) {
        if (factor < 1) {
            throw new IllegalArgumentException("ResizeBilinear: factor is " + factor + ", expected at least 1");
        }
        this.outHeight = 0;
        this.outWidth = 0;
        this.factor = factor;
    }

    @Override
    public Tensor forward(Tensor x) {
        boolean enlarges = factor > 0 && x.rank() == 4;
        return observed(Resampling.bilinear(x, enlarges ? Math.multiplyExact(x.length(2), factor) : outHeight,
                enlarges ? Math.multiplyExact(x.length(3), factor) : outWidth, describeWithPath()));
    }

    @Override
    protected String describe() {
        return "ResizeBilinear(" + (factor > 0 ? factor : outHeight + " x " + outWidth) + ")";
    }
}
