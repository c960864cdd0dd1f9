package io.bitlab.core.ops;

import io.bitlab.core.BitQuantConfig;
import io.bitlab.core.kernel.KernelRegistry;
import io.bitlab.core.kernel.PackedWeights;
import io.bitlab.core.quant.TernaryMatrix;
import io.bitlab.core.quant.TernaryQuantizer;
import java.util.Arrays;

/**
 * The ternary form of latent weights in training, which is made anew only when the weights have changed: not for the
 * second micro-batch of a step, nor for frozen layers.
 *
 * <p>Whoever changes weights need not say so: they are compared with a copy, which ends at the first difference.
 *
 * <p><b>Thread safety:</b> any number of threads may use one.
 */
public final class QuantizedWeightCache {

    private final BitQuantConfig config;
    private float[] latent = new float[0]; // what the others were made from; this and they are guarded by this
    private TernaryMatrix matrix;
    private PackedWeights packed;

    /**
     * Of no weights yet.
     *
     * @param config how to quantise
     */
    public QuantizedWeightCache(BitQuantConfig config) {
        this.config = config;
    }

    /** How the weights are quantised. */
    BitQuantConfig config() {
        return config;
    }

    /**
     * The weights rounded.
     *
     * @param w {@code [out, in]}, row-major; not modified
     * @throws IllegalArgumentException if one is NaN or infinite
     */
    synchronized TernaryMatrix matrix(float[] w, int out, int in) {
        if (matrix == null || matrix.outFeatures() != out || !Arrays.equals(latent, w)) {
            matrix = null; // should the next line throw
            matrix = TernaryQuantizer.quantize(w, out, in, config.weightGranularity(), config.weightScale());
            latent = latent.length == w.length ? latent : new float[w.length];
            System.arraycopy(w, 0, latent, 0, w.length);
            packed = null;
        }
        return matrix;
    }

    /** {@link #matrix} packed for the kernel that the registry chooses. */
    synchronized PackedWeights packed(float[] w, int out, int in) {
        TernaryMatrix rounded = matrix(w, out, in);
        if (packed == null) {
            packed = KernelRegistry.kernelFor(config, out, in).pack(rounded);
        }
        return packed;
    }
}
