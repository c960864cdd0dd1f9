package io.bitlab.core.kernel;

import com.sun.management.HotSpotDiagnosticMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Which kernel must run, worked out from the JVM's options and the processor's features, without asking the library: a
 * test that is green on the wrong kernel proves nothing.
 */
final class ExpectedKernel {

    private static final Path CPUINFO = Path.of("/proc/cpuinfo");
    private static final Set<String> FLAGS = Set.of("flags", "features");

    private ExpectedKernel() {
    }

    /** The name of the kernel for large int8 layers; empty where nothing is known about the machine. */
    static Optional<String> int8() {
        OptionalInt bits = bits();
        return bits.isEmpty() ? Optional.empty() : Optional.of(switch (bits.getAsInt()) {
            case 0 -> "plain";
            case 512 -> "lookup-512";
            case 256 -> "multiply-256";
            default -> "lookup-128";
        });
    }

    /** The name of the kernel for large float32 layers; empty where nothing is known about the machine. */
    static Optional<String> float32() {
        OptionalInt bits = bits();
        return bits.isEmpty() ? Optional.empty() : Optional.of(switch (bits.getAsInt()) {
            case 0 -> "scalar";
            case 128 -> "float-multiply-128";
            default -> "float-lookup-" + bits.getAsInt();
        });
    }

    /** The name of the kernel for int8 convolutions with so many outputs; empty if the machine is unknown. */
    static Optional<String> patches(int out) {
        OptionalInt bits = bits();
        return bits.isEmpty() ? Optional.empty() : switch (bits.getAsInt()) {
            case 0 -> Optional.of("plain");
            case 512 -> Optional.of("wide-512");
            case 256 -> out < 512 ? Optional.of("wide-256") : int8();
            default -> out < 256 ? Optional.of("wide-128") : int8();
        };
    }

    /** How wide vectors are: 0 without the module or without C2; empty where nothing is known about the machine. */
    static OptionalInt bits() {
        List<String> options = ManagementFactory.getRuntimeMXBean().getInputArguments();
        boolean module = options.stream().anyMatch(o -> o.contains("--add-modules") && o.contains("incubator.vector"));
        if (!module || options.contains("-Xint") || options.contains("-XX:TieredStopAtLevel=1")) {
            return OptionalInt.of(0);
        }
        if (!System.getProperty("os.arch").equals("amd64") || !Files.exists(CPUINFO)) {
            return OptionalInt.empty();
        }
        return OptionalInt.of(switch (Math.min(allowed(), machine())) {
            case 3 -> 512;
            case 2 -> 256;
            default -> 128; // AVX has 256 bits for floats only
        });
    }

    /** What HotSpot itself made of its options: on some processors it does not use all that there is. */
    private static int allowed() {
        return Integer.parseInt(ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class)
                .getVMOption("UseAVX").getValue());
    }

    /** The highest value of {@code -XX:UseAVX} that the processor allows. */
    private static int machine() {
        Set<String> flags = flags();
        if (flags.containsAll(List.of("avx512f", "avx512cd", "avx512bw", "avx512dq", "avx512vl"))) {
            return 3;
        }
        return flags.contains("avx2") ? 2 : flags.contains("avx") ? 1 : 0;
    }

    private static Set<String> flags() {
        try {
            return flags(Files.readAllLines(CPUINFO));
        } catch (IOException e) {
            return Set.of();
        }
    }

    /**
     * The features that lines of {@code /proc/cpuinfo} name for the first processor: empty where there are none. Linux
     * calls them flags on x86 and Features on ARM, and puts any white space between them.
     */
    static Set<String> flags(List<String> cpuinfo) {
        return cpuinfo.stream().map(line -> line.split(":", 2))
                .filter(parts -> parts.length == 2 && FLAGS.contains(parts[0].strip().toLowerCase(Locale.ROOT)))
                .findFirst().map(parts -> Arrays.stream(parts[1].strip().split("\\s+"))
                        .filter(flag -> !flag.isEmpty()).collect(Collectors.toSet()))
                .orElse(Set.of());
    }
}
