package io.bitlab.cli;

import io.bitlab.models.train.DivergedException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import picocli.CommandLine;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.ParseResult;

/** Reports problems that a user can solve in one line, followed by the usage. Only bugs print a stack trace. */
final class UserErrors implements IExecutionExceptionHandler {

    @Override
    public int handleExecutionException(Exception thrown, CommandLine line, ParseResult parsed) throws Exception {
        Exception e = thrown instanceof UncheckedIOException io ? io.getCause() : thrown;
        if (!(e instanceof IOException || e instanceof IllegalArgumentException || e instanceof IllegalStateException
                || e instanceof DivergedException)) {
            throw e;
        }
        // texts of files must not drive the terminal
        line.getErr().println(message(e).replaceAll("[\\p{Cc}\\u202a-\\u202e\\u2066-\\u2069&&[^\\n\\t]]", "?"));
        line.getErr().println("Usage: " + line.getHelp().synopsis("Usage: ".length()).stripTrailing());
        return CommandLine.ExitCode.SOFTWARE;
    }

    /** An exception's message. Where the JDK's message is only a file's name: what is wrong, and the absolute path. */
    private static String message(Exception e) {
        if (e instanceof FileSystemException file && file.getReason() == null && file.getFile() != null) {
            String problem = switch (file) {
                case NoSuchFileException _ -> "there is no file ";
                case AccessDeniedException _ -> "no permission for ";
                case NotDirectoryException _ -> "there is no folder ";
                case FileAlreadyExistsException _ -> "a file is in the way: ";
                default -> e.getClass().getSimpleName() + ": ";
            };
            return problem + Path.of(file.getFile()).toAbsolutePath();
        }
        return e.getMessage() == null ? e.toString() : e.getMessage();
    }

    /**
     * What the user can do about an error that isn't a bug.
     *
     * @throws Error that one, if it is a bug
     */
    static String message(Error e) {
        String text = String.valueOf(e.getMessage());
        if (e instanceof OutOfMemoryError) { // by what the user asked for
            return "This takes more memory than the JVM may use, " + (Runtime.getRuntime().maxMemory() >> 20) + " MB ("
                    + text + "): ask for less, or allow more with JDK_JAVA_OPTIONS=-Xmx8g";
        }
        if (e instanceof NoClassDefFoundError && (text.contains("java/awt/") || text.contains("javax/imageio/"))) {
            return "Pictures need the module java.desktop, which this Java lacks (" + text
                    + "): use a whole JDK, or add the module to what jlink made";
        }
        throw e;
    }
}
