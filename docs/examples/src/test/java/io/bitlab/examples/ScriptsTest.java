package io.bitlab.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The scripts of the checkout: what they name exists, and they find JDK 25 or say what is missing. */
class ScriptsTest {

    private static final Path COMMON = Checkout.ROOT.resolve("scripts/common.sh");

    @TempDir
    Path elsewhere;

    static List<Path> scripts() throws IOException {
        try (Stream<Path> files = Files.list(Checkout.ROOT.resolve("scripts"))) {
            return files.filter(file -> !file.equals(COMMON)).sorted().toList();
        }
    }

    /** What a command printed, and its exit status. */
    private record Outcome(int status, String output) {
    }

    private Outcome run(List<String> environment, String... command) throws IOException, InterruptedException {
        assumeTrue(File.separatorChar == '/', "the scripts need a POSIX shell");
        List<String> all = new ArrayList<>(List.of("env"));
        all.addAll(environment);
        all.addAll(Arrays.asList(command));
        Process process = new ProcessBuilder(all).directory(elsewhere.toFile()).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Outcome(process.waitFor(), output);
    }

    @ParameterizedTest
    @MethodSource("scripts")
    void isExecutableShellThatNamesWhatExists(Path script) throws Exception {
        assertTrue(Files.isExecutable(script), script + " is not executable");
        String text = Files.readString(script);
        assertTrue(text.startsWith("#!/bin/sh\n# "), script + " begins with its shell and what it does");
        Matcher program = Pattern.compile("io\\.bitlab\\.benchmarks\\.[\\w.]+").matcher(text);
        while (program.find()) {
            Path source =
                    Checkout.ROOT.resolve("benchmarks/src/main/java/" + program.group().replace('.', '/') + ".java");
            assertTrue(Files.exists(source), script + ": no class " + program.group());
        }
        assertEquals(new Outcome(0, ""), run(List.of(), "sh", "-n", script.toString()));
    }

    @ParameterizedTest
    @MethodSource("scripts")
    void isListedOnThePageOfBenchmarks(Path script) throws IOException {
        assertTrue(Files.readString(Checkout.ROOT.resolve("docs/benchmarks/README.md"))
                .contains("| `scripts/" + script.getFileName() + "` |"), script.toString());
    }

    @Test
    void findTheJdkThatJavaHomeNames() throws Exception {
        String home = System.getProperty("java.home");
        assertEquals(new Outcome(0, home + "\n"), run(List.of("JAVA_HOME=" + home), "sh", "-c",
                ". \"$0\"; find_jdk25", COMMON.toString()));
    }

    @Test
    void sayWhatToDoWithoutAJdk() throws Exception {
        Outcome outcome = run(List.of("JAVA_HOME="), "sh", "-c",
                ". \"$0\"; is_jdk25() { false; }; find_jdk25", COMMON.toString());
        assertTrue(outcome.status == 1 && outcome.output.contains("there is no JDK 25")
                && outcome.output.contains("set JAVA_HOME to its folder"), outcome.toString());
    }

    @Test
    void refuseWrongArguments() throws Exception {
        String scripts = Checkout.ROOT.resolve("scripts").toString();
        for (List<String> wrong : List.of(List.of("soak", "--hours", "1", "no option is named '--hours'"),
                List.of("soak", "--minutes", "--minutes needs a value"),
                List.of("training-speed", "DIR is missing"),
                List.of("vision-speed", "the size is missing"),
                List.of("training-speed", "nowhere", "no folder nowhere"))) {
            List<String> command = new ArrayList<>(wrong.subList(0, wrong.size() - 1));
            command.set(0, scripts + "/" + command.getFirst());
            Outcome outcome = run(List.of("MVN=false"), command.toArray(String[]::new));
            assertTrue(outcome.status == 1 && outcome.output.contains(wrong.getLast()), outcome.toString());
        }
    }
}
