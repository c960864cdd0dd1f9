package io.bitlab.cli.serve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bitlab.models.generate.LogitsProcessor;
import io.bitlab.models.generate.TextGenerator;
import io.bitlab.models.io.Json;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** How a server stops. */
@Timeout(60)
class GracefulStopTest {

    private static final Map<String, Object> LONG = Map.of("prompt", "Hello", "max_tokens", 400, "seed", 1);

    private final CountDownLatch begun = new CountDownLatch(1);
    private final Semaphore tokens = new Semaphore(0);

    /** A server whose generations get a token for each permit, and a client that waits for a long answer. */
    private ApiServer server(ServerLimits limits) throws IOException {
        LogitsProcessor slow = (logits, text, length) -> {
            begun.countDown();
            tokens.acquireUninterruptibly();
        };
        TextGenerator generator = ServeClient.tiny().logits(() -> slow).build();
        return ApiServer.start(ServerOptions.local().withLimits(limits), ServeClient.models(generator));
    }

    private static CompletableFuture<HttpResponse<String>> ask(ServeClient client) {
        CompletableFuture<HttpResponse<String>> answer = new CompletableFuture<>();
        Thread.ofVirtual().start(() -> {
            try {
                answer.complete(client.post("/v1/completions", LONG));
            } catch (IOException | InterruptedException e) {
                answer.completeExceptionally(e);
            }
        });
        return answer;
    }

    @Test
    void runningAnswersEndAndNewRequestsAreRefused() throws Exception {
        ApiServer server = server(ServerLimits.DEFAULTS);
        try (ServeClient client = new ServeClient(server)) {
            CompletableFuture<HttpResponse<String>> answer = ask(client);
            begun.await();
            Thread stop = Thread.ofVirtual().start(() -> server.close(Duration.ofSeconds(40)));
            while (client.get("/health").statusCode() == 200) {
                Thread.sleep(5);
            }
            HttpResponse<String> refused = client.post("/v1/completions", LONG);
            assertEquals(503, refused.statusCode());
            assertEquals("2", refused.headers().firstValue("Retry-After").orElseThrow());
            tokens.release(1000);
            Map<String, Object> whole = Json.parse(answer.get().body(), "answer");
            assertEquals(400, ServeClient.at(whole, "usage", "completion_tokens"));
            stop.join();
            assertThrows(IOException.class, () -> client.get("/health"));
        }
    }

    @Test
    void answersThatTakeTooLongAreCut() throws Exception {
        ApiServer server = server(ServerLimits.DEFAULTS);
        try (ServeClient client = new ServeClient(server)) {
            CompletableFuture<HttpResponse<String>> answer = ask(client);
            begun.await();
            Thread stop = Thread.ofVirtual().start(() -> server.close(Duration.ofMillis(1)));
            while (!answer.isDone()) { // a token now and then
                tokens.release();
                Thread.sleep(20);
            }
            Map<String, Object> part = Json.parse(answer.get().body(), "answer");
            assertEquals("length", ServeClient.at(part, "choices", 0, "finish_reason"));
            assertTrue((Integer) ServeClient.at(part, "usage", "completion_tokens") < 400);
            stop.join();
        }
    }

    @Test
    void soAreThoseThatExceedTheTimeLimit() throws Exception {
        ServerLimits limits = ServerLimits.DEFAULTS.withAnswer(1024, Duration.ofMillis(50), Duration.ofSeconds(5));
        try (ApiServer server = server(limits); ServeClient client = new ServeClient(server)) {
            CompletableFuture<HttpResponse<String>> answer = ask(client);
            while (!answer.isDone()) {
                tokens.release();
                Thread.sleep(20);
            }
            Map<String, Object> part = Json.parse(answer.get().body(), "answer");
            assertEquals("length", ServeClient.at(part, "choices", 0, "finish_reason"));
            assertTrue((Integer) ServeClient.at(part, "usage", "completion_tokens") < 400);
        }
    }
}
