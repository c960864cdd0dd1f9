package io.bitlab.core.ops;

import io.bitlab.core.BitQuantConfig;
import io.bitlab.core.quant.TernaryMatrix;
import io.bitlab.core.quant.TernaryQuantizer;
import io.bitlab.core.tensor.Tensor;
import java.util.Arrays;

/**
 * Caches the ternary form of a convolution's latent weights in training, as {@link QuantizedWeightCache} does for a
 * linear layer: it is recomputed only when the weights have changed. Each group of the convolution has its own scales.
 *
 * {@snippet class="io.bitlab.core.snippets.OpsSnippets" region="convolution"}
 *
 * <p><b>Thread safety:</b> safe for use by several threads.
 */
public final class ConvolutionWeightCache {

    private final BitQuantConfig config;
    // The weights that were quantised; guarded by this.
    private float[] latent = new float[0];
    private TernaryMatrix matrix;
    private int groups;
    private Quantized quantized; // null until it is needed
    private Window window;

    /**
     * Creates an empty cache, for the weights of one layer.
     *
     * @param config how to quantise
     */
    public ConvolutionWeightCache(BitQuantConfig config) {
        this.config = config;
    }

    /** The configuration that the weights are quantised with. */
    BitQuantConfig config() {
        return config;
    }

    /** Ternary weights in PyTorch's order, and packed. */
    record Quantized(TernaryMatrix matrix, TernaryConvolution packed) {
    }

    /**
     * The quantised weights.
     *
     * @throws IllegalArgumentException if one is NaN or infinite
     */
    synchronized TernaryMatrix matrix(Tensor weight, int newGroups) {
        float[] w = weight.data();
        if (matrix == null || matrix.outFeatures() != weight.length(0) || groups != newGroups
                || !Arrays.equals(latent, w)) {
            matrix = null; // in case the next line throws
            quantized = null;
            matrix = quantize(w, weight.length(0), newGroups, config);
            groups = newGroups;
            latent = latent.length == w.length ? latent : new float[w.length];
            System.arraycopy(w, 0, latent, 0, w.length);
        }
        return matrix;
    }

    /**
     * The quantised weights, packed too.
     *
     * @throws IllegalArgumentException if one is NaN or infinite
     */
    synchronized Quantized quantized(Tensor weight, int inChannels, Window newWindow, int newGroups) {
        TernaryMatrix current = matrix(weight, newGroups);
        if (quantized == null || !newWindow.equals(window)) {
            quantized =
                    new Quantized(current, new TernaryConvolution(current, inChannels, newWindow, newGroups, config));
            window = newWindow;
        }
        return quantized;
    }

    /**
     * Quantises the weights of each group.
     *
     * @param weights {@code [out, columns]}, row-major; not modified
     * @param out output channels
     * @param groups number of groups
     * @param config how to quantise
     * @return the ternary weights; with several groups, with a scale for each row
     * @throws IllegalArgumentException if a weight is NaN or infinite
     */
    public static TernaryMatrix quantize(float[] weights, int out, int groups, BitQuantConfig config) {
        TernaryMatrix[] parts = new TernaryMatrix[groups];
        int size = weights.length / groups;
        for (int i = 0; i < groups; i++) {
            float[] part = groups == 1 ? weights : Arrays.copyOfRange(weights, i * size, (i + 1) * size);
            parts[i] = TernaryQuantizer.quantize(part, out / groups, weights.length / out, config.weightGranularity(),
                    config.weightScale());
        }
        return groups == 1 ? parts[0] : TernaryMatrix.stack(parts);
    }
}
