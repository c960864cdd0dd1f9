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
        boolean windows = System.getProperty("os.name").startsWith("Windows");
        List<String> command = new ArrayList<>();
        command.add(Path.of(HOME, "bin", windows ? "mvn.cmd" : "mvn").toString());
        command.add("-B");
        command.addAll(List.of(arguments));
        Path output = Files.createTempFile("maven", ".txt");
        try {
            ProcessBuilder process = new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true)
                    .redirectOutput(output.toFile());
            Map<String, String> environment = process.environment();
            environment.put("JAVA_HOME", JAVA);
            environment.put("MAVEN_OPTS", "-XX:TieredStopAtLevel=1"); // for a short run
            environment.remove("MAVEN_ARGS");
            int status = process.start().waitFor();
            return new MavenRun(status, Files.readString(output, StandardCharsets.UTF_8));
        } finally {
            Files.delete(output);
        }
    }
}
