package io.bitlab.benchmarks.report;

import io.bitlab.core.ActivationDtype;
import io.bitlab.core.BitQuantConfig;
import io.bitlab.core.kernel.KernelRegistry;
import io.bitlab.core.platform.VectorPlatform;

/**
 * The kernels that the library chooses for large layers.
 *
 * @param bits width of the vectors, 0 without the Vector API
 * @param int8 name of the kernel for int8 activations
 * @param float32 name of the kernel for float activations
 */
record ChosenKernels(int bits, String int8, String float32) {

    private static final int LARGE = 2560;

    /** Those of this JVM. */
    static ChosenKernels here() {
        return new ChosenKernels(VectorPlatform.current().bits(), chosen(ActivationDtype.INT8),
                chosen(ActivationDtype.FLOAT32));
    }

    private static String chosen(ActivationDtype dtype) {
        return KernelRegistry.kernelFor(BitQuantConfig.defaults().withActivationDtype(dtype), LARGE, LARGE).name();
    }
}
