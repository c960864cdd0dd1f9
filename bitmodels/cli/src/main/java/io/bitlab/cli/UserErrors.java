package io.bitlab.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import picocli.CommandLine;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.ParseResult;

/** Reports problems that a user can solve in one line, followed by the usage. Only bugs print a stack trace. */
final class UserErrors implements IExecutionExceptionHandler {

    @Override
    public int handleExecutionException(Exception thrown, CommandLine line, ParseResult parsed) throws Exception {
        Exception e = thrown instanceof UncheckedIOException io ? io.getCause() : thrown;
        if (!(e instanceof IOException || e instanceof IllegalArgumentException
                || e instanceof IllegalStateException)) {
            throw e;
        }
        line.getErr().println(message(e));
        line.getErr().println("Usage: " + line.getHelp().synopsis("Usage: ".length()).stripTrailing());
        return CommandLine.ExitCode.SOFTWARE;
    }

    /** An exception's message. Where the JDK's message is only a file's name: what is wrong, and the absolute path. */
    private static String message(Exception e) {
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
}
