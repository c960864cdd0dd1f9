package io.bitlab.examples;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The project of the page about Spring Boot: its fat jar, with the flag in each way, and its development mode. */
@Tag("long")
class SpringBootRecipeTest {

    private static final String FLAG = "--add-modules jdk.incubator.vector";
    private static final String STRICT = "-Dbitlab.kernel.strict=true"; // refuses to run without SIMD kernels
    private static final String STARTED = "Tomcat started on port (\\d+)";

    @TempDir
    static Path folder;
    private static SampleProject project;
    private static FruitService fruit;

    @BeforeAll
    static void trainAndBuild() throws Exception {
        project = SampleProject.copy("spring-boot", folder.resolve("fruit"));
        fruit = FruitService.train(folder);
        project.maven("-q", "package");
    }

    private static ProcessBuilder fatJar(String... options) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of(options));
        command.addAll(List.of("-jar", "target/fruit-1.0.jar", "--server.port=0", "--fruit.model=" + fruit.model()));
        return new ProcessBuilder(command).directory(project.folder().toFile());
    }

    @ParameterizedTest
    @CsvSource({"none, ''", "JDK_JAVA_OPTIONS, ' '", "JAVA_TOOL_OPTIONS, ="})
    void theFatJarRunsOnTheFastKernels(String variable, String separator) throws Exception {
        ProcessBuilder program = variable.equals("none") ? fatJar(FLAG.split(" ")[0], FLAG.split(" ")[1], STRICT)
                : fatJar(STRICT);
        if (!variable.equals("none")) {
            program.environment().put(variable, FLAG.replace(" ", separator));
        }
        try (RunningProgram server = RunningProgram.start(program)) {
            fruit.assertAnswersAt(server.await(STARTED, 1).group(1));
        }
    }

    @Test
    void withoutTheFlagTheFatJarAnswersTheSame() throws Exception {
        ProcessBuilder program = fatJar("-Dspring.threads.virtual.enabled=true");
        try (RunningProgram server = RunningProgram.start(program)) {
            fruit.assertAnswersAt(server.await(STARTED, 1).group(1));
            assertTrue(server.output().contains("without SIMD kernels"), server.output());
        }
    }

    @Test
    void withoutTheFlagAStrictServerDoesNotStart() throws Exception {
        try (RunningProgram server = RunningProgram.start(fatJar(STRICT))) {
            assertNotEquals(0, server.awaitEnd());
            assertTrue(server.output().contains("bitlab.kernel.strict=true, but"), server.output());
        }
    }

    @Test
    void oneVariableWantsAnEqualsSign() throws Exception {
        ProcessBuilder program = fatJar();
        program.environment().put("JAVA_TOOL_OPTIONS", FLAG);
        try (RunningProgram server = RunningProgram.start(program)) {
            assertNotEquals(0, server.awaitEnd());
            assertTrue(server.output().contains("Unrecognized option: --add-modules"), server.output());
        }
    }

    /** The library's classes stay in the JVM's own class loader, or come back in a new one with each restart. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void kernelsAndModelsSurviveRestarts(boolean libraryRestarts) throws Exception {
        Path include = project.folder().resolve("src/main/resources/META-INF/spring-devtools.properties");
        Files.createDirectories(include.getParent());
        Files.writeString(include,
                libraryRestarts ? "restart.include.bitlab=/bit(core|layers|models)-.*\\.jar\n" : "");
        ProcessBuilder development = project.mavenProcess("spring-boot:run",
                "-Dspring-boot.run.arguments=--server.port=0 --fruit.model=" + fruit.model()
                        + " --logging.level.root=INFO");
        development.environment().put("JDK_JAVA_OPTIONS", STRICT);
        try (RunningProgram server = RunningProgram.start(development)) {
            for (int start = 1; start <= 3; start++) {
                fruit.assertAnswersAt(server.await(STARTED, start).group(1));
                Files.setLastModifiedTime(project.folder().resolve("target/classes/com/example/FruitController.class"),
                        FileTime.from(Instant.now().plusSeconds(start)));
            }
            assertFalse(server.output().contains("without SIMD kernels"), server.output());
        }
    }
}
