package io.bitlab.cli.serve;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.exception.AuthenticationException;
import dev.langchain4j.exception.InvalidRequestException;
import dev.langchain4j.exception.ModelNotFoundException;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import dev.langchain4j.model.openai.OpenAiChatModel;
import dev.langchain4j.model.openai.OpenAiEmbeddingModel;
import dev.langchain4j.model.openai.OpenAiStreamingChatModel;
import dev.langchain4j.model.output.FinishReason;
import io.bitlab.models.generate.Generation;
import io.bitlab.models.generate.TextEncoder;
import io.bitlab.models.generate.TextGenerator;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** The server as LangChain4j's client of OpenAI sees it. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class LangChain4jClientTest {

    private static final String KEY = "correct-horse-battery";

    private final TextGenerator tiny = ServeClient.tiny().build();
    private final Generation expected =
            tiny.toBuilder().sampling(tiny.sampling().withSeed(7)).maxTokens(20).build().generate("Hello");
    private ApiServer server;

    @BeforeAll
    void start() throws IOException {
        server = ApiServer.start(ServerOptions.local().withKey(ApiKey.of(KEY)), ServeClient.models(tiny));
    }

    @AfterAll
    void stop() {
        server.close();
    }

    private String url() {
        return server.uri() + "/v1";
    }

    private OpenAiChatModel.OpenAiChatModelBuilder chat() {
        return OpenAiChatModel.builder().baseUrl(url()).apiKey(KEY).modelName("tiny").seed(7).maxTokens(20)
                .maxRetries(0);
    }

    @Test
    void chats() {
        ChatResponse answer = chat().build().chat(ChatRequest.builder().messages(UserMessage.from("Hello")).build());
        assertEquals(expected.text(), answer.aiMessage().text());
        assertEquals(FinishReason.LENGTH, answer.finishReason());
        assertEquals(5, answer.tokenUsage().inputTokenCount());
        assertEquals(20, answer.tokenUsage().outputTokenCount());
    }

    @Test
    void streams() throws Exception {
        StringBuilder pieces = new StringBuilder();
        CompletableFuture<ChatResponse> whole = new CompletableFuture<>();
        OpenAiStreamingChatModel.builder().baseUrl(url()).apiKey(KEY).modelName("tiny").seed(7).maxTokens(20).build()
                .chat("Hello", new StreamingChatResponseHandler() {
                    @Override
                    public void onPartialResponse(String piece) {
                        pieces.append(piece);
                    }

                    @Override
                    public void onCompleteResponse(ChatResponse response) {
                        whole.complete(response);
                    }

                    @Override
                    public void onError(Throwable error) {
                        whole.completeExceptionally(error);
                    }
                });
        ChatResponse answer = whole.get();
        assertEquals(expected.text(), answer.aiMessage().text());
        assertEquals(expected.text(), pieces.toString());
        assertEquals(20, answer.tokenUsage().outputTokenCount());
    }

    @Test
    void embeds() {
        float[] vector = OpenAiEmbeddingModel.builder().baseUrl(url()).apiKey(KEY).modelName("tiny").maxRetries(0)
                .build().embed("Hello").content().vector();
        assertArrayEquals(TextEncoder.builder(tiny.model(), tiny.tokenizer()).build().encode("Hello"), vector);
    }

    @Test
    void errorsAreOfTheRightKind() {
        assertThrows(AuthenticationException.class, () -> chat().apiKey("wrong-key").build().chat("Hello"));
        assertThrows(ModelNotFoundException.class, () -> chat().modelName("other").build().chat("Hello"));
        InvalidRequestException hot =
                assertThrows(InvalidRequestException.class, () -> chat().temperature(3.0).build().chat("Hello"));
        assertTrue(hot.getMessage().contains("temperature is 3"), hot.getMessage());
    }
}
