package io.bitlab.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bitlab.cli.BitLab;
import io.bitlab.models.io.Json;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The project of the page about Spring AI: what it gets from {@code bitlab serve} is what plain requests get. */
@Tag("long")
class SpringAiRecipeTest {

    private static final String KEY = "correct-horse-battery";
    private static final String JAVA = Path.of(System.getProperty("java.home"), "bin", "java").toString();

    @TempDir
    Path folder;

    private static ProcessBuilder serve(Path key) {
        return new ProcessBuilder(JAVA, "--add-modules", "jdk.incubator.vector", "-cp",
                System.getProperty("java.class.path"), BitLab.class.getName(), "serve", "--port", "0",
                "--api-key-file", key.toString());
    }

    private static Map<String, Object> post(String url, Map<String, ?> body) throws IOException, InterruptedException {
        try (HttpClient http = HttpClient.newHttpClient()) {
            HttpResponse<String> answer = http.send(HttpRequest.newBuilder(URI.create(url))
                    .header("Authorization", "Bearer " + KEY).POST(BodyPublishers.ofString(Json.compact(body)))
                    .build(), BodyHandlers.ofString());
            assertEquals(200, answer.statusCode(), answer.body());
            return Json.parse(answer.body(), "answer");
        }
    }

    private static Object at(Object json, Object... path) {
        Object value = json;
        for (Object step : path) {
            value = step instanceof Integer index ? ((List<?>) value).get(index) : ((Map<?, ?>) value).get(step);
        }
        return value;
    }

    @Test
    void springAiGetsWhatTheServerSays() throws Exception {
        SampleProject project = SampleProject.copy("spring-ai", folder.resolve("ask"));
        project.maven("-q", "package");
        Path key = Files.writeString(folder.resolve("key"), KEY);
        try (RunningProgram server = RunningProgram.start(serve(key))) {
            String url = server.await("bitlab serves at (http://[\\d.:]+)", 1).group(1) + "/v1";
            Object answer = at(post(url + "/chat/completions", Map.of("seed", 7, "max_tokens", 60, "messages",
                    List.of(Map.of("role", "user", "content", "Call me ")))),
                    "choices", 0, "message", "content");
            Object embedding = at(post(url + "/embeddings", Map.of("input", "The white whale")), "data", 0,
                    "embedding");

            String[] command = {JAVA, "-jar", "target/ask-1.0.jar", "--spring.main.banner-mode=off",
                "--logging.level.root=WARN", "--spring.ai.openai.base-url=" + url, "--spring.ai.openai.api-key=" + KEY};
            try (RunningProgram client =
                    RunningProgram.start(new ProcessBuilder(command).directory(project.folder().toFile()))) {
                assertEquals(0, client.awaitEnd(), client.output());
                float first = ((Number) at(embedding, 0)).floatValue();
                assertEquals("answer: " + answer + "\nstream: " + answer + "\nembedding: "
                        + ((List<?>) embedding).size() + " numbers, the first is " + first + "\n",
                        client.output().replace("\r\n", "\n"));
            }

            command[command.length - 1] = "--spring.ai.openai.api-key=wrong";
            try (RunningProgram client =
                    RunningProgram.start(new ProcessBuilder(command).directory(project.folder().toFile()))) {
                assertNotEquals(0, client.awaitEnd(), client.output());
                assertTrue(client.output().contains("401"), () -> Arrays.toString(command));
            }
        }
    }
}
