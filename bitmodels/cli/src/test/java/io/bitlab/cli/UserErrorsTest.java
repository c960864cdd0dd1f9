package io.bitlab.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** How problems reach the user. */
class UserErrorsTest {

    /** Fails with an exception. */
    @Command(name = "failing")
    private record Failing(Exception problem) implements Callable<Integer> {
        @Override
        public Integer call() throws Exception {
            throw problem;
        }
    }

    private static List<String> linesOf(int status, Exception problem) {
        StringWriter errors = new StringWriter();
        CommandLine line = BitLab.commandLine(new Failing(problem)).setErr(new PrintWriter(errors));
        assertEquals(status, line.execute());
        return errors.toString().lines().toList();
    }

    @Test
    void problemsWithFilesAreReportedInOneLine() {
        assertEquals(List.of("cannot write the checkpoint", "Usage: failing"),
                linesOf(1, new UncheckedIOException(new IOException("cannot write the checkpoint"))));
        assertEquals("there is no file " + Path.of("nowhere.txt").toAbsolutePath(),
                linesOf(1, new NoSuchFileException("nowhere.txt")).getFirst());
    }

    @Test
    void bugsPrintTheirStack() {
        List<String> lines = linesOf(1, new ArithmeticException("zero"));
        assertTrue(lines.getFirst().contains("ArithmeticException: zero"), lines::toString);
        assertTrue(lines.get(1).contains("\tat "), lines::toString);
    }

    @Test
    void errorsThatAreNoBugsSayWhatHelps() {
        assertTrue(UserErrors.message(new NoClassDefFoundError("java/awt/image/BufferedImage"))
                .contains("java.desktop"));
        assertTrue(UserErrors.message(new OutOfMemoryError("Java heap space")).contains("-Xmx8g"));
        assertThrows(NoClassDefFoundError.class,
                () -> UserErrors.message(new NoClassDefFoundError("io/bitlab/Missing")));
    }
}
