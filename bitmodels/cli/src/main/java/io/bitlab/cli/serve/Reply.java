package io.bitlab.cli.serve;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import io.bitlab.models.io.Json;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;

/**
 * The answer to a request: at once, or as server-sent events. Nothing is sent before the first part is there, so until
 * then the answer may still become an error. Every write has a deadline.
 *
 * <p>A client that has gone away is noticed only by writing to it, so {@link #heartbeat} sends what clients skip: a
 * comment between events, a space before a JSON object. All methods throw {@link UncheckedIOException} if the client is
 * gone. For one thread at a time.
 */
final class Reply {

    private static final String EVENTS = "text/event-stream; charset=utf-8";
    private static final String JSON = "application/json; charset=utf-8";
    private static final long HEARTBEAT_NANOS = 1_000_000_000L;
    private static final String RETRY_SECONDS = "2";

    private final HttpExchange exchange;
    private final Deadlines deadlines;
    private final Duration writeTime;
    private OutputStream out; // null until the headers are sent
    private boolean events;
    private int status; // 0 until the headers are sent
    private long lastWrite = System.nanoTime();

    Reply(HttpExchange exchange, Deadlines deadlines, Duration writeTime) {
        this.exchange = exchange;
        this.deadlines = deadlines;
        this.writeTime = writeTime;
        Headers headers = exchange.getResponseHeaders();
        headers.set("Cache-Control", "no-store");
        headers.set("X-Content-Type-Options", "nosniff");
    }

    /** The headers that will be sent. */
    Headers headers() {
        return exchange.getResponseHeaders();
    }

    /** The status that was sent; 0 for none. */
    int status() {
        return status;
    }

    /** Sends a JSON object and ends. */
    void json(int code, Map<String, ?> object) {
        bytes(code, JSON, Json.compact(object).getBytes(StandardCharsets.UTF_8));
    }

    /** Sends any text and ends. */
    void bytes(int code, String type, byte[] body) {
        boolean headersOnly = exchange.getRequestMethod().equals("HEAD");
        write(() -> {
            if (out == null) {
                begin(code, type, body.length == 0 || headersOnly ? -1 : body.length);
            }
            if (!headersOnly) {
                out.write(body);
            }
            end();
        });
    }

    /** Sends an error and ends; after a part of the answer, as its last part. */
    void error(ApiError error) {
        if (events) {
            event(error.toJson());
            endEvents();
            return;
        }
        if (error.mayRetry()) {
            headers().set("Retry-After", RETRY_SECONDS);
        }
        if (error.status() == 401) {
            headers().set("WWW-Authenticate", "Bearer");
        }
        json(error.status(), error.toJson());
    }

    /** Makes the answer one of events, which begins with the first of them. */
    void event(Map<String, ?> object) {
        event("data: " + Json.compact(object));
    }

    private void event(String line) {
        events = true;
        byte[] bytes = (line + "\n\n").getBytes(StandardCharsets.UTF_8);
        write(() -> {
            if (out == null) {
                headers().set("X-Accel-Buffering", "no"); // nginx would hold events back
                begin(200, EVENTS, 0);
            }
            out.write(bytes);
            out.flush();
        });
    }

    /** Ends the events. */
    void endEvents() {
        event("data: [DONE]");
        write(this::end);
    }

    /** Throws if the client is known to be gone; sends something once a second to find out. */
    void heartbeat() {
        if (System.nanoTime() - lastWrite < HEARTBEAT_NANOS) {
            return;
        }
        if (events) {
            event(":");
            return;
        }
        write(() -> {
            if (out == null) {
                begin(200, JSON, 0);
            }
            out.write(' ');
            out.flush();
        });
    }

    /** The length is 0 if it is not known, and -1 for none, as the JDK has it. */
    private void begin(int code, String type, long length) throws IOException {
        headers().set("Content-Type", type);
        exchange.sendResponseHeaders(code, length);
        status = code;
        out = exchange.getResponseBody();
    }

    private void end() throws IOException {
        out.close();
        exchange.close(); // also reads what is left of the request, so it needs the deadline
    }

    private void write(Admission.Work work) {
        deadlines.set(writeTime);
        try {
            work.run();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            deadlines.clear();
            lastWrite = System.nanoTime();
        }
    }
}
