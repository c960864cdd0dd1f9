package io.bitlab.cli.serve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bitlab.models.generate.ChatMessage;
import io.bitlab.models.generate.ChatTemplate;
import io.bitlab.models.generate.LogitsProcessor;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The page of the server in a real browser. Runs where there is Chromium. */
@Tag("long")
class ChatPageTest {

    private static final String ANSWERS = "[...document.querySelectorAll('#log .assistant')].map(p => p.textContent)";
    private static final String LAST_ANSWER = ANSWERS + ".at(-1)";
    private static final String READY = "!document.getElementById('send').disabled";
    private static final String MARKUP = "<img src=x onerror=\"document.title='broken in'\"> & <b>ü€😀</b>";

    /** What the model will say, an answer after the other. */
    private final Queue<String> answers = new ConcurrentLinkedQueue<>();

    /** A permit for each token that the model may say now. */
    private final Semaphore tokens = new Semaphore(0);

    /** The chats that the server was asked to continue. */
    private final Queue<List<String>> chats = new ConcurrentLinkedQueue<>();

    @TempDir
    private Path profile;

    /** Spells an answer, a byte as soon as the test permits it, and then blanks. */
    private LogitsProcessor speaker() {
        Queue<Byte> bytes = new ArrayDeque<>();
        for (byte b : answers.remove().getBytes(StandardCharsets.UTF_8)) {
            bytes.add(b);
        }
        return (logits, _, _) -> {
            tokens.acquireUninterruptibly();
            Arrays.fill(logits, Float.NEGATIVE_INFINITY);
            logits[bytes.isEmpty() ? ' ' : bytes.remove() & 0xff] = 0;
        };
    }

    private ServedModels models() {
        ChatTemplate remembering = (messages, prompt) -> {
            chats.add(messages.stream().map(ChatMessage::content).toList());
            ChatTemplate.PLAIN.write(messages, prompt);
        };
        return ServedModels.none().with("tiny",
                new LanguageModel(ServeClient.tiny().logits(this::speaker).build(), remembering, false));
    }

    private static void ask(HeadlessBrowser page, String question) throws Exception {
        page.type("text", question);
        page.pressEnter();
    }

    @Test
    void aChat() throws Exception {
        try (ApiServer server = ApiServer.start(ServerOptions.local(), models());
                HeadlessBrowser page = HeadlessBrowser.open(server.uri(), profile)) {
            page.await("document.getElementById('title').textContent", "BitLab: tiny");

            // An answer appears as it is said.
            answers.add("Call me Ishmael.");
            page.type("tokens", "16");
            ask(page, "Who are <b>you</b>?");
            for (String said : List.of("Call", "Call me ", "Call me Ishm")) {
                tokens.release(4);
                page.await(LAST_ANSWER, said);
                assertEquals(false, page.evaluate(READY));
            }
            tokens.release(4);
            page.await(READY, true);
            assertEquals("Call me Ishmael.", page.evaluate(LAST_ANSWER));
            assertEquals("16 tokens", page.evaluate("document.querySelector('#log .note').textContent"));

            // Markup of either side stays text.
            answers.add(MARKUP);
            page.type("tokens", Integer.toString(MARKUP.getBytes(StandardCharsets.UTF_8).length));
            tokens.release(1000);
            ask(page, MARKUP);
            page.await(READY, true);
            assertEquals(MARKUP, page.evaluate(LAST_ANSWER));
            assertEquals(List.of("Who are <b>you</b>?", MARKUP),
                    page.evaluate("[...document.querySelectorAll('#log .user')].map(p => p.textContent)"));
            assertEquals(0, page.evaluate("document.querySelectorAll('#log :not(p)').length"));
            assertEquals("BitLab", page.evaluate("document.title"));
            tokens.drainPermits();

            // Stop ends the answer here and on the server, and what was said stays.
            answers.add("It goes on and on");
            page.type("tokens", "200");
            ask(page, "More");
            tokens.release(5);
            page.await(LAST_ANSWER, "It go");
            page.click("stop");
            page.await(READY, true);
            assertEquals("It go", page.evaluate(LAST_ANSWER));
            try (ServeClient client = new ServeClient(server)) {
                while (!client.get("/metrics").body().contains("\nbitlab_answers_running 0\n")) {
                    tokens.release(); // the next token finds that nobody reads
                }
                String metrics = client.get("/metrics").body();
                assertTrue(metrics.contains("\nbitlab_clients_gone_total 1\n"), metrics);
            }
            tokens.drainPermits();

            // The chat goes on from there.
            answers.add("Yes.");
            page.type("tokens", "4");
            tokens.release(4);
            ask(page, "Still there?");
            page.await(READY, true);
            assertEquals("Yes.", page.evaluate(LAST_ANSWER));
            assertEquals(List.of(List.of("Who are <b>you</b>?"),
                    List.of("Who are <b>you</b>?", "Call me Ishmael.", MARKUP),
                    List.of("Who are <b>you</b>?", "Call me Ishmael.", MARKUP, MARKUP, "More"),
                    List.of("Who are <b>you</b>?", "Call me Ishmael.", MARKUP, MARKUP, "More", "It go",
                            "Still there?")),
                    List.copyOf(chats));

            page.click("clear");
            assertEquals("", page.evaluate("document.getElementById('log').textContent"));
            assertEquals(List.of(), page.errors());
            assertEquals(List.of(), page.requests().stream()
                    .filter(url -> !url.startsWith(server.uri().toString()) && !url.startsWith("data:")).toList());
        }
    }

    @Test
    void aKeyIsAskedForAndKept() throws Exception {
        String key = "correct-horse-battery";
        try (ApiServer server = ApiServer.start(ServerOptions.local().withKey(ApiKey.of(key)), models());
                HeadlessBrowser page = HeadlessBrowser.open(server.uri(), profile)) {
            ask(page, "Hello");
            page.await("document.querySelector('#log .error')?.textContent.includes('key')", true);
            assertEquals("BitLab", page.evaluate("document.getElementById('title').textContent"));

            page.type("key", key);
            page.click("text");
            page.await("document.getElementById('title').textContent", "BitLab: tiny");
            answers.add("Hi.");
            tokens.release(3);
            page.type("tokens", "3");
            ask(page, "Hello");
            page.await(LAST_ANSWER, "Hi.");
            page.evaluate("location.reload()");
            page.await("document.getElementById('title')?.textContent", "BitLab: tiny");
        }
    }
}
