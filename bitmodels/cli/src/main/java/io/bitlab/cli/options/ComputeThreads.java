package io.bitlab.cli.options;

import io.bitlab.core.parallel.Parallel;
import picocli.CommandLine.Option;

/** How many threads compute. An option of several commands. */
public final class ComputeThreads {

    @Option(names = "--threads", description = "all processors unless given")
    private int threads = Runtime.getRuntime().availableProcessors();

    private ComputeThreads() {
    }

    /**
     * Starts the threads.
     *
     * @return the threads, which end when it is closed
     * @throws IllegalArgumentException if the option says less than one
     */
    public Parallel start() {
        return Parallel.of(threads);
    }
}
