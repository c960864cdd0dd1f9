package io.bitlab.examples;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A run of the Maven that runs these tests, on the Java that it runs on, with its downloads as the only source. */
record MavenRun(int status, String output) {

    private static final String HOME = System.getProperty("outer.maven.home");
    private static final String JAVA = System.getProperty("outer.java.home");

    /** Where the outer Maven keeps its downloads. */
    static Path outerRepository() {
        assumeTrue(HOME != null && JAVA != null, "Maven did not say where it is: this is not its test run");
        return Path.of(System.getProperty("outer.repository")).toAbsolutePath();
    }

    /** Runs goals in a folder; nothing of the user's settings applies. */
    static MavenRun in(Path folder, String... arguments) throws IOException, InterruptedException {
        return run(process(folder, JAVA, arguments));
    }

    /** Runs goals in a folder on the Java of this test, for projects that don't look for JDK 25 themselves. */
    static MavenRun onThisJava(Path folder, String... arguments) throws IOException, InterruptedException {
        return run(processOnThisJava(folder, arguments));
    }

    /** The same, not yet started. */
    static ProcessBuilder processOnThisJava(Path folder, String... arguments) {
        return process(folder, System.getProperty("java.home"), arguments);
    }

    private static ProcessBuilder process(Path folder, String java, String... arguments) {
        boolean windows = System.getProperty("os.name").startsWith("Windows");
        List<String> command = new ArrayList<>();
        command.add(Path.of(HOME, "bin", windows ? "mvn.cmd" : "mvn").toString());
        command.add("-B");
        command.addAll(List.of(arguments));
        ProcessBuilder process = new ProcessBuilder(command).directory(folder.toFile());
        Map<String, String> environment = process.environment();
        environment.put("JAVA_HOME", java);
        environment.put("MAVEN_OPTS", "-XX:TieredStopAtLevel=1"); // for a short run
        environment.remove("MAVEN_ARGS");
        return process;
    }

    private static MavenRun run(ProcessBuilder process) throws IOException, InterruptedException {
        Path output = Files.createTempFile("maven", ".txt");
        try {
            int status = process.redirectErrorStream(true).redirectOutput(output.toFile()).start().waitFor();
            return new MavenRun(status, Files.readString(output, StandardCharsets.UTF_8));
        } finally {
            Files.delete(output);
        }
    }
}
