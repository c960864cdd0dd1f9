package io.bitlab.core.vector;

import io.bitlab.core.ActivationDtype;
import io.bitlab.core.BitQuantConfig;
import io.bitlab.core.quant.TernaryMatrix;
import java.util.Optional;

/** What kernels that add up products of int8 activations in floats can't run. */
final class Int8Limits {

    /** With more inputs, a sum could exceed 2^24, up to which floats hold every integer. */
    static final int MAX_IN_FEATURES = (1 << 24) / 127;

    private Int8Limits() {
    }

    /** As {@link io.bitlab.core.kernel.TernaryKernel#refusal}. */
    static Optional<String> refusal(BitQuantConfig config, int in) {
        if (config.activationDtype() != ActivationDtype.INT8) {
            return Optional.of("reads int8 activations only: configure them with ActivationDtype.INT8");
        }
        if (in > MAX_IN_FEATURES) {
            return Optional.of("adds up at most " + MAX_IN_FEATURES + " input features, and this layer has " + in
                    + ": split the layer by columns, or use the scalar kernel");
        }
        return Optional.empty();
    }

    /**
     * Refuses weights whose sums could become inexact.
     *
     * @throws IllegalArgumentException if there are too many input features
     */
    static void requireExact(String kernel, TernaryMatrix weights) {
        if (weights.inFeatures() > MAX_IN_FEATURES) {
            throw new IllegalArgumentException("Kernel '" + kernel + "' adds up at most " + MAX_IN_FEATURES
                    + " input features, got " + weights + "; pack it with the scalar kernel");
        }
    }
}
