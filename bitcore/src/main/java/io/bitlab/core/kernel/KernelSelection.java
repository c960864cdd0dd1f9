package io.bitlab.core.kernel;

import io.bitlab.core.BitQuantConfig;
import io.bitlab.core.internal.DeviceKernel;
import io.bitlab.core.math.Fma;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The rules by which {@link KernelRegistry} chooses, for any set of kernels. Immutable.
 *
 * <p>Of the kernels that accept, the one with the highest priority is taken, and among equals the first by name. A
 * forced kernel is taken or the choice fails; a strict selection fails where the best kernel is not vectorized. The
 * kernel of a device may be missing on a machine, and can't run all layers: where it is forced and refuses, another is
 * taken, unless the selection is strict.
 */
final class KernelSelection {
    static final String FORCE_PROPERTY = "bitlab.kernel";
    static final String STRICT_PROPERTY = "bitlab.kernel.strict";

    private final List<TernaryKernel> kernels; // best first
    private final List<KernelReport> failed;
    private final List<KernelReport> missing;
    private final TernaryKernel forced; // or null
    private final boolean strict;

    /**
     * Creates a selection.
     *
     * @param found the kernels, and reports on those that did not load or can't run here
     * @param forced name of the only kernel to use, or null
     * @throws IllegalStateException if two kernels have one name, or the forced one does not exist
     */
    KernelSelection(DiscoveredKernels found, String forced, boolean strict) {
        checkNames(found.kernels());
        this.failed = found.failed();
        this.missing = found.missing();
        this.strict = strict;
        this.kernels = found.kernels().stream()
                .sorted(Comparator.comparingInt(TernaryKernel::priority).reversed().thenComparing(TernaryKernel::name))
                .toList();
        this.forced = forced == null ? null : find(forced).orElseThrow(() -> new IllegalStateException(
                FORCE_PROPERTY + "=" + forced + " names no kernel; there are " + names() + refusals(List.of())));
    }

    /**
     * Creates a selection from the system properties.
     *
     * @param properties the value of a property, or null; an empty value counts as none
     * @throws IllegalStateException as the constructor, or if the strict property is neither true nor false
     */
    static KernelSelection of(DiscoveredKernels found, UnaryOperator<String> properties) {
        String forced = properties.apply(FORCE_PROPERTY);
        String strict = properties.apply(STRICT_PROPERTY);
        boolean lenient = strict == null || strict.isBlank() || strict.equals("false");
        if (!lenient && !strict.equals("true")) {
            throw new IllegalStateException(STRICT_PROPERTY + "=" + strict + ", expected true or false");
        }
        boolean device = DiscoveredKernels.DEVICE.equals(forced);
        return new KernelSelection(device ? found.withDevice() : found,
                forced == null || forced.isBlank() ? null : forced, !lenient);
    }

    private static void checkNames(Collection<TernaryKernel> kernels) {
        Map<String, TernaryKernel> byName = new HashMap<>();
        for (TernaryKernel kernel : kernels) {
            String name = kernel.name();
            if (name == null || name.isBlank()) {
                throw new IllegalStateException("kernel " + kernel.getClass().getName() + " has no name");
            }
            TernaryKernel other = byName.put(name, kernel);
            if (other != null) {
                throw new IllegalStateException("two kernels are named '" + name + "': " + other.getClass().getName()
                        + " and " + kernel.getClass().getName() + "; rename one, or remove its service provider");
            }
        }
    }

    /** All kernels, by descending priority, then by name. */
    List<TernaryKernel> kernels() {
        return kernels;
    }

    Optional<TernaryKernel> find(String name) {
        return kernels.stream().filter(k -> k.name().equals(name)).findFirst();
    }

    /** The names that may be asked for. */
    String names() {
        return Stream.concat(kernels.stream().map(TernaryKernel::name), Stream.of(DiscoveredKernels.DEVICE)).distinct()
                .collect(Collectors.joining(", "));
    }

    /**
     * The kernel to use.
     *
     * @throws IllegalStateException if the forced one refuses, none accepts, or a strict selection finds no vectorized
     *     one
     */
    TernaryKernel choose(BitQuantConfig config, int out, int in) {
        return choose(candidates(config, out, in), config, out, in);
    }

    /**
     * The kernel to use for a convolution.
     *
     * @throws IllegalStateException as {@link #choose}
     */
    TernaryKernel chooseForPatches(BitQuantConfig config, int out, int in) {
        return choose(patchCandidates(config, out, in), config, out, in);
    }

    private TernaryKernel choose(List<Candidate> candidates, BitQuantConfig config, int out, int in) {
        TernaryKernel best = best(candidates);
        String question = config.activationDtype().jsonName() + " activations, " + in + " -> " + out;
        if (best == null && forced != null && !mayYield()) {
            throw new IllegalStateException(FORCE_PROPERTY + "=" + forced.name() + " forces a kernel that refuses "
                    + question + ": " + forced.refusal(config, out, in).orElseThrow());
        }
        if (best == null) {
            throw new IllegalStateException("no kernel accepts " + question + refusals(candidates));
        }
        if (!allowed(best)) {
            throw new IllegalStateException(STRICT_PROPERTY + "=true, but the kernel for " + question + " would be '"
                    + best.name() + "', which is not vectorized; "
                    + (missing.isEmpty() ? "" : "a faster one " + missing.getFirst().reason() + ", or ")
                    + "remove the property" + refusals(candidates));
        }
        return best;
    }

    /** A report on each kernel: the chosen one, the accepted, the refused, those that did not load. Never throws. */
    List<KernelReport> explain(BitQuantConfig config, int out, int in) {
        return explain(candidates(config, out, in));
    }

    /** As {@link #explain}, for a convolution. */
    List<KernelReport> explainForPatches(BitQuantConfig config, int out, int in) {
        return explain(patchCandidates(config, out, in));
    }

    private List<KernelReport> explain(List<Candidate> candidates) {
        Candidate best = bestOf(candidates);
        List<KernelReport> reports = new ArrayList<>();
        for (Candidate candidate : candidates) {
            boolean chosen = candidate == best && allowed(best.kernel);
            reports.add(
                    new KernelReport(candidate.kernel.name(), candidate.accepted(), chosen, reason(candidate, best)));
        }
        reports.addAll(missing);
        reports.addAll(failed);
        // The sort is stable: within a group the order by priority stays.
        reports.sort(Comparator.comparing((KernelReport r) -> !r.chosen()).thenComparing(r -> !r.accepted()));
        return List.copyOf(reports);
    }

    /** The notice for the log at start-up, if this layer would run without SIMD: says so, and what to do. */
    Optional<String> notice(BitQuantConfig config, int out, int in) {
        List<Candidate> candidates = candidates(config, out, in);
        TernaryKernel best = best(candidates);
        if (best != null && forced != null && best != forced) {
            return Optional.of(FORCE_PROPERTY + "=" + forced.name() + " can't be obeyed, and ternary layers run on "
                    + "kernel '" + best.name() + "': the results are the same" + refusals(candidates.stream()
                            .filter(candidate -> candidate.kernel == forced).toList()));
        }
        // The user asked for a forced kernel, and a strict selection fails by itself.
        if (best == null || best.isVectorized() || forced != null || strict) {
            return Optional.empty();
        }
        return Optional.of("Ternary layers run on kernel '" + best.name() + "', without SIMD kernels: the results are "
                + "the same, but slower. " + (missing.isEmpty()
                        ? "No vectorized kernel accepts here"
                        : "A faster one " + missing.getFirst().reason())
                + refusals(candidates));
    }

    private List<Candidate> candidates(BitQuantConfig config, int out, int in) {
        return kernels.stream()
                .map(k -> new Candidate(k, k.priority(), k.refusal(config, out, in).orElse(null))).toList();
    }

    /** Those for a convolution, whose order is another one. */
    private List<Candidate> patchCandidates(BitQuantConfig config, int out, int in) {
        return kernels.stream()
                .map(k -> new Candidate(k, k.patchPriority(out, in), k.refusal(config, out, in).orElse(null)))
                .sorted(Comparator.comparingInt(Candidate::priority).reversed()).toList();
    }

    private TernaryKernel best(List<Candidate> candidates) {
        Candidate best = bestOf(candidates);
        return best == null ? null : best.kernel;
    }

    /** The forced kernel, or the first that accepts; null if it refuses, or none accepts. */
    private Candidate bestOf(List<Candidate> candidates) {
        Candidate first = null;
        for (Candidate candidate : candidates) {
            if (candidate.accepted() && candidate.kernel == forced) {
                return candidate;
            }
            if (candidate.accepted() && first == null) {
                first = candidate;
            }
        }
        return forced == null || mayYield() ? first : null;
    }

    private boolean mayYield() {
        return forced != null && !strict && forced.name().equals(DiscoveredKernels.DEVICE);
    }

    private boolean allowed(TernaryKernel kernel) {
        return !strict || kernel.isVectorized();
    }

    private String reason(Candidate candidate, Candidate best) {
        TernaryKernel kernel = candidate.kernel;
        if (!candidate.accepted()) {
            return candidate.refusal;
        }
        if (forced != null && kernel != forced && (best == null || best.kernel == forced)) {
            return FORCE_PROPERTY + "=" + forced.name() + " forces another";
        }
        if (candidate != best) {
            return "'" + best.kernel.name() + "' comes first, with priority " + best.priority + " against "
                    + candidate.priority;
        }
        if (!allowed(kernel)) {
            return "not vectorized, which " + STRICT_PROPERTY + "=true does not allow";
        }
        return (kernel == forced ? "forced by " + FORCE_PROPERTY : "the highest priority (" + candidate.priority + ")")
                + deviceNote(kernel) + (kernel.isVectorized() ? ", vectorized" : ", not vectorized")
                + fmaNote(Fma.isHardware())
                + jdkFault(Runtime.version()).map(fault -> "; " + fault).orElse("");
    }

    private static String deviceNote(TernaryKernel kernel) {
        return kernel instanceof DeviceKernel device && !device.device().isEmpty() ? ", on " + device.device() : "";
    }

    /** Kernels use no fma, but the float operations of the layers around them do. */
    static String fmaNote(boolean hardware) {
        return hardware ? "" : "; this JVM has no hardware FMA, so layers' float operations round twice, and their "
                + "last bits differ from those of machines with FMA: remove -XX:-UseFMA, -XX:UseAVX=0 and -XX:UseSSE";
    }

    /**
     * A bug in the first updates of JDK 25, whichever kernel runs: JDK-8377811, in the G1 collector. It is rare, but
     * damages files.
     */
    static Optional<String> jdkFault(Runtime.Version jdk) {
        return jdk.feature() == 25 && jdk.interim() == 0 && jdk.update() < 3
                ? Optional.of("JDK " + jdk.feature() + "." + jdk.interim() + "." + jdk.update() + " can move an array "
                        + "while native code such as java.util.zip reads it (JDK-8377811), and so damage compressed "
                        + "files: update to 25.0.3 or later")
                : Optional.empty();
    }

    /** The end of a message: which kernels refused, and why; empty if none did. */
    private String refusals(List<Candidate> candidates) {
        Stream<String> refused = candidates.stream()
                .filter(c -> !c.accepted())
                .map(c -> c.kernel.name() + ": " + c.refusal);
        Stream<String> unloaded = failed.stream().map(r -> r.kernel() + ": " + r.reason());
        String list = Stream.concat(refused, unloaded).collect(Collectors.joining("; "));
        return list.isEmpty() ? "" : ". Refused: " + list;
    }

    /** A kernel, its priority for the question, and its refusal; null if it accepts. */
    private record Candidate(TernaryKernel kernel, int priority, String refusal) {
        boolean accepted() {
            return refusal == null;
        }
    }
}
