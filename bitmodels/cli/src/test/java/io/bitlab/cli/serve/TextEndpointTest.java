package io.bitlab.cli.serve;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bitlab.models.generate.FinishReason;
import io.bitlab.models.generate.Generation;
import io.bitlab.models.generate.LogProbabilities;
import io.bitlab.models.generate.TextGenerator;
import io.bitlab.models.grammar.Grammar;
import io.bitlab.models.io.Json;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Answers are those of the library, in the form of OpenAI. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class TextEndpointTest {

    private static final String CHAT = "/v1/chat/completions";
    private static final String COMPLETIONS = "/v1/completions";

    private final TextGenerator tiny = ServeClient.tiny().build();
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

    private Generation expected(String prompt, long seed, int tokens, String... stop) {
        return tiny.toBuilder().sampling(tiny.sampling().withSeed(seed)).maxTokens(tokens).stopStrings(stop)
                .logProbabilities(2).build().generate(prompt);
    }

    private static Map<String, Object> chat(String text, Object... more) {
        return with(Map.of("messages", List.of(Map.of("role", "user", "content", text))), more);
    }

    private static Map<String, Object> with(Map<String, ?> base, Object... more) {
        Map<String, Object> all = new HashMap<>(base);
        for (int i = 0; i < more.length; i += 2) {
            all.put((String) more[i], more[i + 1]);
        }
        return all;
    }

    private static String text(List<Map<String, Object>> events, Object... path) {
        return events.stream().filter(event -> !((List<?>) event.get("choices")).isEmpty())
                .map(event -> ServeClient.at(event, path)).filter(String.class::isInstance).map(String.class::cast)
                .collect(Collectors.joining());
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 7, -1, Long.MAX_VALUE})
    void wholeAndStreamedTextsAreThoseOfTheLibrary(long seed) throws Exception {
        Generation expected = expected("Hello", seed, 30);
        Map<String, Object> whole = client.ask(CHAT, chat("Hello", "seed", seed, "max_tokens", 30, "model", "tiny"));
        assertEquals("chat.completion", whole.get("object"));
        assertEquals("assistant", ServeClient.at(whole, "choices", 0, "message", "role"));
        assertEquals(expected.text(), ServeClient.at(whole, "choices", 0, "message", "content"));
        assertEquals(Map.of("prompt_tokens", 5, "completion_tokens", expected.tokens().length, "total_tokens",
                5 + expected.tokens().length), whole.get("usage"));
        List<Map<String, Object>> events =
                client.stream(CHAT, chat("Hello", "seed", seed, "max_completion_tokens", 30, "stream", true));
        assertEquals(expected.text(), text(events, "choices", 0, "delta", "content"));
        assertEquals("assistant", ServeClient.at(events.getFirst(), "choices", 0, "delta", "role"));
        assertEquals("length", ServeClient.at(events.getLast(), "choices", 0, "finish_reason"));
        assertFalse(events.getLast().containsKey("usage"));
        assertEquals(1, events.stream().map(event -> event.get("id")).distinct().count());
        Map<String, Object> completion = Map.of("prompt", "Hello", "seed", seed, "max_tokens", 30);
        assertEquals(expected.text(), ServeClient.at(client.ask(COMPLETIONS, completion), "choices", 0, "text"));
        assertEquals(expected.text(),
                text(client.stream(COMPLETIONS, with(completion, "stream", true)), "choices", 0, "text"));
    }

    @Test
    void streamsTellTheUsageIfAsked() throws Exception {
        List<Map<String, Object>> events = client.stream(CHAT, chat("Hello", "seed", 1, "max_tokens", 4, "stream", true,
                "stream_options", Map.of("include_usage", true)));
        assertEquals(List.of(), events.getLast().get("choices"));
        assertEquals(Map.of("prompt_tokens", 5, "completion_tokens", 4, "total_tokens", 9),
                events.getLast().get("usage"));
        assertTrue(events.getFirst().containsKey("usage"));
        assertNull(events.getFirst().get("usage"));
    }

    @Test
    void stopStringsEndTheText() throws Exception {
        String all = expected("Hello", 3, 40).text();
        String stop = all.substring(all.length() / 2, all.length() / 2 + 2);
        Generation expected = expected("Hello", 3, 40, stop);
        assertEquals(FinishReason.STOP_STRING, expected.reason());
        for (Object value : List.of(stop, List.of("\u0001never", stop))) {
            Map<String, Object> answer =
                    client.ask(CHAT, chat("Hello", "seed", 3, "max_tokens", 40, "stop", value));
            assertEquals(expected.text(), ServeClient.at(answer, "choices", 0, "message", "content"));
            assertEquals("stop", ServeClient.at(answer, "choices", 0, "finish_reason"));
        }
    }

    @Test
    void temperatureAndOthersAreHonoured() throws Exception {
        Generation expected = tiny.toBuilder().maxTokens(20)
                .sampling(tiny.sampling().withTemperature(1.5f).withTopP(0.5f).withTopK(0).withSeed(5)).build()
                .generate("Hello");
        Map<String, Object> answer = client.ask(CHAT, chat("Hello", "seed", 5, "max_tokens", 20, "temperature", 1.5,
                "top_p", 0.5, "top_k", 0, "n", 1, "presence_penalty", 0, "tools", List.of(), "user", "somebody",
                "metadata", Map.of("any", "thing")));
        assertEquals(expected.text(), ServeClient.at(answer, "choices", 0, "message", "content"));
    }

    @Test
    void withoutASeedTextsDiffer() throws Exception {
        Map<String, Object> request = chat("Hello", "max_tokens", 40);
        assertFalse(ServeClient.at(client.ask(CHAT, request), "choices", 0, "message", "content")
                .equals(ServeClient.at(client.ask(CHAT, request), "choices", 0, "message", "content")));
    }

    @Test
    void logProbabilitiesAreThoseOfTheLibrary() throws Exception {
        Generation expected = expected("Hello", 9, 12);
        Map<String, Object> request =
                chat("Hello", "seed", 9, "max_tokens", 12, "logprobs", true, "top_logprobs", 2);
        List<?> whole = (List<?>) ServeClient.at(client.ask(CHAT, request), "choices", 0, "logprobs", "content");
        List<Object> streamed = new ArrayList<>();
        for (Map<String, Object> event : client.stream(CHAT, with(request, "stream", true))) {
            if (ServeClient.at(event, "choices", 0, "logprobs") instanceof Map<?, ?> told) {
                streamed.addAll((List<?>) told.get("content"));
            }
        }
        assertEquals(whole, streamed);
        Map<?, ?> completion = (Map<?, ?>) ServeClient.at(client.ask(COMPLETIONS,
                Map.of("prompt", "Hello", "seed", 9, "max_tokens", 12, "logprobs", 2)), "choices", 0, "logprobs");
        assertEquals(12, whole.size());
        for (int i = 0; i < whole.size(); i++) {
            LogProbabilities token = expected.logProbabilities().get(i);
            assertEquals(token.chosen().text(), ServeClient.at(whole, i, "token"));
            assertEquals(token.chosen().logProbability(), ServeClient.at(whole, i, "logprob"));
            assertEquals(Byte.toUnsignedInt(token.chosen().bytes()[0]), ServeClient.at(whole, i, "bytes", 0));
            assertEquals(token.mostLikely().get(1).logProbability(),
                    ServeClient.at(whole, i, "top_logprobs", 1, "logprob"));
            assertEquals(token.chosen().text(), ServeClient.at(completion, "tokens", i));
            assertEquals(token.chosen().logProbability(), ServeClient.at(completion, "token_logprobs", i));
        }
    }

    @Test
    void jsonModeWritesJson() throws Exception {
        Map<String, Object> answer = client.ask(CHAT, chat("{", "seed", 2, "max_tokens", 200, "temperature", 0.1,
                "response_format", Map.of("type", "json_object")));
        Generation expected = tiny.toBuilder().maxTokens(200).grammar(Grammar.jsonObject())
                .sampling(tiny.sampling().withTemperature(0.1f).withSeed(2)).build().generate("{");
        assertEquals(expected.text(), ServeClient.at(answer, "choices", 0, "message", "content"));
        assertTrue(expected.text().strip().startsWith("{"), expected.text());
    }

    @Test
    void promptsMayBeTokensOrPartsOfMessages() throws Exception {
        Generation expected = expected("Hello", 4, 10);
        int[] tokens = tiny.tokenizer().encode("Hello");
        assertArrayEquals(new int[] {72, 101, 108, 108, 111}, tokens);
        for (Object prompt : List.of(Arrays.stream(tokens).boxed().toList(), List.of("Hello"),
                List.of(Arrays.stream(tokens).boxed().toList()))) {
            assertEquals(expected.text(), ServeClient.at(client.ask(COMPLETIONS,
                    Map.of("prompt", prompt, "seed", 4, "max_tokens", 10)), "choices", 0, "text"));
        }
        assertEquals(expected.text(), ServeClient.at(client.ask(CHAT, Map.of("seed", 4, "max_tokens", 10, "messages",
                List.of(Map.of("role", "user", "content", List.of(Map.of("type", "text", "text", "Hel"),
                        Map.of("type", "text", "text", "lo")))))),
                "choices", 0, "message", "content"));
    }

    @Test
    void theContextIsRespected() throws Exception {
        HttpResponse<String> answer = client.post(CHAT, chat("x".repeat(513)));
        assertEquals(400, answer.statusCode());
        assertEquals("context_length_exceeded",
                ServeClient.at(Json.parse(answer.body(), "answer"), "error", "code"), answer.body());
        Map<String, Object> full = client.ask(CHAT, chat("x".repeat(510), "seed", 1));
        assertEquals("length", ServeClient.at(full, "choices", 0, "finish_reason"));
        assertEquals(3, ServeClient.at(full, "usage", "completion_tokens"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
        "{} | messages", "{\"messages\": []} | messages", "{\"messages\": 3} | messages",
        "{\"messages\": [{\"role\": \"king\", \"content\": \"x\"}]} | messages",
        "{\"messages\": [{\"role\": \"tool\", \"content\": \"x\"}]} | messages",
        "{\"messages\": [{\"role\": \"user\"}]} | messages",
        "{\"messages\": [{\"role\": \"user\", \"content\": [{\"type\": \"image_url\"}]}]} | messages",
        "{MESSAGES, \"temperature\": \"hot\"} | temperature", "{MESSAGES, \"temperature\": 2.5} | temperature",
        "{MESSAGES, \"temperature\": -1} | temperature", "{MESSAGES, \"top_p\": 0} | top_p",
        "{MESSAGES, \"max_tokens\": 0} | max_tokens", "{MESSAGES, \"max_tokens\": 1025} | max_tokens",
        "{MESSAGES, \"max_completion_tokens\": 99999999999} | max_completion_tokens",
        "{MESSAGES, \"seed\": 1.5} | seed", "{MESSAGES, \"stop\": \"\"} | stop", "{MESSAGES, \"stop\": [1]} | stop",
        "{MESSAGES, \"stream\": 1} | stream", "{MESSAGES, \"n\": 2} | n", "{MESSAGES, \"model\": 1} | model",
        "{MESSAGES, \"top_logprobs\": 3} | top_logprobs", "{MESSAGES, \"logit_bias\": {\"1\": 5}} | logit_bias",
        "{MESSAGES, \"tools\": [{\"type\": \"function\"}]} | tools",
        "{MESSAGES, \"tool_choice\": \"required\"} | tool_choice",
        "{\"messages\": [{\"role\": \"assistant\", \"content\": \"x\", \"tool_calls\": [{}]}]} | messages",
        "{MESSAGES, \"frequency_penalty\": 0.5} | frequency_penalty",
        "{MESSAGES, \"modalities\": [\"audio\"]} | modalities",
        "{MESSAGES, \"response_format\": {\"type\": \"json_schema\"}} | response_format"})
    void whatCannotBeHonouredIsRefused(String body, String parameter) throws Exception {
        HttpResponse<String> answer = client.post(CHAT, Json.parse(
                body.replace("MESSAGES", "\"messages\": [{\"role\": \"user\", \"content\": \"x\"}]"), "test"));
        assertEquals(400, answer.statusCode(), answer.body());
        Map<String, Object> error = Json.parse(answer.body(), "answer");
        assertEquals("invalid_request_error", ServeClient.at(error, "error", "type"));
        assertEquals(parameter, ServeClient.at(error, "error", "param"), answer.body());
    }

    @ParameterizedTest
    @ValueSource(strings = {"{}", "{\"prompt\": [\"a\", \"b\"]}", "{\"prompt\": [[1], [2]]}", "{\"prompt\": [300]}",
        "{\"prompt\": [-1]}", "{\"prompt\": \"\"}", "{\"prompt\": []}", "{\"prompt\": \"a\", \"echo\": true}",
        "{\"prompt\": \"a\", \"suffix\": \"b\"}", "{\"prompt\": \"a\", \"best_of\": 2}",
        "{\"prompt\": \"a\", \"logprobs\": 21}"})
    void completionsThatCannotBeHonouredAreRefused(String body) throws Exception {
        HttpResponse<String> answer = client.post(COMPLETIONS, Json.parse(body, "test"));
        assertEquals(400, answer.statusCode(), answer.body());
    }
}
