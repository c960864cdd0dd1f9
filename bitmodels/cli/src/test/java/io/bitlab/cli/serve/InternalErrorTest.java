package io.bitlab.cli.serve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bitlab.models.generate.LogitsProcessor;
import io.bitlab.models.generate.TextGenerator;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Bugs are told to the operator, not to the client; what the client sent is told to nobody. */
class InternalErrorTest {

    private static final String KEY = "correct-horse-battery";
    private static final String BUG = "a detail of the bug";

    private final List<LogRecord> logged = new ArrayList<>();

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void detailsAreLoggedNotSent(boolean stream) throws Exception {
        HttpResponse<String> answer = answer(stream, (logits, text, length) -> {
            throw new IllegalStateException(BUG);
        });
        assertEquals(stream || waited(answer) ? 200 : 500, answer.statusCode());
        assertTrue(answer.body().contains("internal_error"), answer.body());
        assertFalse(answer.body().contains(BUG), answer.body());
        assertEquals(1, logged.size());
        assertEquals(BUG, logged.getFirst().getThrown().getMessage());
        String message = logged.getFirst().getMessage();
        assertFalse(message.contains(KEY) || message.contains("private"), message);
    }

    @Test
    void withoutMemoryItMayBeTriedAgain() throws Exception {
        HttpResponse<String> answer = answer(false, (logits, text, length) -> {
            throw new OutOfMemoryError("Java heap space");
        });
        assertEquals(waited(answer) ? 200 : 503, answer.statusCode());
        assertTrue(answer.body().contains("server_overloaded"), answer.body());
        assertEquals(1, logged.size());
    }

    /** As a session sees it whose step another one computed. */
    @Test
    void withoutMemoryInASharedStepItMayBeTriedAgain() throws Exception {
        HttpResponse<String> answer = answer(false, (logits, text, length) -> {
            throw new IllegalStateException("shared", new OutOfMemoryError("Java heap space"));
        });
        assertTrue(answer.body().contains("server_overloaded"), answer.body());
    }

    /** Whether the answer began with spaces, after a second on a busy machine: then the status was sent before. */
    private static boolean waited(HttpResponse<String> answer) {
        return answer.body().startsWith(" ");
    }

    private HttpResponse<String> answer(boolean stream, LogitsProcessor failing) throws Exception {
        TextGenerator generator = ServeClient.tiny().logits(() -> failing).build();
        Logger logger = Logger.getLogger("io.bitlab.serve");
        Handler handler = handler();
        logger.setUseParentHandlers(false);
        logger.addHandler(handler);
        try (ApiServer server = ApiServer.start(ServerOptions.local().withKey(ApiKey.of(KEY)),
                ServeClient.models(generator)); ServeClient client = new ServeClient(server)) {
            HttpRequest request = client.to("/v1/completions").header("Authorization", "Bearer " + KEY)
                    .POST(BodyPublishers.ofString("{\"prompt\": \"private\", \"stream\": " + stream + "}")).build();
            return client.send(request);
        } finally {
            logger.removeHandler(handler);
            logger.setUseParentHandlers(true);
        }
    }

    private Handler handler() {
        return new Handler() {
            @Override
            public void publish(LogRecord entry) {
                logged.add(entry);
            }

            @Override
            public void flush() {
            }

            @Override
            public void close() {
            }
        };
    }
}
