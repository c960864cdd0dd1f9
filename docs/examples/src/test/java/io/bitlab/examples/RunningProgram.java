package io.bitlab.examples;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A program that runs until it is closed, such as a server, and what it prints meanwhile. */
final class RunningProgram implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofMinutes(3);

    private final Process process;
    private final Path log;

    private RunningProgram(Process process, Path log) {
        this.process = process;
        this.log = log;
    }

    static RunningProgram start(ProcessBuilder program) throws IOException {
        Path log = Files.createTempFile("program", ".txt");
        return new RunningProgram(program.redirectErrorStream(true).redirectOutput(log.toFile()).start(), log);
    }

    /** What it has printed so far. */
    String output() throws IOException {
        return new String(Files.readAllBytes(log), StandardCharsets.UTF_8);
    }

    /** Waits until the output has matched a number of times. Returns the last match. */
    Matcher await(String regex, int times) throws IOException, InterruptedException {
        Pattern pattern = Pattern.compile(regex);
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (System.nanoTime() < end) {
            boolean alive = process.isAlive(); // before the output, which is complete if it was not
            Matcher matcher = pattern.matcher(output());
            int found = 0;
            while (found < times && matcher.find()) {
                found++;
            }
            if (found == times) {
                return matcher;
            }
            if (!alive) {
                break;
            }
            Thread.sleep(100);
        }
        throw new AssertionError("not " + times + " times '" + regex + "' in the output:\n" + output());
    }

    /** Waits until it ends by itself. Returns its exit status. */
    int awaitEnd() throws InterruptedException {
        return process.waitFor();
    }

    /** Ends it and what it has started. */
    @Override
    public void close() throws IOException {
        process.descendants().forEach(ProcessHandle::destroy);
        process.destroy();
        process.onExit().join();
        Files.delete(log);
    }
}
