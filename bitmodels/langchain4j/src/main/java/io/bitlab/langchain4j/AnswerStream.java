package io.bitlab.langchain4j;

import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.PartialResponse;
import dev.langchain4j.model.chat.response.PartialResponseContext;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import dev.langchain4j.model.chat.response.StreamingHandle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One answer on its way to its handler, which may cancel it, from any thread. */
final class AnswerStream implements StreamingHandle {

    private static final Logger LOG = LoggerFactory.getLogger(AnswerStream.class);

    private final StreamingChatResponseHandler handler;
    private final PartialResponseContext context = new PartialResponseContext(this);
    private volatile boolean cancelled;

    AnswerStream(StreamingChatResponseHandler handler) {
        this.handler = handler;
    }

    void run(ChatAnswers answers, ChatRequest request) {
        ChatResponse response;
        try {
            response = answers.answer(request,
                    part -> tell(() -> handler.onPartialResponse(new PartialResponse(part), context)), () -> cancelled);
        } catch (RuntimeException | Error e) { // somebody waits for the handler, whatever went wrong
            fail(e);
            return;
        }
        tell(() -> handler.onCompleteResponse(response));
    }

    /** A handler that throws is told so, and the answer goes on, as with LangChain4j's other models. */
    private void tell(Runnable event) {
        if (cancelled) {
            return;
        }
        try {
            event.run();
        } catch (RuntimeException e) {
            fail(e);
        }
    }

    private void fail(Throwable error) {
        if (cancelled) { // it wants to hear nothing more
            LOG.debug("A cancelled answer failed", error);
            return;
        }
        try {
            handler.onError(error);
        } catch (RuntimeException e) {
            LOG.warn("The handler of a streamed answer failed when it was told of an error, which is ignored", e);
        }
    }

    @Override
    public void cancel() {
        cancelled = true;
    }

    @Override
    public boolean isCancelled() {
        return cancelled;
    }
}
