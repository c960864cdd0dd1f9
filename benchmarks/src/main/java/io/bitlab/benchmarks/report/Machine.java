package io.bitlab.benchmarks.report;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Describes the machine that a measurement ran on, as far as the operating system tells: any part may be missing. */
public final class Machine {

    private Machine() {
    }

    /** {@return processor, architecture and number of cores} */
    public static String describe() {
        return describe(lines(Path.of("/proc/cpuinfo")), System.getProperty("os.arch"),
                Runtime.getRuntime().availableProcessors());
    }

    /** {@return name and version of this virtual machine} */
    static String virtualMachine() {
        return System.getProperty("java.vm.name") + " " + System.getProperty("java.vm.version");
    }

    /**
     * The memory that this process occupies, according to the operating system.
     *
     * @return such as {@code VmRSS: 1234 kB}, or {@code unknown}
     */
    public static String resident() {
        return resident(lines(Path.of("/proc/self/status")));
    }

    /** The lines of a file below {@code /proc}; none if it can't be read. */
    private static List<String> lines(Path file) {
        try {
            return Files.readAllLines(file, StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            return List.of();
        }
    }

    static String describe(List<String> cpuinfo, String architecture, int cores) {
        return processor(cpuinfo).map(processor -> processor + ", ").orElse("") + architecture + ", " + cores
                + (cores == 1 ? " core" : " cores");
    }

    /** The processor's name and numbers. Virtual machines often hide the name; the numbers still identify it. */
    private static Optional<String> processor(List<String> cpuinfo) {
        String numbers = Stream
                .of(named("family", value(cpuinfo, "cpu family")), named("model", value(cpuinfo, "model")),
                        named("implementer", value(cpuinfo, "CPU implementer")),
                        named("part", value(cpuinfo, "CPU part")))
                .flatMap(Optional::stream).collect(Collectors.joining(", "));
        Optional<String> name = value(cpuinfo, "model name");
        if (name.isEmpty() && numbers.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(name.orElse("unknown") + (numbers.isEmpty() ? "" : " (" + numbers + ")"));
    }

    private static Optional<String> named(String name, Optional<String> value) {
        return value.map(number -> name + " " + number);
    }

    static String resident(List<String> status) {
        return value(status, "VmRSS").map(size -> "VmRSS: " + size).orElse("unknown");
    }

    /** The first value of a key, with single spaces. White space around the colon is ignored. */
    private static Optional<String> value(List<String> lines, String key) {
        for (String line : lines) {
            int colon = line.indexOf(':');
            if (colon >= 0 && line.substring(0, colon).strip().equalsIgnoreCase(key)) {
                String value = line.substring(colon + 1).strip().replaceAll("\\s+", " ");
                return value.isEmpty() ? Optional.empty() : Optional.of(value);
            }
        }
        return Optional.empty();
    }
}
