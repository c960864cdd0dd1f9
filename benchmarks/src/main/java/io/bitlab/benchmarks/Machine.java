package io.bitlab.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** The machine that figures come from. */
final class Machine {

    private static final Path CPUINFO = Path.of("/proc/cpuinfo");

    private Machine() {
    }

    /** Processor and number of cores, as far as the operating system tells. */
    static String describe() throws IOException {
        String cores = Runtime.getRuntime().availableProcessors() + " cores";
        if (!Files.isReadable(CPUINFO)) {
            return System.getProperty("os.arch") + ", " + cores;
        }
        // Virtual machines often hide the model's name; family and model still tell.
        return value("model name") + " (family " + value("cpu family") + ", model " + value("model") + "), "
                + System.getProperty("os.arch") + ", " + cores;
    }

    private static String value(String key) throws IOException {
        try (Stream<String> lines = Files.lines(CPUINFO)) {
            return lines.filter(line -> line.split(":")[0].strip().equals(key))
                    .map(line -> line.substring(line.indexOf(':') + 1).strip()).findFirst().orElse("unknown");
        }
    }
}
