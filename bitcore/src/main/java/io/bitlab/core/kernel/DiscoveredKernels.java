package io.bitlab.core.kernel;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;

/**
 * The kernels there are: the scalar one, and those of service providers.
 *
 * @param kernels the kernels that loaded, in no particular order
 * @param failed a report for each provider that did not load
 */
record DiscoveredKernels(List<TernaryKernel> kernels, List<KernelReport> failed) {
    DiscoveredKernels {
        kernels = List.copyOf(kernels);
        failed = List.copyOf(failed);
    }

    /**
     * Looks for {@code META-INF/services/io.bitlab.core.kernel.TernaryKernel}. A provider that fails to load is left
     * out: a kernel that one machine lacks something for must not take the others down.
     */
    static DiscoveredKernels in(ClassLoader loader) {
        List<TernaryKernel> kernels = new ArrayList<>(List.of(new ScalarKernel()));
        List<KernelReport> failed = new ArrayList<>();
        Iterator<TernaryKernel> providers = ServiceLoader.load(TernaryKernel.class, loader).iterator();
        while (true) {
            try {
                if (!providers.hasNext()) {
                    break;
                }
                kernels.add(providers.next());
            } catch (ServiceConfigurationError | LinkageError e) {
                KernelReport report = new KernelReport("(not loaded)", false, false, reason(e));
                // The iterator goes on behind a bad provider, but not behind a class path that it can't read.
                if (e instanceof ServiceConfigurationError && failed.contains(report)) {
                    break;
                }
                failed.add(report);
            }
        }
        return new DiscoveredKernels(kernels, failed);
    }

    private static String reason(Error error) {
        StringBuilder reason = new StringBuilder("the service provider failed to load: ").append(error);
        for (Throwable cause = error.getCause(); cause != null; cause = cause.getCause()) {
            reason.append(", caused by ").append(cause);
        }
        return reason.toString();
    }
}
