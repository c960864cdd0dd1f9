package io.bitlab.langchain4j.snippets;

import dev.langchain4j.data.embedding.Embedding;
import dev.langchain4j.data.message.ChatMessage;
import dev.langchain4j.data.message.SystemMessage;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.data.segment.TextSegment;
import dev.langchain4j.model.TokenCountEstimator;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import dev.langchain4j.model.embedding.EmbeddingModel;
import io.bitlab.langchain4j.BitLabChatModel;
import io.bitlab.langchain4j.BitLabEmbeddingModel;
import io.bitlab.langchain4j.BitLabStreamingChatModel;
import io.bitlab.langchain4j.BitLabTokenCountEstimator;
import io.bitlab.models.generate.ChatTemplate;
import io.bitlab.models.generate.TextEncoder;
import io.bitlab.models.generate.TextGenerator;
import io.bitlab.models.tokenizer.Tokenizer;
import io.bitlab.models.transformer.BitTransformer;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** Snippets in the Javadoc of {@link io.bitlab.langchain4j}. */
public final class LangChain4jSnippets {

    private LangChain4jSnippets() {
    }

    public static String chat(BitTransformer model, Tokenizer tokenizer, ChatTemplate template) {
        // @start region="chat"
        TextGenerator generator = TextGenerator.builder(model, tokenizer).maxTokens(200).build();
        ChatModel chatModel = BitLabChatModel.of(generator, template); // ChatTemplates.ofModel finds the template
        String answer = chatModel.chat("What is the capital of Germany?");
        // @end
        return answer;
    }

    public static ChatResponse stream(TextGenerator generator, ChatTemplate template) {
        // @start region="stream"
        StreamingChatModel chatModel = BitLabStreamingChatModel.of(generator, template);
        CompletableFuture<ChatResponse> whole = new CompletableFuture<>();
        chatModel.chat("Say 'Hello World'", new StreamingChatResponseHandler() {
            @Override
            public void onPartialResponse(String text) {
                System.out.print(text);
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
        ChatResponse response = whole.join();
        // @end
        return response;
    }

    public static Embedding embed(BitTransformer model, Tokenizer tokenizer) {
        // @start region="embed"
        EmbeddingModel embeddingModel = BitLabEmbeddingModel.of(TextEncoder.builder(model, tokenizer).build());
        List<Embedding> embeddings = embeddingModel
                .embedAll(List.of(TextSegment.from("a whale at sea"), TextSegment.from("a ship at sea"))).content();
        // @end
        return embeddings.getLast();
    }

    public static int count(TextGenerator generator, ChatTemplate template) {
        // @start region="count"
        TokenCountEstimator estimator = BitLabTokenCountEstimator.of(generator, template);
        List<ChatMessage> chat = List.of(SystemMessage.from("Be brief."), UserMessage.from("What is a trit?"));
        int tokens = estimator.estimateTokenCountInMessages(chat); // what the model will read
        // @end
        return tokens;
    }
}
