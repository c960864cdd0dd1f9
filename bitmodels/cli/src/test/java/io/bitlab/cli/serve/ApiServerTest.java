package io.bitlab.cli.serve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.bitlab.models.io.Json;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Paths, methods, and who may use them. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ApiServerTest {

    private static final String KEY = "correct-horse-battery";
    private static final String ORIGIN = "https://example.org";

    private ApiServer server;
    private ApiServer locked; // with a key, and another origin
    private ServeClient client;
    private ServeClient outsider;

    @BeforeAll
    void start() throws IOException {
        ServedModels models = ServeClient.models(ServeClient.tiny().build());
        server = ApiServer.start(ServerOptions.local(), models);
        locked = ApiServer.start(ServerOptions.local().withKey(ApiKey.of(KEY)).withAllowedOrigin(ORIGIN), models);
        client = new ServeClient(server);
        outsider = new ServeClient(locked);
    }

    @AfterAll
    void stop() {
        client.close();
        outsider.close();
        server.close();
        locked.close();
    }

    /** Its long form is what Java's own client sends. */
    @Test
    void theLoopbackAddressMayBeOfTheNewKind() throws Exception {
        byte[] loopback = new byte[16];
        loopback[15] = 1;
        ServerOptions options = new ServerOptions(new InetSocketAddress(InetAddress.getByAddress(loopback), 0),
                Optional.empty(), false, Optional.empty(), ServerLimits.DEFAULTS);
        try (ApiServer other = ApiServer.start(options, ServeClient.models(ServeClient.tiny().build()));
                ServeClient client = new ServeClient(other)) {
            assertEquals("[::1]", other.uri().getHost());
            assertEquals(200, client.get("/health").statusCode());
            String host = "[0:0:0:0:0:0:0:1]:" + other.uri().getPort();
            assertTrue(client.raw(("GET /health HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n")
                    .getBytes(StandardCharsets.US_ASCII)).startsWith("HTTP/1.1 200 "));
        } catch (SocketException e) {
            assumeTrue(false, "no IPv6 here: " + e);
        }
    }

    @Test
    void listsItsModels() throws Exception {
        Map<String, Object> list = Json.parse(client.get("/v1/models").body(), "answer");
        assertEquals("list", list.get("object"));
        assertEquals("tiny", ServeClient.at(list, "data", 0, "id"));
        assertEquals("model", Json.parse(client.get("/v1/models/tiny").body(), "answer").get("object"));
    }

    @Test
    @Timeout(30)
    void isHealthyAndCounts() throws Exception {
        assertEquals("ok", Json.parse(client.get("/health").body(), "answer").get("status"));
        client.ask("/v1/completions", Map.of("prompt", "abc", "max_tokens", 2, "seed", 1));
        String metrics = client.get("/metrics").body();
        while (!metrics.contains("path=\"/v1/completions\",status=\"200\"")) { // counted once it has been sent
            Thread.onSpinWait();
            metrics = client.get("/metrics").body();
        }
        assertTrue(metrics.contains("bitlab_requests_total{path=\"/health\",status=\"200\"}"), metrics);
        assertTrue(metrics.contains("\nbitlab_prompt_tokens_total 3\n"), metrics);
        assertTrue(metrics.contains("\nbitlab_generated_tokens_total 2\n"), metrics);
        assertTrue(metrics.contains("\nbitlab_answers_running 0\n"), metrics);
        for (String line : metrics.lines().toList()) {
            assertTrue(line.matches("# (HELP|TYPE) [a-z_]+ .+|[a-z_]+(\\{[^}]+})? [0-9.]+(E-?[0-9]+)?"), line);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/health", "/v1/models", "/metrics", "/"})
    void headersCanBeHadAlone(String path) throws Exception {
        HttpResponse<String> answer = client.send(client.to(path).method("HEAD", BodyPublishers.noBody()).build());
        assertEquals(200, answer.statusCode());
        assertEquals("", answer.body());
    }

    @Test
    void thePageLoadsNothingFromElsewhere() throws Exception {
        HttpResponse<String> page = client.get("/");
        assertEquals(200, page.statusCode());
        assertTrue(page.headers().firstValue("Content-Security-Policy").orElseThrow().contains("default-src 'none'"));
        assertFalse(page.body().contains("http://") || page.body().contains("https://"), "an external resource");
        assertFalse(page.body().contains("innerHTML"), "text of the model must not become HTML");
    }

    @ParameterizedTest
    @CsvSource({"GET, /nothing, 404", "GET, /v1, 404", "GET, /v1/models/../../etc/passwd, 404",
        "GET, /v1/models/%2e%2e%2fconfig.json, 404", "GET, /v1/models/other, 404", "GET, /%00, 404",
        "POST, /health, 405", "GET, /v1/completions, 405", "DELETE, /v1/models/tiny, 405", "OPTIONS, /, 405",
        "HEAD, /v1/completions, 405", "HEAD, /nothing, 404"})
    void otherPathsAndMethodsAreRefused(String method, String path, int status) throws Exception {
        HttpResponse<String> answer = client.send(client.to(path).method(method, BodyPublishers.noBody()).build());
        assertEquals(status, answer.statusCode(), answer.body());
        if (!method.equals("HEAD")) {
            assertEquals("invalid_request_error",
                    ServeClient.at(Json.parse(answer.body(), "answer"), "error", "type"), answer.body());
        }
    }

    /** Names of models are compared, never opened. */
    @ParameterizedTest
    @ValueSource(strings = {"../../../etc/passwd", "/etc/passwd", "file:///etc/passwd", "tiny/../tiny", "TINY", ""})
    void namesOfModelsAreNoPaths(String name) throws Exception {
        HttpResponse<String> answer = client.post("/v1/completions", Map.of("model", name, "prompt", "a"));
        assertEquals(404, answer.statusCode(), answer.body());
        assertEquals("model_not_found", ServeClient.at(Json.parse(answer.body(), "answer"), "error", "code"));
    }

    @ParameterizedTest
    @CsvSource({"Bearer correct-horse-battery, 200", "bearer correct-horse-battery, 200",
        "Bearer correct-horse-batter, 401", "Bearer correct-horse-battery2, 401", "Basic correct-horse-battery, 401",
        "correct-horse-battery, 401", "Bearer, 401"})
    void theKeyIsChecked(String shown, int status) throws Exception {
        HttpResponse<String> answer = outsider.send(outsider.to("/v1/models").header("Authorization", shown).build());
        assertEquals(status, answer.statusCode());
        assertFalse(answer.body().contains("correct"), "the answer shows a key");
    }

    @ParameterizedTest
    @CsvSource({"/v1/models, 401", "/metrics, 401", "/v1/models/tiny, 401", "/health, 200", "/, 200"})
    void onlyHealthAndThePageNeedNoKey(String path, int status) throws Exception {
        assertEquals(status, outsider.get(path).statusCode());
    }

    @Test
    void theKeyIsNeverShown() {
        ServerOptions options = ServerOptions.local().withKey(ApiKey.of(KEY));
        assertFalse(options.toString().contains(KEY));
        String weak = assertThrows(IllegalArgumentException.class, () -> ApiKey.of("s3cr3t")).getMessage();
        assertFalse(weak.contains("s3cr3t"), weak);
    }

    @Test
    void otherMachinesAreLetInOnlyWithAKeyOrOnPurpose() {
        InetSocketAddress everywhere = new InetSocketAddress(0);
        ServerLimits limits = ServerLimits.DEFAULTS;
        assertThrows(IllegalArgumentException.class,
                () -> new ServerOptions(everywhere, Optional.empty(), false, Optional.empty(), limits));
        new ServerOptions(everywhere, Optional.empty(), true, Optional.empty(), limits);
        new ServerOptions(everywhere, Optional.of(ApiKey.of(KEY)), false, Optional.empty(), limits);
    }

    /** A page on the web can send requests to this machine, with its own name or after pointing it here. */
    @ParameterizedTest
    @CsvSource(nullValues = "-", value = {"127.0.0.1:8080, -, 200", "localhost, -, 200", "LOCALHOST:1, -, 200",
        "[::1]:8080, -, 200", "evil.example, -, 403", "127.0.0.1.evil.example, -, 403",
        "localhost.evil.example, -, 403",
        "localhost, http://localhost, 200", "localhost:81, http://localhost:81, 200",
        "localhost, http://evil.example, 403",
        "localhost, null, 403", "localhost, https://example.org, 403", "localhost:81, http://localhost:82, 403"})
    void pagesOfOtherOriginsAreRefused(String host, String origin, int status) throws IOException {
        String answer = client.raw(("GET /health HTTP/1.1\r\nHost: " + host + "\r\n"
                + (origin == null ? "" : "Origin: " + origin + "\r\n") + "Connection: close\r\n\r\n")
                .getBytes(StandardCharsets.UTF_8));
        assertTrue(answer.startsWith("HTTP/1.1 " + status + " "), answer);
        assertFalse(answer.toLowerCase(java.util.Locale.ROOT).contains("access-control"), answer);
    }

    @Test
    void oneOtherOriginCanBePermitted() throws Exception {
        HttpResponse<String> preflight = outsider.send(outsider.to("/v1/chat/completions")
                .method("OPTIONS", BodyPublishers.noBody()).header("Origin", ORIGIN)
                .header("Access-Control-Request-Method", "POST")
                .header("Access-Control-Request-Headers", "authorization,content-type").build());
        assertEquals(204, preflight.statusCode());
        assertEquals(ORIGIN, preflight.headers().firstValue("Access-Control-Allow-Origin").orElseThrow());
        assertEquals("authorization,content-type",
                preflight.headers().firstValue("Access-Control-Allow-Headers").orElseThrow());
        HttpResponse<String> answer = outsider.send(outsider.to("/v1/models").header("Origin", ORIGIN)
                .header("Authorization", "Bearer " + KEY).build());
        assertEquals(200, answer.statusCode());
        assertEquals(ORIGIN, answer.headers().firstValue("Access-Control-Allow-Origin").orElseThrow());
    }
}
