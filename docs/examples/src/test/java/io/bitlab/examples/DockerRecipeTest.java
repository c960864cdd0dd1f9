package io.bitlab.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the Dockerfile does, without Docker: its jlink command, and the program started as in the image. */
@Tag("long")
class DockerRecipeTest {

    private static final Path FILE = Checkout.ROOT.resolve("docs/integrations/docker/Dockerfile");
    private static final Path JAR = Checkout.ROOT.resolve("bitmodels/cli/target/bitlab/bitlab.jar");

    /** With the 8 MB of Alpine Linux, the page's 62 MB. */
    private static final long BYTES = 54_500_000;

    @TempDir
    Path folder;

    /** The words of an instruction, in the form of a shell or of JSON. */
    private List<String> instruction(String name) throws IOException {
        String line = Files.readString(FILE).replace("\\\n", " ").lines()
                .filter(text -> text.startsWith(name + " ")).findFirst().orElseThrow().substring(name.length());
        return Pattern.compile("[^\\s\\[\\],\"]+=\"[^\"]*\"|[^\\s\\[\\]\",]+(?:,[^\\s\\[\\]\",]+)*").matcher(line)
                .results().map(word -> word.group().replace("\"", "")
                        .replace("/opt/java", folder.resolve("java").toString())
                        .replace("/opt/bitlab/bitlab.jar", JAR.toString()))
                .toList();
    }

    private List<String> inImage(String... arguments) throws IOException {
        List<String> command = new ArrayList<>(instruction("ENTRYPOINT"));
        command.addAll(List.of(arguments));
        return command;
    }

    private static long size(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            long sum = 0;
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                sum += Files.size(file);
            }
            return sum;
        }
    }

    @Test
    void theRuntimeIsSmallAndRunsTheProgram() throws Exception {
        assumeTrue(Files.exists(JAR), () -> "no " + JAR);
        List<String> jlink = new ArrayList<>(instruction("RUN"));
        jlink.set(0, Path.of(System.getProperty("java.home"), "bin", jlink.getFirst()).toString());
        try (RunningProgram link = RunningProgram.start(new ProcessBuilder(jlink))) {
            assertEquals(0, link.awaitEnd(), link.output());
        }
        long size = size(folder.resolve("java")) + Files.size(JAR);
        assertTrue(size < BYTES, size + " bytes");

        try (RunningProgram kernels = RunningProgram.start(new ProcessBuilder(inImage("kernels")))) {
            assertEquals(0, kernels.awaitEnd(), kernels.output());
            assertTrue(Pattern.compile("\\* .* vectorized").matcher(kernels.output()).find(), kernels.output());
        }

        List<String> serve = inImage(instruction("CMD").toArray(String[]::new));
        try (RunningProgram refused = RunningProgram.start(new ProcessBuilder(serve))) {
            assertEquals(1, refused.awaitEnd(), refused.output());
            assertTrue(refused.output().contains("set an API key"), refused.output());
        }
        serve.addAll(List.of("--port", "0"));
        ProcessBuilder program = new ProcessBuilder(serve);
        program.environment().put("BITLAB_API_KEY", "correct-horse-battery");
        try (RunningProgram server = RunningProgram.start(program); HttpClient http = HttpClient.newHttpClient()) {
            String port = server.await("bitlab serves at \\S+:(\\d+)", 1).group(1);
            HttpRequest models = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/v1/models"))
                    .header("Authorization", "Bearer correct-horse-battery").build();
            String answer = http.send(models, BodyHandlers.ofString()).body();
            assertTrue(answer.contains("moby-dick"), answer);
        }
    }
}
