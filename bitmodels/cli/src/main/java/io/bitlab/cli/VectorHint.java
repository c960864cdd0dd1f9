package io.bitlab.cli;

import io.bitlab.core.BitQuantConfig;
import io.bitlab.core.kernel.KernelRegistry;

/** What to do where the fast kernels don't run. */
final class VectorHint {

    static final String TEXT = "The Vector API is off, and everything is slow: start with the script 'bitlab', or"
            + " 'java --add-modules jdk.incubator.vector -jar bitlab.jar'.";

    private VectorHint() {
    }

    /** Prints it, if so, to the error stream. */
    static void printIfSlow() {
        if (!KernelRegistry.kernelFor(BitQuantConfig.defaults()).isVectorized()) {
            System.err.println(TEXT);
        }
    }
}
