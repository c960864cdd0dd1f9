package io.bitlab.core.kernel;

import io.bitlab.core.BitQuantConfig;
import io.bitlab.core.internal.ServiceProviders;
import io.bitlab.core.platform.VectorPlatform;
import java.util.ArrayList;
import java.util.List;
import java.util.ServiceLoader;

/**
 * The kernels of the library and of service providers.
 *
 * @param kernels the kernels that loaded, in no particular order
 * @param failed a report on each kernel that should have loaded and did not
 * @param missing a report on each family of kernels that can't run in this JVM
 */
record DiscoveredKernels(List<TernaryKernel> kernels, List<KernelReport> failed, List<KernelReport> missing) {

    /** The families of kernels that need the Vector API. */
    private static final List<String> VECTOR_FAMILIES = List.of("lookup", "multiply", "wide", "float-lookup");

    /** The name of the kernel for a device, which is found only if it is asked for. */
    static final String DEVICE = "gpu";

    private static final String DEVICE_CLASS = "io.bitlab.core.gpu.GpuKernel";

    /** A typical large layer: what runs it best takes the place of a device that fails. */
    private static final int LARGE = 2560;

    DiscoveredKernels {
        kernels = List.copyOf(kernels);
        failed = List.copyOf(failed);
        missing = List.copyOf(missing);
    }

    /** All kernels that this class loader finds; the vector kernels of the library are wrapped to check themselves. */
    static DiscoveredKernels in(ClassLoader loader) {
        DiscoveredKernels own = ofLibrary(VectorPlatform.current());
        DiscoveredKernels provided = ofProviders(loader);
        List<TernaryKernel> kernels = new ArrayList<>(own.kernels);
        kernels.addAll(provided.kernels);
        List<KernelReport> failed = new ArrayList<>(own.failed);
        failed.addAll(provided.failed);
        return new DiscoveredKernels(kernels, failed, own.missing);
    }

    /** The kernels of the library. */
    static DiscoveredKernels ofLibrary(VectorPlatform platform) {
        ScalarKernel oracle = new ScalarKernel();
        List<TernaryKernel> kernels = new ArrayList<>(List.of(oracle, new PlainKernel()));
        List<KernelReport> failed = new ArrayList<>();
        List<KernelReport> missing = new ArrayList<>();
        try {
            platform.counterpartOf(KernelProvider.class, reason -> failed.add(unloaded(reason)))
                    .ifPresent(vector -> vector.kernels().forEach(k -> kernels.add(new CheckedKernel(k, oracle))));
        } catch (LinkageError e) {
            failed.add(unloaded("the vector kernels failed to load: " + e));
        }
        if (!platform.isUsable()) {
            VECTOR_FAMILIES.forEach(name -> missing.add(new KernelReport(name, false, false, platform.reason())));
        }
        return new DiscoveredKernels(kernels, failed, missing);
    }

    /**
     * The kernel of the library for a device, which is loaded for this call only: its package is not needed otherwise,
     * and knows this one. Its device is looked for when it is first asked about a layer.
     *
     * @return these kernels and that one; or a report on why it did not load
     */
    DiscoveredKernels withDevice() {
        List<TernaryKernel> more = new ArrayList<>(kernels);
        List<KernelReport> alsoFailed = new ArrayList<>(failed);
        try {
            Class<?> type = Class.forName(DEVICE_CLASS, true, DiscoveredKernels.class.getClassLoader());
            more.add(new CheckedKernel((TernaryKernel) type.getConstructor().newInstance(), new ScalarKernel(),
                    new KernelSelection(this, null, false).choose(BitQuantConfig.defaults(), LARGE, LARGE)));
        } catch (ReflectiveOperationException | LinkageError e) {
            alsoFailed.add(unloaded("the kernel '" + DEVICE + "' failed to load: " + e));
        }
        return new DiscoveredKernels(more, alsoFailed, missing);
    }

    private static KernelReport unloaded(String reason) {
        return new KernelReport("(not loaded)", false, false, reason);
    }

    /**
     * Looks for {@code META-INF/services/io.bitlab.core.kernel.TernaryKernel}. A provider that fails to load is left
     * out and does not affect the others.
     */
    static DiscoveredKernels ofProviders(ClassLoader loader) {
        List<TernaryKernel> kernels = new ArrayList<>();
        List<KernelReport> failed = new ArrayList<>();
        ServiceProviders.forEach(ServiceLoader.load(TernaryKernel.class, loader), kernels::add,
                reason -> failed.add(unloaded(reason)));
        return new DiscoveredKernels(kernels, failed, List.of());
    }
}
