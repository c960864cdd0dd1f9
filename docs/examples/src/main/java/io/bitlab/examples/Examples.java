package io.bitlab.examples;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine;

/** What the examples with options have in common. */
final class Examples {

    private Examples() {
    }

    /**
     * Runs a command. What goes wrong with its arguments or files is told in one line, followed by how the command is
     * called, and in the exit status; only faults of the program print a stack trace.
     */
    static void run(Callable<Integer> command, String... arguments) {
        int status = new CommandLine(command).setCaseInsensitiveEnumValuesAllowed(true)
                .setExecutionExceptionHandler((e, line, parsed) -> {
                    if (!(e instanceof IOException || e instanceof IllegalArgumentException
                            || e instanceof IllegalStateException)) {
                        throw e;
                    }
                    line.getErr().println(message(e));
                    line.getErr().println("Usage: " + line.getHelp().synopsis("Usage: ".length()).stripTrailing());
                    return 1;
                }).execute(arguments);
        if (status != 0) {
            System.exit(status);
        }
    }

    /** An exception's message; where the JDK gives only a file's name, also what is wrong and the absolute path. */
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
     * Where a program writes to unless told otherwise: below the examples' own {@code target} in a checkout, below the
     * working folder's elsewhere.
     */
    static Path output(String name) {
        Path module = Path.of("docs", "examples");
        return (Files.isDirectory(module) ? module : Path.of("")).resolve("target").resolve(name);
    }
}
