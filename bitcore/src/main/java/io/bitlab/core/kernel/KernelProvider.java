package io.bitlab.core.kernel;

import java.util.List;

/**
 * Creates the kernels of the library that use the Vector API. Applications name each kernel of theirs as a service
 * provider instead, see {@link TernaryKernel}.
 */
public interface KernelProvider {
    /**
     * The kernels for the vector width of this machine; they may still refuse a configuration or shape.
     *
     * @return new kernels with different names
     */
    List<TernaryKernel> kernels();
}
