package io.bitlab.cli.serve;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.bitlab.models.generate.TextEncoder;
import io.bitlab.models.generate.TextGenerator;
import io.bitlab.models.io.Json;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Vectors are those of the library. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class EmbeddingsEndpointTest {

    private static final String PATH = "/v1/embeddings";

    private final TextGenerator tiny = ServeClient.tiny().build();
    private final TextEncoder encoder = TextEncoder.builder(tiny.model(), tiny.tokenizer()).build();
    private ApiServer server;
    private ServeClient client;

    @BeforeAll
    void start() throws IOException {
        server = ApiServer.start(ServerOptions.local(), ServeClient.models(tiny));
        client = new ServeClient(server);
    }

    @AfterAll
    void stop() {
        client.close();
        server.close();
    }

    private static float[] vector(Map<String, Object> answer, int index) {
        if (ServeClient.at(answer, "data", index, "embedding") instanceof String base64) {
            ByteBuffer bytes = ByteBuffer.wrap(Base64.getDecoder().decode(base64)).order(ByteOrder.LITTLE_ENDIAN);
            float[] vector = new float[bytes.remaining() / Float.BYTES];
            bytes.asFloatBuffer().get(vector);
            return vector;
        }
        List<?> values = (List<?>) ServeClient.at(answer, "data", index, "embedding");
        float[] vector = new float[values.size()];
        for (int i = 0; i < vector.length; i++) {
            vector[i] = ((Number) values.get(i)).floatValue();
        }
        return vector;
    }

    @ParameterizedTest
    @ValueSource(strings = {"float", "base64"})
    void areThoseOfTheLibrary(String format) throws Exception {
        List<String> texts = IntStream.range(0, 20).mapToObj(i -> "text ".repeat(1 + i % 3) + i).toList();
        Map<String, Object> answer =
                client.ask(PATH, Map.of("input", texts, "encoding_format", format, "model", "tiny"));
        int tokens = 0;
        for (int i = 0; i < texts.size(); i++) {
            assertArrayEquals(encoder.encode(texts.get(i)), vector(answer, i));
            assertEquals(i, ServeClient.at(answer, "data", i, "index"));
            tokens += encoder.count(texts.get(i));
        }
        assertEquals(Map.of("prompt_tokens", tokens, "total_tokens", tokens), answer.get("usage"));
    }

    @Test
    void oneTextNeedsNoList() throws Exception {
        assertArrayEquals(encoder.encode("alone"),
                vector(client.ask(PATH, Map.of("input", "alone", "dimensions", 32)), 0));
    }

    @ParameterizedTest
    @ValueSource(strings = {"{}", "{\"input\": []}", "{\"input\": \"\"}", "{\"input\": [1, 2]}",
        "{\"input\": [\"a\", \"\"]}",
        "{\"input\": \"a\", \"dimensions\": 8}", "{\"input\": \"a\", \"encoding_format\": \"hex\"}",
        "{\"input\": \"LONG\"}"})
    void otherThingsAreRefused(String body) throws Exception {
        HttpResponse<String> answer = client.post(PATH, Json.parse(body.replace("LONG", "x".repeat(513)), "test"));
        assertEquals(400, answer.statusCode(), answer.body());
    }
}
