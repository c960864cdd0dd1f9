package io.bitlab.langchain4j;

import dev.langchain4j.data.message.ChatMessage;
import dev.langchain4j.model.TokenCountEstimator;
import io.bitlab.models.generate.ChatTemplate;
import io.bitlab.models.generate.TextGenerator;
import java.util.List;
import java.util.Objects;
import java.util.stream.StreamSupport;

/**
 * Counts tokens as the model reads them: exactly, though LangChain4j calls it an estimate.
 *
 * {@snippet class="io.bitlab.langchain4j.snippets.LangChain4jSnippets" region="count"}
 *
 * <p>The count of messages is that of the chat as the model reads it, from the beginning of the text to where the
 * answer begins: the input tokens in the usage of {@link BitLabChatModel}. So several messages count less than the sum
 * of their counts. Messages that are not supported, such as images, end a count with an
 * {@link dev.langchain4j.exception.UnsupportedFeatureException}, a text with a character that the vocabulary lacks with
 * an {@link IllegalArgumentException}.
 *
 * <p><b>Thread safety:</b> threads may share one.
 */
public final class BitLabTokenCountEstimator implements TokenCountEstimator {

    private final TextGenerator generator;
    private final ChatTemplate template;

    private BitLabTokenCountEstimator(TextGenerator generator, ChatTemplate template) {
        this.generator = Objects.requireNonNull(generator, "generator");
        this.template = Objects.requireNonNull(template, "template");
    }

    /**
     * Makes an estimator.
     *
     * @param generator model and tokenizer
     * @param template the format in which the model was trained to chat
     * @return the estimator
     */
    public static BitLabTokenCountEstimator of(TextGenerator generator, ChatTemplate template) {
        return new BitLabTokenCountEstimator(generator, template);
    }

    @Override
    public int estimateTokenCountInText(String text) {
        return generator.tokenizer().encode(text).length;
    }

    @Override
    public int estimateTokenCountInMessage(ChatMessage message) {
        return estimateTokenCountInMessages(List.of(message));
    }

    @Override
    public int estimateTokenCountInMessages(Iterable<ChatMessage> messages) {
        List<ChatMessage> all = StreamSupport.stream(messages.spliterator(), false).toList();
        return generator.count(Messages.of(all), template);
    }
}
