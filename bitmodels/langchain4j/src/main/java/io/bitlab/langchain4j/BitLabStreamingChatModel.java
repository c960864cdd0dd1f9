package io.bitlab.langchain4j;

import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.chat.listener.ChatModelListener;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import io.bitlab.models.generate.ChatTemplate;
import io.bitlab.models.generate.TextGenerator;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Executor;

/**
 * A ternary language model as a streaming chat model of LangChain4j.
 *
 * {@snippet class="io.bitlab.langchain4j.snippets.LangChain4jSnippets" region="stream"}
 *
 * <p>What a request may set: see {@link BitLabChatModel}. What is not supported, and what the executor
 * rejects, is refused at once, by an exception in the calling thread; any other error goes to the handler.
 *
 * <p>The handler can cancel an answer through the context of a partial response; the rest of it is then not generated,
 * and the handler hears no more of it. An exception that the handler throws is handed to its {@code onError}, and the
 * answer goes on.
 *
 * <p><b>Thread safety:</b> threads may share one. Each request is answered by a task of the executor, which calls the
 * handler.
 */
public final class BitLabStreamingChatModel implements StreamingChatModel {

    private final ChatAnswers answers;
    private final Executor executor;
    private final List<ChatModelListener> listeners;

    private BitLabStreamingChatModel(ChatAnswers answers, Executor executor, List<ChatModelListener> listeners) {
        this.answers = answers;
        this.executor = Objects.requireNonNull(executor, "executor");
        this.listeners = listeners;
    }

    /**
     * Makes a chat model that answers each request in a daemon thread of its own.
     *
     * @param generator model, tokenizer, and the settings for what a request leaves open
     * @param template the format in which the model was trained to chat
     * @param listeners are told of requests, answers and errors; none allowed
     * @return the chat model
     */
    public static BitLabStreamingChatModel of(TextGenerator generator, ChatTemplate template,
            ChatModelListener... listeners) {
        // no virtual threads: an answer computes all the time, and so would keep others from running
        Executor threads = task -> Thread.ofPlatform().daemon().name("bitlab-answer").start(task);
        return of(generator, template, threads, listeners);
    }

    /**
     * Makes a chat model that answers where you say, for example in a bounded pool of threads.
     *
     * @param generator model, tokenizer, and the settings for what a request leaves open
     * @param template the format in which the model was trained to chat
     * @param executor runs one task for each request; not shut down
     * @param listeners are told of requests, answers and errors; none allowed
     * @return the chat model
     */
    public static BitLabStreamingChatModel of(TextGenerator generator, ChatTemplate template, Executor executor,
            ChatModelListener... listeners) {
        return new BitLabStreamingChatModel(new ChatAnswers(generator, template), executor, List.of(listeners));
    }

    @Override
    public void doChat(ChatRequest request, StreamingChatResponseHandler handler) {
        answers.requireSupported(request); // in the caller's thread, where it is seen best
        executor.execute(() -> new AnswerStream(handler).run(answers, request));
    }

    @Override
    public ChatRequestParameters defaultRequestParameters() {
        return answers.defaults();
    }

    @Override
    public List<ChatModelListener> listeners() {
        return listeners;
    }

    @Override
    public String toString() {
        return "BitLabStreamingChatModel(" + answers + ")";
    }
}
