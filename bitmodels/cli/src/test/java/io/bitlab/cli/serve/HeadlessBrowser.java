package io.bitlab.cli.serve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.bitlab.models.io.Json;
import io.bitlab.models.io.ModelFormatException;
import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/**
 * A page in a Chromium without a window, as a person uses it: it types, presses keys and clicks. Spoken to by the
 * <a href="https://chromedevtools.github.io/devtools-protocol/">DevTools protocol</a>.
 */
final class HeadlessBrowser implements AutoCloseable {

    private static final List<String> NAMES =
            List.of("chromium", "chromium-browser", "google-chrome", "google-chrome-stable");
    private static final long PATIENCE_SECONDS = 60;

    private final Process process;
    private final HttpClient http = HttpClient.newHttpClient();
    private final WebSocket socket;
    private final AtomicInteger lastId = new AtomicInteger();
    private final Map<Integer, CompletableFuture<Map<?, ?>>> replies = new ConcurrentHashMap<>();
    private final List<String> errors = new CopyOnWriteArrayList<>();
    private final List<String> requests = new CopyOnWriteArrayList<>();
    private String session = "";

    private HeadlessBrowser(Process process, URI devTools) {
        this.process = process;
        this.socket = http.newWebSocketBuilder().buildAsync(devTools, new Messages()).join();
    }

    /** Opens a page; skips the test where there is no Chromium. */
    static HeadlessBrowser open(URI page, Path profile) throws Exception {
        Optional<Path> program = Stream.of(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator))
                .flatMap(folder -> NAMES.stream().map(name -> Path.of(folder, name))).filter(Files::isExecutable)
                .findFirst();
        assumeTrue(program.isPresent(), () -> "needs a browser on the PATH, one of " + NAMES);
        // No sandbox: root has none, and the only page is our own.
        Process process = new ProcessBuilder(program.get().toString(), "--headless=new", "--no-sandbox",
                "--disable-gpu", "--no-first-run", "--user-data-dir=" + profile, "--remote-debugging-port=0",
                "about:blank").redirectErrorStream(true).redirectOutput(profile.resolve("log.txt").toFile()).start();
        HeadlessBrowser browser = new HeadlessBrowser(process, devTools(process, profile));
        Object target = browser.call("Target.createTarget", Map.of("url", "about:blank")).get("targetId");
        browser.session = browser.call("Target.attachToTarget", Map.of("targetId", target, "flatten", true))
                .get("sessionId").toString();
        for (String domain : List.of("Runtime", "Log", "Network", "Page")) {
            browser.call(domain + ".enable", Map.of());
        }
        browser.call("Page.navigate", Map.of("url", page.toString()));
        browser.await("document.readyState", "complete");
        return browser;
    }

    private static URI devTools(Process process, Path profile) throws Exception {
        Path file = profile.resolve("DevToolsActivePort");
        while (!Files.exists(file) || Files.readAllLines(file).size() < 2) {
            assertTrue(process.isAlive(), () -> log(profile));
            Thread.sleep(20);
        }
        List<String> lines = Files.readAllLines(file);
        return URI.create("ws://127.0.0.1:" + lines.get(0) + lines.get(1));
    }

    private static String log(Path profile) {
        try {
            return Files.readString(profile.resolve("log.txt"));
        } catch (IOException e) {
            return e.toString();
        }
    }

    private Map<?, ?> call(String method, Map<String, ?> parameters) throws Exception {
        Map<String, Object> message = new HashMap<>(Map.of("id", lastId.incrementAndGet(), "method", method,
                "params", parameters));
        if (!session.isEmpty()) {
            message.put("sessionId", session);
        }
        CompletableFuture<Map<?, ?>> reply = new CompletableFuture<>();
        replies.put((Integer) message.get("id"), reply);
        socket.sendText(Json.compact(message), true).join();
        return reply.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }

    /** The value of an expression of JavaScript. */
    Object evaluate(String expression) throws Exception {
        Map<?, ?> reply = call("Runtime.evaluate", Map.of("expression", expression, "returnByValue", true));
        assertEquals(null, reply.get("exceptionDetails"), expression);
        return ((Map<?, ?>) reply.get("result")).get("value");
    }

    /** Waits until an expression has a value. */
    void await(String expression, Object expected) throws Exception {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        Object found = evaluate(expression);
        while (!Objects.equals(expected, found) && System.nanoTime() < end) {
            Thread.sleep(20);
            found = evaluate(expression);
        }
        assertEquals(expected, found, expression);
    }

    /** Clicks into an element, given by its id, with the mouse. */
    void click(String id) throws Exception {
        String box = "document.getElementById('" + id + "').getBoundingClientRect()";
        Object x = evaluate(box + ".x + " + box + ".width / 2");
        Object y = evaluate(box + ".y + " + box + ".height / 2");
        for (String event : List.of("mousePressed", "mouseReleased")) {
            call("Input.dispatchMouseEvent",
                    Map.of("type", event, "x", x, "y", y, "button", "left", "clickCount", 1));
        }
    }

    /** Types into an element in place of what it holds. */
    void type(String id, String text) throws Exception {
        click(id);
        evaluate("document.getElementById('" + id + "').select()");
        call("Input.insertText", Map.of("text", text));
    }

    /** Presses the Enter key. */
    void pressEnter() throws Exception {
        for (String event : List.of("keyDown", "keyUp")) {
            call("Input.dispatchKeyEvent", Map.of("type", event, "key", "Enter", "code", "Enter",
                    "windowsVirtualKeyCode", 13, "text", event.equals("keyDown") ? "\r" : ""));
        }
    }

    /** What the page reported as errors. */
    List<String> errors() {
        return errors;
    }

    /** The addresses that the page has asked. */
    List<String> requests() {
        return requests;
    }

    @Override
    public void close() {
        session = ""; // the browser itself is asked to end; killed, it would leave files behind
        socket.sendText(Json.compact(Map.of("id", lastId.incrementAndGet(), "method", "Browser.close")), true)
                .join();
        process.onExit().completeOnTimeout(process, PATIENCE_SECONDS, TimeUnit.SECONDS).join();
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly().onExit().join(); // until then it writes into its profile
        http.shutdownNow();
    }

    /** Replies, and what the page reports. */
    private final class Messages implements WebSocket.Listener {

        private final StringBuilder text = new StringBuilder();

        @Override
        public CompletionStage<?> onText(WebSocket from, CharSequence part, boolean last) {
            text.append(part);
            if (last) {
                try {
                    take(Json.parse(text.toString(), "message of the browser"));
                } catch (ModelFormatException e) {
                    errors.add(e.getMessage());
                }
                text.setLength(0);
            }
            from.request(1);
            return CompletableFuture.completedStage(null);
        }

        private void take(Map<String, Object> message) {
            if (message.get("id") instanceof Number id) {
                CompletableFuture<Map<?, ?>> reply = replies.remove(id.intValue());
                if (reply == null) {
                    return; // nobody waits for the answer to the last one
                }
                if (message.get("result") instanceof Map<?, ?> result) {
                    reply.complete(result);
                } else {
                    reply.completeExceptionally(new AssertionError(message.get("error")));
                }
            } else if (message.get("params") instanceof Map<?, ?> event) {
                switch (message.get("method").toString()) {
                    case "Runtime.exceptionThrown" -> errors.add(event.toString());
                    case "Log.entryAdded" -> {
                        if (event.toString().contains("level=error")) {
                            errors.add(event.toString());
                        }
                    }
                    case "Network.requestWillBeSent" ->
                            requests.add(((Map<?, ?>) event.get("request")).get("url").toString());
                    default -> {} // other events
                }
            }
        }
    }
}
