package io.bitlab.cli.serve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bitlab.models.generate.ChatTemplate;
import io.bitlab.models.generate.TextGenerator;
import io.bitlab.models.io.Json;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Clients that are wrong, slow or gone. Each gets a documented answer or a closed connection, and afterwards nothing is
 * left of it.
 */
@Timeout(60)
class HostileClientsTest {

    private static final TextGenerator TINY = ServeClient.tiny().build();
    private static final int BODY = 10_000;
    private static final Map<String, Object> QUESTION = Map.of("prompt", "Hello", "max_tokens", 4, "seed", 1);

    private ApiServer server;
    private ServeClient client;

    @BeforeEach
    void start() throws IOException {
        ServerLimits limits = ServerLimits.DEFAULTS.withRequests(20, Duration.ofMillis(400), BODY)
                .withAnswers(1, 8, Duration.ofSeconds(20))
                .withAnswer(100_000, Duration.ofSeconds(40), Duration.ofMillis(400));
        TextGenerator sliding = TINY.toBuilder().logits(() -> HostileClientsTest::slowForS)
                .cache(cache -> cache.slidingWindow(true)).build();
        server = ApiServer.start(ServerOptions.local().withLimits(limits), ServedModels.none().with(ServeClient.MODEL,
                new LanguageModel(sliding, ChatTemplate.PLAIN, true)));
        client = new ServeClient(server);
    }

    /** Prompts that begin with an S are answered slowly. */
    private static void slowForS(float[] logits, int[] text, int length) {
        if (text[0] == 'S') {
            LockSupport.parkNanos(20_000_000);
        }
    }

    @AfterEach
    void nothingIsLeft() throws Exception {
        await(() -> metric("bitlab_requests_open") == 1 && metric("bitlab_answers_running") == 0
                && metric("bitlab_answers_waiting") == 0);
        client.ask("/v1/completions", QUESTION);
        client.close();
        server.close();
        await(() -> Thread.getAllStackTraces().keySet().stream()
                .noneMatch(thread -> thread.getName().startsWith("bitlab-serve")));
    }

    private long metric(String name) throws Exception {
        return client.get("/metrics").body().lines().filter(line -> line.startsWith(name + " "))
                .mapToLong(line -> Long.parseLong(line.substring(name.length() + 1))).findFirst().orElseThrow();
    }

    private static void await(Callable<Boolean> condition) throws Exception {
        while (!condition.call()) {
            Thread.sleep(10);
        }
    }

    private static byte[] post(String headers, String body) {
        return post(headers, body.getBytes(StandardCharsets.UTF_8));
    }

    private static byte[] post(String headers, byte[] body) {
        byte[] head = ("POST /v1/completions HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n" + headers + "\r\n")
                .getBytes(StandardCharsets.ISO_8859_1);
        byte[] all = new byte[head.length + body.length];
        System.arraycopy(head, 0, all, 0, head.length);
        System.arraycopy(body, 0, all, head.length, body.length);
        return all;
    }

    private static byte[] whole(byte[] body) {
        return post("Content-Length: " + body.length + "\r\n", body);
    }

    private static byte[] whole(String body) {
        return whole(body.getBytes(StandardCharsets.UTF_8));
    }

    /** What is sent, and the statuses that may answer it; 0 for a closed connection. */
    record Attack(String name, byte[] bytes, List<Integer> answers) {
        @Override
        public String toString() {
            return name;
        }
    }

    static List<Attack> attacks() {
        return List.of(
                new Attack("empty body", whole(""), List.of(400)),
                new Attack("no JSON", whole("hello"), List.of(400)),
                new Attack("an array", whole("[1]"), List.of(400)),
                new Attack("half an object", whole("{\"prompt\": \"a"), List.of(400)),
                new Attack("two objects", whole("{\"prompt\": \"a\"} {}"), List.of(400)),
                new Attack("a key twice", whole("{\"prompt\": \"a\", \"prompt\": \"b\"}"), List.of(400)),
                new Attack("NaN", whole("{\"prompt\": \"a\", \"temperature\": NaN}"), List.of(400)),
                new Attack("a huge number", whole("{\"prompt\": \"a\", \"seed\": 1e999}"), List.of(400)),
                new Attack("many digits", whole("{\"prompt\": \"a\", \"seed\": " + "9".repeat(5000) + "}"),
                        List.of(400)),
                new Attack("deep lists", whole("{\"prompt\": " + "[".repeat(4000) + "]".repeat(4000) + "}"),
                        List.of(400)),
                new Attack("deep objects", whole("{\"a\":".repeat(1500)), List.of(400)),
                new Attack("invalid UTF-8", whole(new byte[] {'{', '"', (byte) 0xc3, '"', ':', '1', '}'}),
                        List.of(400)),
                new Attack("unpaired surrogate", whole("{\"prompt\": \"\\ud800\", \"max_tokens\": 1}"),
                        List.of(200, 400)),
                new Attack("too large", whole("{\"prompt\": \"" + "x".repeat(BODY) + "\"}"), List.of(413)),
                new Attack("claims to be large", post("Content-Length: 99999999999\r\n", "{}"), List.of(413, 0)),
                new Attack("a negative length", post("Content-Length: -5\r\n", "{}"), List.of(400)),
                new Attack("two lengths", post("Content-Length: 2\r\nContent-Length: 3\r\n", "{}"), List.of(400)),
                new Attack("length and chunks", post("Content-Length: 2\r\nTransfer-Encoding: chunked\r\n", "{}"),
                        List.of(400)),
                new Attack("truncated", post("Content-Length: 500\r\n", "{\"prompt\": \"a\""), List.of(0)),
                new Attack("chunks of rubbish", post("Transfer-Encoding: chunked\r\n", "zz\r\n{}\r\n"), List.of(0)),
                new Attack("large chunks", post("Transfer-Encoding: chunked\r\n", "ffff\r\n" + "x".repeat(0xffff)
                        + "\r\n0\r\n\r\n"), List.of(413, 0)),
                new Attack("gzip", post("Content-Encoding: gzip\r\nContent-Length: 2\r\n", "{}"), List.of(415)),
                new Attack("many headers", post("X: y\r\n".repeat(5000), "{}"), List.of(400, 0)),
                new Attack("a long header", post("X: " + "y".repeat(1_000_000) + "\r\n", "{}"), List.of(400, 0)),
                new Attack("a long path", ("GET /" + "y".repeat(1_000_000) + " HTTP/1.1\r\n\r\n").getBytes(),
                        List.of(400, 404, 0)),
                new Attack("no path", "GET mailto:x HTTP/1.1\r\nHost: localhost\r\n\r\n".getBytes(),
                        List.of(404, 400, 0)),
                new Attack("a proxy's path",
                        "GET http://evil.example/ HTTP/1.1\r\nHost: evil.example\r\n\r\n".getBytes(),
                        List.of(403)),
                new Attack("no HTTP", "hello\r\n\r\n".getBytes(), List.of(400, 0)),
                new Attack("half a line", "GET /hea".getBytes(), List.of(0)),
                new Attack("TLS", new byte[] {0x16, 3, 1, 0, 5, 1, 0, 0, 1, 0}, List.of(400, 0)));
    }

    @ParameterizedTest
    @MethodSource("attacks")
    void documentedAnswersOnly(Attack attack) throws IOException {
        assertTrue(attack.answers.contains(status(attack.bytes)), attack + ": " + status(attack.bytes));
    }

    private int status(byte[] bytes) throws IOException {
        return status(client, bytes);
    }

    private static int status(ServeClient client, byte[] bytes) throws IOException {
        try {
            String answer = client.raw(bytes);
            return answer.isEmpty() ? 0 : Integer.parseInt(answer.substring(9, 12));
        } catch (SocketException _) { // closed while this client was still writing
            return 0;
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void damagedRequestsGetDocumentedAnswers(long seed) throws IOException {
        Random random = new Random(seed);
        byte[] good =
                whole("{\"prompt\": \"Hello\", \"max_tokens\": 2, \"temperature\": 0.5, \"stop\": [\"a\", \"b\"]}");
        for (int i = 0; i < 40; i++) {
            byte[] bad = good.clone();
            for (int change = random.nextInt(4); change >= 0; change--) {
                bad[random.nextInt(bad.length)] = (byte) random.nextInt(256);
            }
            int status = status(bad);
            assertTrue(List.of(0, 200, 400, 403, 404, 405, 413, 415, 501).contains(status),
                    "seed " + seed + ", request " + i + ": " + status);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"POST /v1/compl", "POST /v1/completions HTTP/1.1\r\nHost: local",
        "POST /v1/completions HTTP/1.1\r\nHost: localhost\r\nContent-Length: 50\r\n\r\n{\"prompt\": "})
    void slowSendersAreCutOff(String beginning) throws IOException {
        try (Socket socket = client.connect()) {
            socket.getOutputStream().write(beginning.getBytes(StandardCharsets.ISO_8859_1));
            assertEquals(0, endOf(socket.getInputStream())); // by the server, since this side says no more
        }
    }

    private static long endOf(InputStream in) throws IOException {
        try {
            return in.transferTo(OutputStream.nullOutputStream());
        } catch (SocketException _) {
            return 0; // reset
        }
    }

    @Test
    void aBoundedNumberOfRequestsIsOpen() throws Exception {
        ServerLimits two = ServerLimits.DEFAULTS.withRequests(2, Duration.ofSeconds(30), BODY);
        byte[] good =
                "GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".getBytes(StandardCharsets.UTF_8);
        try (ApiServer small = ApiServer.start(ServerOptions.local().withLimits(two), ServedModels.none());
                ServeClient other = new ServeClient(small); Socket first = other.connect();
                Socket second = other.connect()) {
            for (Socket slow : List.of(first, second)) {
                slow.getOutputStream().write(good, 0, 10);
            }
            await(() -> status(other, good) == 0);
            first.getOutputStream().write(good, 10, good.length - 10);
            assertTrue(new String(first.getInputStream().readAllBytes(), StandardCharsets.UTF_8).contains(" 200 "));
            await(() -> status(other, good) == 200);
        }
    }

    /** Clients that each stay below the limit of a body must not fill the memory together. */
    @Test
    void bodiesShareABudget() throws Exception {
        byte[] large = whole("{\"prompt\": \"" + "x".repeat(BODY - 100) + "\"}");
        try (ApiServer small = ApiServer.start(ServerOptions.local().withLimits(ServerLimits.DEFAULTS.withRequests(20,
                Duration.ofSeconds(30), BODY)), ServedModels.none(), BODY + 500); ServeClient other =
                        new ServeClient(small)) {
            assertEquals(404, status(other, large)); // read, and there is no model
            List<Socket> slow = new ArrayList<>();
            try {
                await(() -> { // the first may be refused itself, until the room of the request before is given back
                    slow.add(other.connect());
                    slow.getLast().getOutputStream().write(post("Content-Length: 1000\r\n", " ".repeat(900)));
                    return status(other, large) == 503;
                });
                await(() -> status(other, whole("{\"prompt\": \"small\"}")) == 404);
            } finally {
                for (Socket socket : slow) {
                    socket.close();
                }
            }
            await(() -> status(other, large) == 404);
            String messages = "{},".repeat(BODY / 4) + "{}"; // what becomes of them is far larger
            assertEquals(413, status(other, whole("{\"messages\": [" + messages + "]}")));
            byte[] text = whole("{\"prompt\": \"" + "\\\",{[".repeat(BODY / 6) + "\"}");
            await(() -> status(other, text) == 404); // once the room of the request before is given back
        }
    }

    /** Streamed or not: the generation ends when its client is gone, so the only turn becomes free. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void generationsOfVanishedClientsEnd(boolean stream) throws Exception {
        try (Socket socket = client.connect()) {
            socket.getOutputStream().write(whole("{\"prompt\": \"Slow\", \"max_tokens\": 100000, \"stream\": " + stream
                    + "}"));
            await(() -> metric("bitlab_answers_running") == 1);
        }
        await(() -> metric("bitlab_answers_running") == 0); // long before 100,000 tokens
        assertTrue(metric("bitlab_clients_gone_total") >= 1);
        assertTrue(metric("bitlab_generated_tokens_total") < 100_000);
    }

    /** A client that accepts nothing must not keep its turn. */
    @Test
    void clientsThatDoNotReadAreCutOff() throws Exception {
        try (Socket socket = client.connect()) {
            socket.setReceiveBufferSize(1024);
            socket.getOutputStream().write(whole("{\"prompt\": \"Hello\", \"max_tokens\": 100000, \"stream\": true,"
                    + " \"logprobs\": 20}"));
            await(() -> metric("bitlab_answers_running") == 1);
            await(() -> metric("bitlab_answers_running") == 0);
        }
        assertTrue(metric("bitlab_clients_gone_total") >= 1);
    }

    /** A parser of JSON skips the spaces that the server sends while it computes. */
    @Test
    void longAnswersKeepTheirConnectionAlive() throws Exception {
        HttpResponse<String> answer = client.post("/v1/completions", Map.of("prompt", "Slow", "max_tokens", 80));
        assertEquals(200, answer.statusCode());
        assertTrue(answer.body().matches("(?s) +\\{.*"), answer.body());
        assertEquals(80, ServeClient.at(Json.parse(answer.body(), "answer"), "usage", "completion_tokens"));
    }
}
