package io.bitlab.cli.serve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bitlab.models.AutoBitModel;
import io.bitlab.models.detection.BitDetector;
import io.bitlab.models.detection.BitDetectorConfig;
import io.bitlab.models.detection.DetectedObject;
import io.bitlab.models.detection.DetectedObjects;
import io.bitlab.models.image.BitImage;
import io.bitlab.models.image.ImageFit;
import io.bitlab.models.io.Json;
import io.bitlab.models.vision.BitResNet;
import io.bitlab.models.vision.BitResNetConfig;
import io.bitlab.models.vision.ClassNames;
import io.bitlab.models.vision.ImageInput;
import io.bitlab.models.vision.Prediction;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the server says of pictures is what the library says. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ImageEndpointsTest {

    private static final ClassNames NAMES = ClassNames.of("ant", "bee", "cat");

    private BitResNet classifier;
    private BitDetector detector;
    private ServedModels models;
    private ApiServer server;
    private ServeClient client;
    private BitImage image;
    private byte[] png;

    @BeforeAll
    void start(@TempDir Path folder) throws IOException {
        classifier = AutoBitModel.fromConfig(BitResNetConfig.tiny(ImageInput.colour(16, 16), NAMES), 1);
        classifier.eval();
        detector = AutoBitModel.fromConfig(
                BitDetectorConfig.nano(ImageInput.colour(64, 64).withFit(ImageFit.LETTERBOX), NAMES), 1);
        detector.eval();
        models = ServedModels.none().with("names", classifier).with("boxes", detector);
        server = ApiServer.start(ServerOptions.local(), models);
        client = new ServeClient(server);
        byte[] pixels = new byte[40 * 30 * 3];
        for (int i = 0; i < pixels.length; i++) {
            pixels[i] = (byte) (i * i % 251);
        }
        image = BitImage.of(40, 30, pixels);
        image.write(folder.resolve("picture.png"));
        png = Files.readAllBytes(folder.resolve("picture.png"));
    }

    @AfterAll
    void stop() {
        client.close();
        server.close();
    }

    private HttpResponse<String> postImage(String path) throws Exception {
        return client.send(client.to(path).header("Content-Type", "image/png").POST(BodyPublishers.ofByteArray(png))
                .build());
    }

    @Test
    void classifies() throws Exception {
        String base64 = Base64.getEncoder().encodeToString(png);
        List<Prediction> expected = classifier.classify(image, 2);
        for (String picture : List.of(base64, "data:image/png;base64," + base64)) {
            Map<String, Object> answer =
                    client.ask("/v1/classify", Map.of("image", picture, "top", 2, "model", "names"));
            assertEquals("names", answer.get("model"));
            assertEquals(2, ((List<?>) answer.get("predictions")).size());
            for (int i = 0; i < 2; i++) {
                assertEquals(expected.get(i).name(), ServeClient.at(answer, "predictions", i, "label"));
                assertEquals(expected.get(i).probability(),
                        ((Number) ServeClient.at(answer, "predictions", i, "probability")).floatValue());
            }
        }
        Map<String, Object> raw = Json.parse(postImage("/v1/classify").body(), "answer");
        assertEquals(3, ((List<?>) raw.get("predictions")).size());
    }

    @Test
    void detects() throws Exception {
        DetectedObjects expected =
                detector.detect(image, detector.config().options().withScoreThreshold(0.01f));
        assertFalse(expected.objects().isEmpty());
        Map<String, Object> answer = client.ask("/v1/detect",
                Map.of("image", Base64.getEncoder().encodeToString(png), "score", 0.01));
        assertEquals(40, answer.get("width"));
        assertEquals(30, answer.get("height"));
        assertEquals(expected.objects().size(), ((List<?>) answer.get("objects")).size());
        DetectedObject first = expected.objects().getFirst();
        assertEquals(first.name(), ServeClient.at(answer, "objects", 0, "label"));
        assertEquals(List.of(first.box().left(), first.box().top(), first.box().right(), first.box().bottom()),
                ServeClient.at(answer, "objects", 0, "box"));
        assertEquals(200, postImage("/v1/detect").statusCode());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
        "/v1/classify | {} | 400", "/v1/classify | {\"image\": \"###\"} | 400",
        "/v1/classify | {\"image\": \"\"} | 400",
        "/v1/classify | {\"image\": \"aGVsbG8=\"} | 400", "/v1/classify | {\"image\": \"/etc/passwd\"} | 400",
        "/v1/classify | {\"image\": \"https://example.org/a.png\"} | 400",
        "/v1/classify | {\"image\": \"aGVsbG8=\", \"top\": 4} | 400",
        "/v1/classify | {\"image\": \"aGVsbG8=\", \"model\": \"boxes\"} | 404",
        "/v1/detect | {\"image\": \"aGVsbG8=\", \"score\": 1} | 400", "/v1/completions | {\"prompt\": \"a\"} | 404"})
    void otherThingsAreRefused(String path, String body, int status) throws Exception {
        HttpResponse<String> answer = client.post(path, Json.parse(body, "test"));
        assertEquals(status, answer.statusCode(), answer.body());
    }

    @Test
    void largePicturesAreRefusedBeforeTheyTakeMemory() throws Exception {
        ServerLimits limits = ServerLimits.DEFAULTS;
        ServerLimits small = new ServerLimits(limits.running(), limits.queued(), limits.queueTime(), limits.requests(),
                limits.requestTime(), limits.bodyBytes(), limits.tokens(), limits.promptTokens(), limits.answerTime(),
                limits.writeTime(), 1199);
        try (ApiServer narrow = ApiServer.start(ServerOptions.local().withLimits(small), models);
                ServeClient other = new ServeClient(narrow)) {
            HttpResponse<String> answer = other.post("/v1/classify",
                    Map.of("image", Base64.getEncoder().encodeToString(png)));
            assertEquals(400, answer.statusCode());
            assertTrue(answer.body().contains("invalid_image"), answer.body());
        }
    }

    @Test
    void oneOfAKind() {
        assertThrows(IllegalArgumentException.class, () -> models.with("second", classifier));
    }
}
