package io.bitlab.cli.serve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bitlab.models.generate.TextGenerator;
import io.bitlab.models.io.Json;
import io.bitlab.models.transformer.BatchedDecoder;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.LongAdder;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Many clients at once, of which some go away in the middle of an answer and some send rubbish. The others get, to the
 * bit, the answers that they would get alone, or are told to come back later.
 */
class ServeSoakTest {

    private static final int PROMPTS = 20;

    /** How many answers each honest client waits for, however long that takes. */
    private static final int ANSWERS = 2;
    private static final long MEGABYTE = 1 << 20;

    private final TextGenerator tiny = ServeClient.tiny().build();
    private final List<String> alone = new ArrayList<>();
    private final LongAdder answered = new LongAdder();
    private final LongAdder turnedAway = new LongAdder();

    private static Map<String, Object> question(int number) {
        Map<String, Object> question = new HashMap<>();
        question.put("prompt", "Question " + number);
        question.put("seed", number);
        question.put("max_tokens", 5 + 3 * number);
        return question;
    }

    @Test
    void aFewClients() throws Exception {
        run(8, Duration.ofMillis(300));
    }

    /** The seconds can be set: {@code -Dsoak.seconds=10}. */
    @Test
    @Tag("long")
    void sixtyFourClients() throws Exception {
        run(64, Duration.ofSeconds(Integer.getInteger("soak.seconds", 60)));
    }

    private void run(int clients, Duration time) throws Exception {
        for (int i = 0; i < PROMPTS; i++) {
            alone.add(tiny.toBuilder().sampling(tiny.sampling().withSeed(i)).maxTokens(5 + 3 * i).build()
                    .generate("Question " + i).text());
        }
        ServerLimits limits = ServerLimits.DEFAULTS.withAnswers(4, 24, Duration.ofSeconds(10));
        ServedModels together = ServeClient.models(
                tiny.toBuilder().decoder(BatchedDecoder.builder(tiny.model()).maxSessions(4).build()).build());
        List<Long> memory = new ArrayList<>();
        try (ApiServer server = ApiServer.start(ServerOptions.local().withLimits(limits), together);
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            long end = System.nanoTime() + time.toNanos();
            List<Future<Void>> all = new ArrayList<>();
            for (int i = 0; i < clients; i++) {
                Random random = new Random(i);
                Callable<Void> client = i % 8 == 6 ? () -> vanish(server, random, end)
                        : i % 8 == 7 ? () -> sendRubbish(server, random, end) : () -> askHonestly(server, random, end);
                all.add(threads.submit(client));
            }
            while (System.nanoTime() < end) {
                Thread.sleep(Math.max(100, time.toMillis() / 12));
                memory.add(used());
            }
            for (Future<Void> client : all) {
                client.get();
            }
        }
        System.out.printf("%d clients, %s: %d answers, %d told to come back, megabytes %s%n", clients, time,
                answered.sum(), turnedAway.sum(), memory);
        int expected = (clients - clients / 4) * ANSWERS;
        assertTrue(answered.sum() >= expected, "only " + answered + " answers");
        assertTrue(memory.getLast() < memory.get(memory.size() / 3) + 16, "memory grows: " + memory);
    }

    private static long used() {
        System.gc();
        Runtime runtime = Runtime.getRuntime();
        return (runtime.totalMemory() - runtime.freeMemory()) / MEGABYTE;
    }

    private Void askHonestly(ApiServer server, Random random, long end) throws IOException, InterruptedException {
        try (ServeClient client = new ServeClient(server)) {
            for (int asked = 0; asked < ANSWERS || System.nanoTime() < end;) {
                int number = random.nextInt(PROMPTS);
                boolean stream = random.nextBoolean();
                Map<String, Object> question = question(number);
                question.put("stream", stream);
                HttpResponse<String> answer = client.post("/v1/completions", question);
                if (answer.statusCode() == 429 || answer.statusCode() == 503) {
                    assertTrue(answer.headers().firstValue("Retry-After").isPresent());
                    turnedAway.increment();
                    Thread.sleep(20);
                    continue;
                }
                assertEquals(200, answer.statusCode(), answer.body());
                assertEquals(alone.get(number), stream ? streamed(answer.body())
                        : ServeClient.at(Json.parse(answer.body(), "answer"), "choices", 0, "text"));
                answered.increment();
                asked++;
            }
        }
        return null;
    }

    private static String streamed(String body) throws IOException {
        assertTrue(body.endsWith("data: [DONE]\n\n"), body);
        StringBuilder text = new StringBuilder();
        for (String line : body.lines().filter(event -> event.startsWith("data: {")).toList()) {
            text.append(ServeClient.at(Json.parse(line.substring(6), "event"), "choices", 0, "text"));
        }
        return text.toString();
    }

    private static Void vanish(ApiServer server, Random random, long end) throws IOException, InterruptedException {
        while (System.nanoTime() < end) {
            try (ServeClient client = new ServeClient(server); Socket socket = client.connect()) {
                Map<String, Object> question = question(random.nextInt(PROMPTS));
                question.put("stream", random.nextBoolean());
                question.put("max_tokens", 500);
                String body = Json.compact(question);
                socket.getOutputStream().write(("POST /v1/completions HTTP/1.1\r\nHost: localhost\r\nContent-Length: "
                        + body.length() + "\r\n\r\n" + body).getBytes(StandardCharsets.UTF_8));
                Thread.sleep(random.nextInt(50));
                InputStream in = socket.getInputStream();
                in.skipNBytes(Math.min(in.available(), random.nextInt(500)));
            }
        }
        return null;
    }

    private static Void sendRubbish(ApiServer server, Random random, long end)
            throws IOException, InterruptedException {
        while (System.nanoTime() < end) {
            try (ServeClient client = new ServeClient(server); Socket socket = client.connect()) {
                byte[] rubbish = new byte[random.nextInt(300)];
                random.nextBytes(rubbish);
                socket.getOutputStream()
                        .write(("POST /v1/completions HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
                                + "Content-Length: " + rubbish.length + "\r\n\r\n").getBytes(StandardCharsets.UTF_8));
                socket.getOutputStream().write(rubbish);
                String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
                assertTrue(answer.startsWith("HTTP/1.1 400 "), answer);
                Thread.sleep(10);
            }
        }
        return null;
    }
}
