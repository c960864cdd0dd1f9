package io.bitlab.examples;

import io.bitlab.cli.BitLab;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;

/** Runs the examples that have a command line: exit status, and where they write. */
final class ExampleCommand {

    private ExampleCommand() {
    }

    /** Runs a command, then ends the JVM if the command failed. */
    static void run(Callable<Integer> command, String... arguments) {
        int status = BitLab.commandLine(command).execute(arguments);
        if (status != 0) {
            System.exit(status);
        }
    }

    /**
     * The default place for a program's output: below {@code docs/examples/target} in a checkout, else below {@code
     * target} in the working folder.
     */
    static Path output(String name) {
        Path module = Path.of("docs", "examples");
        return (Files.isDirectory(module) ? module : Path.of("")).resolve("target").resolve(name);
    }
}
