package io.bitlab.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.PipedReader;
import java.io.PipedWriter;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/** The options of {@code bitlab serve}. */
class ServeCommandTest {

    private static final String KEY = "correct-horse-battery";

    @TempDir
    private Path folder;

    /** Starts the shipped model, asks it something, and interrupts the thread, as nothing else ends the command. */
    @Test
    void servesTheShippedModel() throws Exception {
        Path key = Files.writeString(folder.resolve("key"), KEY + "\n");
        CompletableFuture<Integer> status = new CompletableFuture<>();
        StringWriter errors = new StringWriter();
        try (PipedReader reader = new PipedReader(); PrintWriter out = new PrintWriter(new PipedWriter(reader));
                HttpClient http = HttpClient.newHttpClient()) {
            CommandLine line = BitLab.commandLine(new BitLab()).setOut(out).setErr(new PrintWriter(errors, true));
            Thread command = Thread.ofPlatform().start(() -> status.complete(
                    line.execute("serve", "--port", "0", "--api-key-file", key.toString(), "--threads", "1")));
            String first = new BufferedReader(reader).readLine();
            assertTrue(first.startsWith("bitlab serves at http://127.0.0.1:"), first);
            URI server = URI.create(first.split(" ", -1)[3]);
            HttpRequest.Builder request = HttpRequest.newBuilder(server.resolve("/v1/models"));
            assertEquals(401, http.send(request.build(), BodyHandlers.ofString()).statusCode());
            String models = http.send(request.header("Authorization", "Bearer " + KEY).build(), BodyHandlers.ofString())
                    .body();
            assertTrue(models.contains("\"moby-dick\""), models);
            command.interrupt();
            assertEquals(BitLab.INTERRUPTED, status.get());
            assertEquals("", errors.toString());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"--host 0.0.0.0", "--api-key short", "--port 70000", "--concurrent 0", "--model nowhere",
        "--template klingon", "--max-body 5000", "--api-key-file nowhere", "--api-key=", "--allow-origin *",
        "--allow-origin https://example.org/"})
    void otherOptionsAreRefusedInOneLine(String options) throws IOException {
        StringWriter errors = new StringWriter();
        CommandLine line = BitLab.commandLine(new BitLab()).setErr(new PrintWriter(errors, true));
        String[] words = ("serve --port 0 " + options).replace("nowhere", folder.resolve("nowhere").toString())
                .split(" ", -1);
        int status = line.execute(words);
        assertTrue(status == 1 || status == 2, "status " + status);
        assertFalse(errors.toString().contains("\tat "), errors.toString());
        assertFalse(errors.toString().contains("short"), "a key is shown: " + errors);
    }
}
