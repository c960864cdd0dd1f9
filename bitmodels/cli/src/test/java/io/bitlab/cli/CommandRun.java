package io.bitlab.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/**
 * What the program printed and returned.
 *
 * @param status the exit code
 * @param output on the standard output
 * @param errors on the error stream
 */
public record CommandRun(int status, String output, String errors) {

    /** Runs the program in this JVM. Tests that do so lock both streams. */
    public static CommandRun of(String... arguments) {
        PrintStream out = System.out;
        PrintStream err = System.err;
        ByteArrayOutputStream output = new ByteArrayOutputStream();
        ByteArrayOutputStream errors = new ByteArrayOutputStream();
        int status;
        try {
            System.setOut(new PrintStream(output, true, StandardCharsets.UTF_8));
            System.setErr(new PrintStream(errors, true, StandardCharsets.UTF_8));
            status = BitLab.execute(arguments);
        } finally {
            System.out.flush();
            System.err.flush();
            System.setOut(out);
            System.setErr(err);
        }
        return new CommandRun(status, output.toString(StandardCharsets.UTF_8),
                errors.toString(StandardCharsets.UTF_8));
    }

    /** What a run that must succeed printed. */
    public static String outputOf(String... arguments) {
        CommandRun run = of(arguments);
        assertEquals(0, run.status, run.errors);
        return run.output;
    }
}
