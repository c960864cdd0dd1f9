package io.bitlab.cli.serve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bitlab.models.AutoBitModel;
import io.bitlab.models.generate.ChatTemplate;
import io.bitlab.models.generate.SamplingConfig;
import io.bitlab.models.generate.TextGenerator;
import io.bitlab.models.generate.TextGeneratorBuilder;
import io.bitlab.models.io.Json;
import io.bitlab.models.io.ModelFormatException;
import io.bitlab.models.tokenizer.ByteTokenizer;
import io.bitlab.models.transformer.BitTransformer;
import io.bitlab.models.transformer.BitTransformerConfig;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/** A client of a server in this JVM, and the small model that tests serve. */
final class ServeClient implements AutoCloseable {

    static final String MODEL = "tiny";
    private static final int POSITIONS = 512;

    private final URI server;
    private final HttpClient http = HttpClient.newHttpClient();

    ServeClient(ApiServer server) {
        this.server = server.uri();
    }

    /** A model of bytes with random weights, which writes rubbish, quickly. */
    static TextGeneratorBuilder tiny() {
        BitTransformer model = AutoBitModel.fromConfig(BitTransformerConfig.builder(256, 32, 1, 2)
                .maxPositionEmbeddings(POSITIONS).initializerRange(0.5f).build(), 3);
        model.deploy();
        return TextGenerator.builder(model, new ByteTokenizer()).sampling(SamplingConfig.TEXT);
    }

    static ServedModels models(TextGenerator generator) {
        return ServedModels.none().with(MODEL, new LanguageModel(generator, ChatTemplate.PLAIN, false));
    }

    HttpRequest.Builder to(String path) {
        return HttpRequest.newBuilder(server.resolve(path));
    }

    HttpResponse<String> send(HttpRequest request) throws IOException, InterruptedException {
        return http.send(request, BodyHandlers.ofString());
    }

    HttpResponse<InputStream> open(HttpRequest request) throws IOException, InterruptedException {
        return http.send(request, BodyHandlers.ofInputStream());
    }

    HttpResponse<String> get(String path) throws IOException, InterruptedException {
        return send(to(path).build());
    }

    HttpRequest request(String path, Map<String, ?> body) {
        return to(path).header("Content-Type", "application/json").POST(BodyPublishers.ofString(Json.compact(body)))
                .build();
    }

    HttpResponse<String> post(String path, Map<String, ?> body) throws IOException, InterruptedException {
        return send(request(path, body));
    }

    /** The object of an answer that must succeed. */
    Map<String, Object> ask(String path, Map<String, ?> body) throws IOException, InterruptedException {
        HttpResponse<String> answer = post(path, body);
        assertEquals(200, answer.statusCode(), answer.body());
        return Json.parse(answer.body(), "answer");
    }

    /** The objects of a stream that must succeed. */
    List<Map<String, Object>> stream(String path, Map<String, ?> body) throws IOException, InterruptedException {
        HttpResponse<String> answer = post(path, body);
        assertEquals(200, answer.statusCode(), answer.body());
        assertEquals("text/event-stream; charset=utf-8", answer.headers().firstValue("Content-Type").orElseThrow());
        assertTrue(answer.body().endsWith("data: [DONE]\n\n"), answer.body());
        return answer.body().lines().filter(line -> line.startsWith("data: {")).map(line -> {
            try {
                return Json.parse(line.substring("data: ".length()), "event");
            } catch (ModelFormatException e) {
                throw new AssertionError(e);
            }
        }).toList();
    }

    /** What the server answers to bytes after which the client sends no more; empty if it closes the connection. */
    String raw(byte[] bytes) throws IOException {
        try (Socket socket = connect()) {
            socket.getOutputStream().write(bytes);
            socket.shutdownOutput();
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    Socket connect() throws IOException {
        Socket socket = new Socket(server.getHost(), server.getPort());
        socket.setSoTimeout(20_000);
        return socket;
    }

    /** The value at a path of names and indices. */
    static Object at(Object json, Object... path) {
        Object value = json;
        for (Object step : path) {
            value = step instanceof Integer index ? ((List<?>) value).get(index) : ((Map<?, ?>) value).get(step);
        }
        return value;
    }

    @Override
    public void close() {
        http.shutdownNow();
    }
}
