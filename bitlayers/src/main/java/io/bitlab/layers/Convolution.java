package io.bitlab.layers;

import io.bitlab.core.ops.Patches;
import io.bitlab.core.ops.Window;
import io.bitlab.core.tensor.Tensor;

/**
 * The sizes of a convolution, and its two conversions to and from matrices: patches of the input become rows, and rows
 * of output channels become images (im2col).
 *
 * @param inChannels channels of the input, a multiple of groups
 * @param outChannels channels of the output, a multiple of groups
 * @param groups number of independent convolutions, each of its share of the channels
 * @param window how the kernel slides
 */
record Convolution(int inChannels, int outChannels, int groups, Window window) {

    Convolution {
        if (inChannels < 1 || outChannels < 1 || groups < 1 || inChannels % groups != 0 || outChannels % groups != 0) {
            throw new IllegalArgumentException("convolution of " + inChannels + " -> " + outChannels + " channels in "
                    + groups + " groups: all must be at least 1, and both numbers of channels multiples of the groups");
        }
    }

    int[] weightShape() {
        return new int[] {outChannels, inChannels / groups, window.kernelHeight(), window.kernelWidth()};
    }

    /** The patches of each group, {@code [n * outHeight * outWidth, inChannels / groups * kernel area]}. */
    Tensor[] patches(Tensor x, String layer) {
        Patches.requireImages(x, inChannels, layer);
        Tensor[] patches = new Tensor[groups];
        int part = inChannels / groups;
        for (int i = 0; i < groups; i++) {
            patches[i] = Patches.unfold(x, i * part, (i + 1) * part, window, layer);
        }
        return patches;
    }

    /** Rows {@code [n * outHeight * outWidth, outChannels]} as images {@code [n, outChannels, outHeight, outWidth]}. */
    Tensor images(Tensor rows, Tensor x, String layer) {
        return Patches.toImages(rows, x.length(0), window.outputHeight(x.length(2), layer),
                window.outputWidth(x.length(3), layer));
    }

    String describe(String layer) {
        return layer + "(" + inChannels + " -> " + outChannels + ", " + window
                + (groups > 1 ? ", groups " + groups : "") + ")";
    }
}
