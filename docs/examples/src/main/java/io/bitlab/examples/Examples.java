package io.bitlab.examples;

import java.util.concurrent.Callable;
import picocli.CommandLine;

/** What the examples with options have in common. */
final class Examples {

    private Examples() {
    }

    /** Runs a command; what goes wrong is told in one line, and in the exit status. */
    static void run(Callable<Integer> command, String... arguments) {
        int status = new CommandLine(command).setCaseInsensitiveEnumValuesAllowed(true)
                .setExecutionExceptionHandler((e, line, parsed) -> {
                    line.getErr().println(e.getMessage());
                    return 1;
                }).execute(arguments);
        if (status != 0) {
            System.exit(status);
        }
    }
}
