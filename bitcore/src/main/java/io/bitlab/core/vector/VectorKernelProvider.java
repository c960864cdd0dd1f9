package io.bitlab.core.vector;

import io.bitlab.core.kernel.KernelProvider;
import io.bitlab.core.kernel.TernaryKernel;
import io.bitlab.core.platform.VectorPlatform;
import java.util.List;

/** The kernels that use the Vector API, at the vector width of this machine. */
public final class VectorKernelProvider implements KernelProvider {

    /** For {@link VectorPlatform#counterpartOf}. */
    public VectorKernelProvider() {
    }

    @Override
    public List<TernaryKernel> kernels() {
        return List.of(new LookupKernel(), new ByteLookupKernel(), new MultiplyKernel(), new WideKernel(),
                floatKernel(VectorPlatform.current().bits()));
    }

    /** The float kernel for this vector width; narrower ones would never be chosen. */
    private static TernaryKernel floatKernel(int bits) {
        return bits >= 512 ? new FloatLookup512() : bits >= 256 ? new FloatLookup256() : new FloatMultiply128();
    }
}
