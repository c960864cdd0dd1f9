package io.bitlab.examples;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine;

/** Runs the examples that have a command line: error messages, exit status, and where they write. */
final class ExampleCommand {

    private ExampleCommand() {
    }

    /**
     * Runs a command, then ends the JVM if the command failed. Problems with arguments and files are reported in one
     * line, followed by the usage; only bugs print a stack trace.
     */
    static void run(Callable<Integer> command, String... arguments) {
        int status = execute(command, arguments);
        if (status != 0) {
            System.exit(status);
        }
    }

    /** As {@link #run}, but returns the exit status. */
    static int execute(Callable<Integer> command, String... arguments) {
        return new CommandLine(command).setCaseInsensitiveEnumValuesAllowed(true)
                .setExecutionExceptionHandler((thrown, line, parsed) -> {
                    Exception e = thrown instanceof UncheckedIOException io ? io.getCause() : thrown;
                    if (!(e instanceof IOException || e instanceof IllegalArgumentException
                            || e instanceof IllegalStateException)) {
                        throw e;
                    }
                    line.getErr().println(message(e));
                    line.getErr().println("Usage: " + line.getHelp().synopsis("Usage: ".length()).stripTrailing());
                    return 1;
                }).execute(arguments);
    }

    /** An exception's message. Where the JDK's message is only a file's name: what is wrong, and the absolute path. */
    static String message(Exception e) {
        if (e instanceof FileSystemException file && file.getReason() == null && file.getFile() != null) {
            String problem = switch (file) {
                case NoSuchFileException _ -> "there is no file ";
                case AccessDeniedException _ -> "no permission for ";
                default -> e.getClass().getSimpleName() + ": ";
            };
            return problem + Path.of(file.getFile()).toAbsolutePath();
        }
        return e.getMessage() == null ? e.toString() : e.getMessage();
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
