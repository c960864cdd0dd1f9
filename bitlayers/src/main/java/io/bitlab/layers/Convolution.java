package io.bitlab.layers;

import io.bitlab.core.BitQuantConfig;
import io.bitlab.core.ops.TernaryConvolution;
import io.bitlab.core.ops.Window;
import io.bitlab.core.quant.TernaryMatrix;
import io.bitlab.core.tensor.ChannelsLast;
import io.bitlab.core.tensor.Tensor;

/**
 * The sizes of a convolution.
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

    void requireImages(Tensor x, String layer) {
        ChannelsLast.requireImages(x, inChannels, layer);
    }

    /** Packs ternary weights of these sizes. */
    TernaryConvolution pack(TernaryMatrix weights, BitQuantConfig config) {
        return new TernaryConvolution(weights, inChannels, window, groups, config);
    }

    String describe(String layer) {
        return layer + "(" + inChannels + " -> " + outChannels + ", " + window
                + (groups > 1 ? ", groups " + groups : "") + ")";
    }
}
