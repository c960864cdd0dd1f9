package io.bitlab.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Examples by name, from a folder that has nothing to do with the checkout, and without Maven. */
class RunExampleTest {

    private static final Path SOURCES = Path.of("src/main/java").toAbsolutePath();

    @TempDir
    Path elsewhere;

    /** What a program of these examples said and returned. */
    private record Outcome(int status, String output, String errors) {
    }

    private Outcome run(String... arguments) throws IOException, InterruptedException {
        String classPath = Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                .map(entry -> Path.of(entry).toAbsolutePath().toString())
                .collect(Collectors.joining(File.pathSeparator));
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-XX:TieredStopAtLevel=1", "-cp",
                classPath, RunExample.class.getName()));
        command.addAll(List.of(arguments));
        Path output = Files.createTempFile(elsewhere, "out", ".txt");
        Path errors = Files.createTempFile(elsewhere, "err", ".txt");
        int status = new ProcessBuilder(command).directory(elsewhere.toFile()).redirectOutput(output.toFile())
                .redirectError(errors.toFile()).start().waitFor();
        return new Outcome(status, Files.readString(output, StandardCharsets.UTF_8),
                Files.readString(errors, StandardCharsets.UTF_8));
    }

    private static void assertRefused(Outcome outcome, String... parts) {
        assertTrue(outcome.status > 0, outcome.toString());
        for (String part : parts) {
            assertTrue(outcome.errors.contains(part), () -> "expected '" + part + "' in " + outcome.errors);
        }
        assertTrue(outcome.errors.contains("Usage: "), outcome.errors);
        assertFalse(outcome.errors.contains("\tat "), outcome.errors);
    }

    private static Set<String> programsInTheSources() throws IOException {
        Pattern main = Pattern.compile("public static void main\\(String\\[\\] ");
        Set<String> programs = new TreeSet<>();
        try (Stream<Path> files = Files.walk(SOURCES)) {
            for (Path file : files.filter(path -> path.toString().endsWith(".java")).toList()) {
                if (main.matcher(Files.readString(file)).find()) {
                    programs.add(file.getFileName().toString().replace(".java", ""));
                }
            }
        }
        programs.remove("RunExample");
        return programs;
    }

    @Test
    void everyProgramHasAShortName() throws Exception {
        assertEquals(programsInTheSources(), RunExample.all().keySet());
    }

    @ParameterizedTest
    @ValueSource(strings = {"OwnModle", "io.bitlab.OwnModel", ""})
    void aWrongNameIsAnsweredWithAllNames(String name) throws Exception {
        Outcome outcome = run(name);
        assertRefused(outcome, "'" + name + "'", "FirstLayer", "OwnModel", "-Dexample=NAME");
        for (String program : programsInTheSources()) {
            assertTrue(outcome.errors.contains(program), program);
        }
    }

    @Test
    void aTutorialFindsItsDataAndWritesBelowTheWorkingFolder() throws Exception {
        Outcome outcome = run("ImportPyTorch");
        assertEquals(0, outcome.status, outcome.errors);
        assertTrue(outcome.output.contains("differs from PyTorch by at most 1e-4: true"), outcome.output);
        assertTrue(Files.exists(elsewhere.resolve("target/exported.safetensors")));
    }

    /** Its service file names a class of the examples' package. */
    @Test
    void aKindOfModelThatTheLibraryDoesNotKnowIsLoaded() throws Exception {
        Outcome outcome = run("OwnModel");
        assertEquals(0, outcome.status, outcome.errors);
        assertTrue(outcome.output.contains("same bits: true"), outcome.output);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "FirstLayer --fast | FirstLayer takes no arguments, got [--fast]",
        "FashionMnistExample --epochs many | 'many' is not an int",
        "FashionMnistExample --data nowhere | nowhere",
        "DigitsExample one two | 'two'"})
    void badArgumentsEndWithAMessageAndTheUsage(String line, String message) throws Exception {
        assertRefused(run(line.split(" ")), message);
    }

    @Test
    void aPathIsRelativeToTheWorkingFolder() throws Exception {
        assertRefused(run("FashionMnistExample", "--data", "my folder"),
                "Fashion-MNIST is not in " + elsewhere.toRealPath().resolve("my folder"));
    }
}
