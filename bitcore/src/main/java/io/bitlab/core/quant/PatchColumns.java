package io.bitlab.core.quant;

/**
 * The order of the columns of a convolution's weights. Models and files have PyTorch's order, channel by channel, each
 * with its taps; patches of images that are stored pixel by pixel have the channels of a tap side by side.
 *
 * {@snippet class="io.bitlab.core.snippets.QuantSnippets" region="patches"}
 */
public final class PatchColumns {

    private PatchColumns() {
    }

    /**
     * Weights in the order of patches.
     *
     * @param weights {@code [out, channels * taps]}, channel by channel; not modified
     * @param channels input channels of an output channel
     * @return {@code [out, taps * channels]}, tap by tap, with the same scales
     * @throws IllegalArgumentException if the columns are no multiple of the channels, or the weights have a scale for
     *     each block of columns
     */
    public static TernaryMatrix byTap(TernaryMatrix weights, int channels) {
        requirePatches(weights, channels);
        return transposed(weights, channels);
    }

    /**
     * Weights in the order of models and files: the reverse of {@link #byTap}.
     *
     * @param weights {@code [out, taps * channels]}, tap by tap; not modified
     * @param channels input channels of an output channel
     * @return {@code [out, channels * taps]}, channel by channel, with the same scales
     * @throws IllegalArgumentException as {@link #byTap}
     */
    public static TernaryMatrix byChannel(TernaryMatrix weights, int channels) {
        requirePatches(weights, channels);
        return transposed(weights, weights.inFeatures() / channels);
    }

    private static void requirePatches(TernaryMatrix weights, int channels) {
        if (channels < 1 || weights.inFeatures() % channels != 0) {
            throw new IllegalArgumentException("PatchColumns: " + weights + " is no matrix of patches of " + channels
                    + " channels: its columns must be a multiple of them");
        }
        if (weights.blocks() > 1) {
            throw new IllegalArgumentException("PatchColumns: " + weights + " can't be the weights of a convolution, "
                    + "whose output channels have one scale each");
        }
    }

    /** Transposes each row, a matrix {@code [rows, columns of weights / rows]}. */
    private static TernaryMatrix transposed(TernaryMatrix weights, int rows) {
        int in = weights.inFeatures();
        int out = weights.outFeatures();
        if (rows == 1 || rows == in) {
            return weights;
        }
        byte[] trits = new byte[Math.multiplyExact(out, in)];
        byte[] row = new byte[in];
        int columns = in / rows;
        for (int o = 0; o < out; o++) {
            weights.unpackRow(o, row, 0);
            for (int i = 0; i < rows; i++) {
                for (int j = 0; j < columns; j++) {
                    trits[o * in + j * rows + i] = row[i * columns + j];
                }
            }
        }
        return TernaryMatrix.ofRounded(trits, out, in, weights.scales());
    }

    /**
     * Float weights in the order of patches, transposed: what a matrix product of patches takes.
     *
     * @param weights {@code [out, channels * taps]}, channel by channel; not modified
     * @param from index of the first weight
     * @param out output channels
     * @param channels input channels of an output channel
     * @param taps taps of the kernel
     * @param target receives {@code [taps * channels, stride]}, tap by tap; columns from {@code out} on become 0
     * @param stride distance between rows of the target, at least {@code out}
     */
    public static void transpose(float[] weights, int from, int out, int channels, int taps, float[] target,
            int stride) {
        for (int tap = 0; tap < taps; tap++) {
            for (int c = 0; c < channels; c++) {
                int row = (tap * channels + c) * stride;
                int first = from + c * taps + tap;
                for (int o = 0; o < out; o++) {
                    target[row + o] = weights[first + o * channels * taps];
                }
                for (int o = out; o < stride; o++) {
                    target[row + o] = 0f;
                }
            }
        }
    }
}
