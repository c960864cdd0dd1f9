package io.bitlab.examples;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The project of the page about Quarkus: its jar with and without the flag, and its development mode. */
@Tag("long")
class QuarkusRecipeTest {

    private static final String STRICT = "-Dbitlab.kernel.strict=true"; // refuses to run without SIMD kernels
    private static final String LISTENING = "Listening on: http://\\S+:(\\d+)";

    @TempDir
    static Path folder;
    private static SampleProject project;
    private static FruitService fruit;

    @BeforeAll
    static void trainAndBuild() throws Exception {
        project = SampleProject.copy("quarkus", folder.resolve("fruit"));
        fruit = FruitService.train(folder);
        project.maven("-q", "package");
    }

    private static ProcessBuilder jar(String... options) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of(options));
        command.addAll(List.of("-Dquarkus.http.port=0", "-Dfruit.model=" + fruit.model(), "-jar",
                "target/quarkus-app/quarkus-run.jar"));
        return new ProcessBuilder(command).directory(project.folder().toFile());
    }

    @Test
    void theJarRunsOnTheFastKernels() throws Exception {
        try (RunningProgram server =
                RunningProgram.start(jar("--add-modules", "jdk.incubator.vector", STRICT))) {
            fruit.assertAnswersAt(server.await(LISTENING, 1).group(1));
        }
    }

    @Test
    void withoutTheFlagItAnswersTheSameOrRefusesToStart() throws Exception {
        try (RunningProgram server = RunningProgram.start(jar())) {
            fruit.assertAnswersAt(server.await(LISTENING, 1).group(1));
            assertTrue(server.output().contains("without SIMD kernels"), server.output());
        }
        try (RunningProgram server = RunningProgram.start(jar(STRICT))) {
            assertNotEquals(0, server.awaitEnd());
            assertTrue(server.output().contains("bitlab.kernel.strict=true, but"), server.output());
        }
    }

    @Test
    void kernelsAndModelsSurviveLiveCoding() throws Exception {
        ProcessBuilder development = project.mavenProcess("quarkus:dev", "-Dquarkus.http.port=0", "-Ddebug=false",
                "-Dquarkus.analytics.disabled=true", "-Dfruit.model=" + fruit.model());
        development.environment().put("JDK_JAVA_OPTIONS", STRICT);
        try (RunningProgram server = RunningProgram.start(development)) {
            Matcher started = server.await(LISTENING + "|Maven Version .* is not supported", 1);
            assumeTrue(started.group(1) != null, started.group());
            fruit.assertAnswersAt(started.group(1));

            Path source = project.folder().resolve("src/main/java/com/example/FruitResource.java");
            Files.writeString(source, Files.readString(source).replace("e.getMessage()", "e.getMessage() + '!'"));
            String port = started.group(1);
            for (int tries = 0; tries < 60 && !FruitService.askWrongly(port).body().endsWith("!"); tries++) {
                Thread.sleep(1000); // it looks for changes when it is asked, every two seconds at most
            }
            assertTrue(FruitService.askWrongly(port).body().endsWith("!"), server.output());
            fruit.assertAnswersAt(port);
            assertFalse(server.output().contains("without SIMD kernels"), server.output());
        }
    }
}
