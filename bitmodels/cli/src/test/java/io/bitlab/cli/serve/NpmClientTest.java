package io.bitlab.cli.serve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bitlab.models.generate.Generation;
import io.bitlab.models.generate.TextEncoder;
import io.bitlab.models.generate.TextGenerator;
import io.bitlab.models.grammar.Grammar;
import io.bitlab.models.io.Json;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The server as OpenAI's own client for Node.js sees it. Runs where NODE_PATH has the npm package openai. */
@Tag("long")
class NpmClientTest {

    private static final String KEY = "correct-horse-battery";

    private static String node(String... arguments) throws IOException, InterruptedException {
        String[] command = new String[arguments.length + 1];
        command[0] = "node";
        System.arraycopy(arguments, 0, command, 1, arguments.length);
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return process.waitFor() == 0 ? output : "failed: " + output;
    }

    private static boolean hasClient() throws InterruptedException {
        try {
            return !node("-e", "require('openai')").startsWith("failed");
        } catch (IOException _) { // no Node.js
            return false;
        }
    }

    @Test
    void everythingIsUnderstood() throws IOException, InterruptedException, URISyntaxException {
        Assumptions.assumeTrue(hasClient(), "needs node, and the npm package openai in NODE_PATH");
        TextGenerator tiny = ServeClient.tiny().build();
        TextGenerator seeded = tiny.toBuilder().sampling(tiny.sampling().withSeed(7)).maxTokens(20).build();
        Generation expected = seeded.generate("Hello");
        try (ApiServer server =
                ApiServer.start(ServerOptions.local().withKey(ApiKey.of(KEY)), ServeClient.models(tiny))) {
            Path script = Path.of(NpmClientTest.class.getResource("openai-client.cjs").toURI());
            String output = node(script.toString(), server.uri() + "/v1", KEY);
            Map<String, Object> found = Json.parse(output, "output of node: " + output);
            assertEquals("tiny", found.get("models"));
            assertEquals("tiny", found.get("model"));
            assertEquals(expected.text(), found.get("chat"));
            assertEquals(expected.text(), found.get("stream"));
            assertEquals(expected.text(), found.get("completion"));
            assertEquals("length", found.get("reason"));
            assertEquals(25, found.get("tokens"));
            assertEquals(25, found.get("streamTokens"));
            assertEquals(20, found.get("logprobs"));
            assertEquals(seeded.toBuilder().maxTokens(150).grammar(Grammar.jsonObject()).build().generate("Hello")
                    .text(), found.get("json"));
            assertEquals(TextEncoder.builder(tiny.model(), tiny.tokenizer()).build().encode("Hello")[0],
                    ((Number) found.get("embedding")).floatValue());
            assertEquals("AuthenticationError 401 invalid_api_key ", found.get("wrongKey"));
            assertEquals("NotFoundError 404 model_not_found model", found.get("wrongModel"));
            assertTrue(found.get("wrongValue").toString().startsWith("BadRequestError 400"), output);
        }
    }
}
