package io.bitlab.core.ops;

import io.bitlab.core.BitQuantConfig;
import io.bitlab.core.kernel.KernelRegistry;
import io.bitlab.core.kernel.PackedWeights;
import io.bitlab.core.quant.TernaryMatrix;
import io.bitlab.core.quant.TernaryQuantizer;
import java.util.Arrays;

/**
 * Caches the ternary form of a layer's latent weights in training. It is recomputed only when the weights have changed:
 * not for the second micro-batch of a step, nor for frozen layers.
 *
 * {@snippet class="io.bitlab.core.snippets.OpsSnippets" region="cache"}
 *
 * <p>There is nothing to invalidate: each use compares the weights with a copy, up to the first difference.
 *
 * <p><b>Thread safety:</b> safe for use by several threads.
 */
public final class QuantizedWeightCache {

    private final BitQuantConfig config;
    // The weights that matrix and packed were computed from; all three are guarded by this.
    private float[] latent = new float[0];
    private TernaryMatrix matrix;
    private PackedWeights packed;

    /**
     * Creates an empty cache, for the weights of one layer.
     *
     * @param config how to quantise
     */
    public QuantizedWeightCache(BitQuantConfig config) {
        this.config = config;
    }

    /** The configuration that the weights are quantised with. */
    BitQuantConfig config() {
        return config;
    }

    /**
     * The quantised weights.
     *
     * @param w {@code [out, in]}, row-major; not modified
     * @throws IllegalArgumentException if one is NaN or infinite
     */
    synchronized TernaryMatrix matrix(float[] w, int out, int in) {
        if (matrix == null || matrix.outFeatures() != out || !Arrays.equals(latent, w)) {
            matrix = null; // in case the next line throws
            matrix = TernaryQuantizer.quantize(w, out, in, config.weightGranularity(), config.weightScale());
            latent = latent.length == w.length ? latent : new float[w.length];
            System.arraycopy(w, 0, latent, 0, w.length);
            packed = null;
        }
        return matrix;
    }

    /** Ternary weights, and the same packed for the kernel that the registry chooses. */
    record Quantized(TernaryMatrix matrix, PackedWeights packed) {
    }

    /** {@link #matrix}, also packed. */
    synchronized Quantized quantized(float[] w, int out, int in) {
        TernaryMatrix ternary = matrix(w, out, in);
        if (packed == null) {
            packed = KernelRegistry.kernelFor(config, out, in).pack(ternary);
        }
        return new Quantized(ternary, packed);
    }
}
