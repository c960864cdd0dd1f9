package io.bitlab.core.kernel;

import java.util.List;

/** Makes several kernels that stand or fall together. */
public interface KernelProvider {
    /**
     * The kernels that suit this machine; they may still refuse a configuration or shape.
     *
     * @return new kernels, each with a name of its own
     */
    List<TernaryKernel> kernels();
}
