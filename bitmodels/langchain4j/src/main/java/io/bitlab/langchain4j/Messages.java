package io.bitlab.langchain4j;

import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.Content;
import dev.langchain4j.data.message.SystemMessage;
import dev.langchain4j.data.message.TextContent;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.exception.UnsupportedFeatureException;
import io.bitlab.models.generate.ChatMessage;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** LangChain4j's messages as ours. */
final class Messages {

    private Messages() {
    }

    static List<ChatMessage> of(List<dev.langchain4j.data.message.ChatMessage> messages) {
        return messages.stream().map(Messages::of).toList();
    }

    private static ChatMessage of(dev.langchain4j.data.message.ChatMessage message) {
        return switch (message) {
            case SystemMessage system -> ChatMessage.system(system.text());
            case UserMessage user when user.name() != null -> throw unsupported("names of users; write the name into"
                    + " the text");
            case UserMessage user -> ChatMessage.user(text(user.contents()));
            case AiMessage ai when ai.hasToolExecutionRequests() -> throw unsupported("tools, and so no calls of them");
            case AiMessage ai -> ChatMessage.assistant(ai.text() == null ? "" : ai.text());
            default -> throw unsupported("messages of type " + message.type());
        };
    }

    private static String text(List<Content> contents) {
        return contents.stream().map(Messages::text).collect(Collectors.joining("\n"));
    }

    private static String text(Content content) {
        if (content instanceof TextContent text) {
            return text.text();
        }
        throw unsupported(content.type().name().toLowerCase(Locale.ROOT) + " content, only text");
    }

    private static UnsupportedFeatureException unsupported(String feature) {
        return new UnsupportedFeatureException("BitLab's chat models do not support " + feature);
    }
}
