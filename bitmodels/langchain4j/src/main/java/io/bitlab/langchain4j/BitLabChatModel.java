package io.bitlab.langchain4j;

import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.listener.ChatModelListener;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.response.ChatResponse;
import io.bitlab.models.generate.ChatTemplate;
import io.bitlab.models.generate.TextGenerator;
import java.util.List;

/**
 * A ternary language model as a chat model of LangChain4j.
 *
 * {@snippet class="io.bitlab.langchain4j.snippets.LangChain4jSnippets" region="chat"}
 *
 * <p>A request may set temperature, top-p, top-k, the number of tokens, stop sequences and JSON as the format of the
 * answer; what it leaves open is as in the generator, the seed included. What it sets beyond that, such as tools,
 * images or a JSON schema, ends it with an {@link dev.langchain4j.exception.UnsupportedFeatureException}, because an
 * answer that ignores it would be wrong. A chat that is longer than the model's context, and a value out of its range,
 * are refused with an {@link dev.langchain4j.exception.InvalidRequestException}.
 *
 * <p>An answer in JSON that reaches the number of tokens is cut, and then no JSON: the finish reason is {@code LENGTH}.
 *
 * <p>The same request gets the same answer. Interrupting the thread ends an answer early, with the finish reason
 * {@code OTHER}.
 *
 * <p><b>Thread safety:</b> threads may share one. Requests are answered in the calling thread.
 */
public final class BitLabChatModel implements ChatModel {

    private final ChatAnswers answers;
    private final List<ChatModelListener> listeners;

    private BitLabChatModel(ChatAnswers answers, List<ChatModelListener> listeners) {
        this.answers = answers;
        this.listeners = listeners;
    }

    /**
     * Makes a chat model.
     *
     * @param generator model, tokenizer, and the settings for what a request leaves open
     * @param template the format in which the model was trained to chat
     * @param listeners are told of requests, answers and errors; none allowed
     * @return the chat model
     */
    public static BitLabChatModel of(TextGenerator generator, ChatTemplate template, ChatModelListener... listeners) {
        return new BitLabChatModel(new ChatAnswers(generator, template), List.of(listeners));
    }

    @Override
    public ChatResponse doChat(ChatRequest request) {
        return answers.answer(request, text -> {}, () -> false);
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
        return "BitLabChatModel(" + answers + ")";
    }
}
