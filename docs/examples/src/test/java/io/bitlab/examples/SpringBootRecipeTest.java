package io.bitlab.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bitlab.models.io.Json;
import io.bitlab.models.tabular.Classification;
import io.bitlab.models.tabular.Classifier;
import io.bitlab.models.tabular.CsvOptions;
import io.bitlab.models.tabular.TabularData;
import io.bitlab.models.tabular.TabularTraining;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
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
    private static final Map<String, Object> FRUIT =
            Map.of("weight", 250, "length", 7.6, "width", 8.1, "colour", "red");

    @TempDir
    static Path folder;
    private static SampleProject project;
    private static Classification expected;
    private static Path model;

    @BeforeAll
    static void trainAndBuild() throws Exception {
        project = SampleProject.copy("spring-boot", folder.resolve("fruit"));
        model = folder.resolve("fruit-model");
        Path csv = SyntheticFruit.write(folder.resolve("fruit.csv"), 300);
        Classifier classifier = TabularTraining.of(
                TabularData.readCsv(csv, CsvOptions.label("fruit").withIgnored("price"))).epochs(3).seed(1)
                .trainClassifier();
        classifier.save(model);
        expected = classifier.predict(FRUIT);
        project.maven("-q", "package");
    }

    private static ProcessBuilder fatJar(String... options) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of(options));
        command.addAll(List.of("-jar", "target/fruit-1.0.jar", "--server.port=0", "--fruit.model=" + model));
        return new ProcessBuilder(command).directory(project.folder().toFile());
    }

    private static HttpResponse<String> post(String port, Map<String, ?> fruit)
            throws IOException, InterruptedException {
        try (HttpClient http = HttpClient.newHttpClient()) {
            return http.send(HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/classify"))
                    .header("Content-Type", "application/json").POST(BodyPublishers.ofString(Json.compact(fruit)))
                    .build(), BodyHandlers.ofString());
        }
    }

    private static void assertAnswers(String port) throws IOException, InterruptedException {
        HttpResponse<String> answer = post(port, FRUIT);
        Map<String, Object> found = Json.parse(answer.body(), "answer");
        assertEquals(expected.label(), found.get("label"), answer.body());
        assertEquals(expected.probability(), ((Number) found.get("probability")).floatValue(), answer.body());
        HttpResponse<String> wrong = post(port, Map.of("wieght", 250));
        assertEquals(400, wrong.statusCode(), wrong.body());
        assertTrue(wrong.body().contains("no column 'wieght'"), wrong.body());
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
            assertAnswers(server.await(STARTED, 1).group(1));
        }
    }

    @Test
    void withoutTheFlagTheFatJarAnswersTheSame() throws Exception {
        ProcessBuilder program = fatJar("-Dspring.threads.virtual.enabled=true");
        try (RunningProgram server = RunningProgram.start(program)) {
            assertAnswers(server.await(STARTED, 1).group(1));
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
        Files.writeString(include, libraryRestarts ? "restart.include.bitlab=/bit(core|layers|models)-.*\\.jar\n" : "");
        ProcessBuilder development = project.mavenProcess("spring-boot:run",
                "-Dspring-boot.run.arguments=--server.port=0 --fruit.model=" + model + " --logging.level.root=INFO");
        development.environment().put("JDK_JAVA_OPTIONS", STRICT);
        try (RunningProgram server = RunningProgram.start(development)) {
            for (int start = 1; start <= 3; start++) {
                assertAnswers(server.await(STARTED, start).group(1));
                Files.setLastModifiedTime(project.folder().resolve("target/classes/com/example/FruitController.class"),
                        FileTime.from(Instant.now().plusSeconds(start)));
            }
            assertFalse(server.output().contains("without SIMD kernels"), server.output());
        }
    }
}
