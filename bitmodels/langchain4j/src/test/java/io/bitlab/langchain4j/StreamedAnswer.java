package io.bitlab.langchain4j;

import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.PartialResponse;
import dev.langchain4j.model.chat.response.PartialResponseContext;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CopyOnWriteArrayList;

/** Collects what a handler hears, and may cancel after some parts. */
final class StreamedAnswer implements StreamingChatResponseHandler {

    private final List<String> parts = new CopyOnWriteArrayList<>();
    private final CompletableFuture<ChatResponse> whole = new CompletableFuture<>();
    private final int cancelAfter;

    StreamedAnswer() {
        this(Integer.MAX_VALUE);
    }

    StreamedAnswer(int cancelAfter) {
        this.cancelAfter = cancelAfter;
    }

    @Override
    public void onPartialResponse(PartialResponse part, PartialResponseContext context) {
        parts.add(part.text());
        if (parts.size() == cancelAfter) {
            context.streamingHandle().cancel();
        }
    }

    @Override
    public void onCompleteResponse(ChatResponse response) {
        whole.complete(response);
    }

    @Override
    public void onError(Throwable error) {
        whole.completeExceptionally(error);
    }

    List<String> parts() {
        return parts;
    }

    boolean isDone() {
        return whole.isDone();
    }

    /** Waits for the answer; throws what the handler was told. */
    ChatResponse join() throws Throwable {
        try {
            return whole.join();
        } catch (CompletionException e) {
            throw e.getCause();
        }
    }
}
