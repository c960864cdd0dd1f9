package io.bitlab.core.kernel;

import io.bitlab.core.BitQuantConfig;
import io.bitlab.core.internal.KernelEvents;
import io.bitlab.core.internal.LastResortLogger;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;
import org.slf4j.Logger;

/**
 * The kernels of this process, and the choice among them.
 *
 * {@snippet class="io.bitlab.core.snippets.KernelSnippets" region="explain"}
 *
 * <p>The first call finds the kernels: those of the library and those of service providers (see {@link TernaryKernel}).
 * A kernel that fails to load is left out with a warning. The library's kernels that use the Vector API need the option
 * {@code --add-modules jdk.incubator.vector}; they are compared with the reference kernel {@code scalar} from time to
 * time, and one that computes a wrong result is disabled and refuses from then on. Of the kernels that accept a
 * configuration and shape, the one with the highest priority is chosen.
 *
 * <p>Two system properties, read by the first call, change the choice:
 *
 * <ul>
 *   <li>{@code bitlab.kernel=NAME} allows only that kernel; where it refuses, choosing throws. The exception is {@code
 *       bitlab.kernel=gpu}, which asks for a device of OpenCL, such as a graphics card: where there is none, and for
 *       layers that it does not run, the best of the other kernels is chosen, and the log says why. Without this
 *       property no device is looked for.
 *   <li>{@code bitlab.kernel.strict=true} makes choosing throw where the best kernel is not vectorized, so that a
 *       server that was started without the flag fails at once instead of running slowly. With {@code
 *       bitlab.kernel=gpu} it makes choosing throw where the device does not run the layer.
 * </ul>
 *
 * <p>If a property has an invalid value, or two kernels have the same name, every method throws an {@link
 * IllegalStateException} that says so.
 *
 * <p><b>Thread safety:</b> all methods may be called from any thread.
 */
public final class KernelRegistry {
    /** Size of a typical large layer: the hidden size of BitNet b1.58 2B4T. */
    private static final int LARGE = 2560;

    private static final Logger LOG = LastResortLogger.of(KernelRegistry.class);

    private KernelRegistry() {
    }

    /**
     * All kernels, including those that refuse; that of a device only if {@code bitlab.kernel} names it.
     *
     * @return an unmodifiable list, by descending priority, then by name
     */
    public static List<TernaryKernel> kernels() {
        return selection().kernels();
    }

    /**
     * Finds a kernel by its name. The kernel {@code gpu} looks for a device when it is first used; where there is none,
     * or it fails, a kernel for the processor computes in its place, and the log says why.
     *
     * @param name such as {@code "scalar"}
     * @return the kernel
     * @throws IllegalArgumentException if no kernel has that name; the message lists the names
     */
    public static TernaryKernel kernel(String name) {
        KernelSelection selection = selection();
        return selection.find(name)
                .or(() -> DiscoveredKernels.DEVICE.equals(name) ? Device.KERNEL : Optional.empty())
                .orElseThrow(() -> new IllegalArgumentException(
                        "KernelRegistry: no kernel is named '" + name + "'; there are " + selection.names()));
    }

    /**
     * The kernel that would be chosen for a large layer (2560 x 2560).
     *
     * @param config how the layer quantises
     * @return the kernel
     * @throws IllegalStateException as {@link #kernelFor(BitQuantConfig, int, int)}
     */
    public static TernaryKernel kernelFor(BitQuantConfig config) {
        return kernelFor(config, LARGE, LARGE);
    }

    /**
     * Chooses the kernel for a layer.
     *
     * @param config how the layer quantises
     * @param out output features, at least 1
     * @param in input features, at least 1
     * @return the kernel
     * @throws IllegalStateException if the kernel that {@code bitlab.kernel} names refuses, or {@code
     *     bitlab.kernel.strict} is set and no vectorized kernel accepts; the message says why and what to do
     */
    public static TernaryKernel kernelFor(BitQuantConfig config, int out, int in) {
        check(config, out, in);
        TernaryKernel kernel = selection().choose(config, out, in);
        KernelEvents.chosen(kernel.name(), out, in, false);
        return kernel;
    }

    /**
     * Chooses the kernel for a convolution: of those that accept, the one with the highest
     * {@link TernaryKernel#patchPriority}.
     *
     * @param config how the layer quantises
     * @param out output channels, at least 1
     * @param in values of a patch, at least 1
     * @return the kernel
     * @throws IllegalStateException as {@link #kernelFor(BitQuantConfig, int, int)}
     */
    public static TernaryKernel patchKernelFor(BitQuantConfig config, int out, int in) {
        check(config, out, in);
        TernaryKernel kernel = selection().chooseForPatches(config, out, in);
        KernelEvents.chosen(kernel.name(), out, in, true);
        return kernel;
    }

    /**
     * Explains the choice for a large layer (2560 x 2560).
     *
     * @param config how the layer quantises
     * @return a report on each kernel, best first: chosen, accepted, refused, missing on this JVM, not loaded
     */
    public static List<KernelReport> explain(BitQuantConfig config) {
        return explain(config, LARGE, LARGE);
    }

    /**
     * Explains the choice for a layer. Where choosing would throw, no report is marked as chosen, and the reasons say
     * why.
     *
     * @param config how the layer quantises
     * @param out output features, at least 1
     * @param in input features, at least 1
     * @return a report on each kernel, best first: chosen, accepted, refused, missing on this JVM, not loaded
     */
    public static List<KernelReport> explain(BitQuantConfig config, int out, int in) {
        check(config, out, in);
        return withDevice(selection().explain(config, out, in));
    }

    /**
     * Explains the choice for a convolution, as {@link #explain(BitQuantConfig, int, int)} does for other layers. The
     * priorities in the reasons are those for {@linkplain TernaryKernel#patchPriority patches}.
     *
     * @param config how the layer quantises
     * @param out output channels, at least 1
     * @param in values of a patch, at least 1
     * @return a report on each kernel, best first: chosen, accepted, refused, missing on this JVM, not loaded
     */
    public static List<KernelReport> explainPatches(BitQuantConfig config, int out, int in) {
        check(config, out, in);
        return withDevice(selection().explainForPatches(config, out, in));
    }

    /** Adds that there is a kernel for a device, which nobody asked for. */
    private static List<KernelReport> withDevice(List<KernelReport> reports) {
        if (selection().find(DiscoveredKernels.DEVICE).isPresent()) {
            return reports;
        }
        List<KernelReport> all = new ArrayList<>(reports);
        all.add(new KernelReport(DiscoveredKernels.DEVICE, false, false, "off by default: pass '-D"
                + KernelSelection.FORCE_PROPERTY + "=" + DiscoveredKernels.DEVICE + "' to java"));
        return List.copyOf(all);
    }

    private static void check(BitQuantConfig config, int out, int in) {
        Objects.requireNonNull(config, "KernelRegistry: config is null; BitQuantConfig.defaults() is a good one");
        if (out < 1 || in < 1) {
            throw new IllegalArgumentException(
                    "KernelRegistry: shape " + out + " x " + in + ", expected at least 1 output and 1 input feature");
        }
    }

    /** Initialised by the first call that asks for it, unless it was forced. */
    private static final class Device {
        static final Optional<TernaryKernel> KERNEL = Loaded.FOUND.withDevice().kernels().stream()
                .filter(k -> k.name().equals(DiscoveredKernels.DEVICE)).findFirst();
    }

    private static KernelSelection selection() {
        return Loaded.SELECTION.get();
    }

    /** Initialised by the first call; the class loader's lock makes that happen once. */
    private static final class Loaded {
        static final DiscoveredKernels FOUND = DiscoveredKernels.in(KernelRegistry.class.getClassLoader());
        static final Supplier<KernelSelection> SELECTION = load();

        private static Supplier<KernelSelection> load() {
            try {
                FOUND.failed().forEach(report -> LOG.warn("A ternary kernel is left out: {}", report.reason()));
                KernelSelection selection = KernelSelection.of(FOUND, System::getProperty);
                selection.notice(BitQuantConfig.defaults(), LARGE, LARGE).ifPresent(LOG::info);
                KernelSelection.jdkFault(Runtime.version()).ifPresent(LOG::warn);
                return () -> selection;
            } catch (RuntimeException e) { // of a provider, or a property without sense
                // Kept and thrown by each call: thrown from here, the second call would get a NoClassDefFoundError.
                return () -> {
                    throw new IllegalStateException("KernelRegistry: " + e.getMessage(), e);
                };
            }
        }
    }
}
