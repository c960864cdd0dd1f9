package io.bitlab.benchmarks;

import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine;

/** Runs the programs of the benchmarks that have a command line. */
public final class BenchmarkCommand {

    private BenchmarkCommand() {
    }

    /**
     * Runs a command, then ends the JVM if the command failed. Bad arguments and unreadable files are reported in one
     * line; other exceptions print a stack trace.
     *
     * @param command a picocli command
     * @param arguments of the command line
     */
    public static void run(Callable<Integer> command, String... arguments) {
        int status = new CommandLine(command).setCaseInsensitiveEnumValuesAllowed(true)
                .setExecutionExceptionHandler((e, line, parsed) -> {
                    if (!(e instanceof IOException || e instanceof IllegalArgumentException)) {
                        throw e;
                    }
                    line.getErr().println(e instanceof IOException ? e.toString() : e.getMessage());
                    return 1;
                }).execute(arguments);
        if (status != 0) {
            System.exit(status);
        }
    }
}
