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
    private Quantized quantized;
    private Window window;
    private int groups;

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
    synchronized Quantized quantized(Tensor weight, int inChannels, Window newWindow, int newGroups) {
        float[] w = weight.data();
        if (quantized == null || groups != newGroups || !newWindow.equals(window) || !Arrays.equals(latent, w)) {
            quantized = null; // in case the next line throws
            TernaryMatrix matrix = quantize(w, weight.length(0), newGroups, config);
            quantized = new Quantized(matrix, new TernaryConvolution(matrix, inChannels, newWindow, newGroups, config));
            window = newWindow;
            groups = newGroups;
            latent = latent.length == w.length ? latent : new float[w.length];
            System.arraycopy(w, 0, latent, 0, w.length);
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
