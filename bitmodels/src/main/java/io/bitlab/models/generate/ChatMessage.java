package io.bitlab.models.generate;

import java.util.Objects;

/**
 * One message of a chat.
 *
 * @param role who says it
 * @param content what is said; never read as special tokens
 */
public record ChatMessage(Role role, String content) {

    /** Who says something. */
    public enum Role {
        /** The instructions that stand before a chat. */
        SYSTEM,
        /** The person. */
        USER,
        /** The model. */
        ASSISTANT
    }

    /**
     * Creates a message.
     *
     * @throws NullPointerException if a part is null
     */
    public ChatMessage {
        Objects.requireNonNull(role, "role");
        Objects.requireNonNull(content, "content");
    }

    /**
     * Instructions for the model.
     *
     * @param content the text
     * @return the message
     */
    public static ChatMessage system(String content) {
        return new ChatMessage(Role.SYSTEM, content);
    }

    /**
     * What the person says.
     *
     * @param content the text
     * @return the message
     */
    public static ChatMessage user(String content) {
        return new ChatMessage(Role.USER, content);
    }

    /**
     * What the model has said.
     *
     * @param content the text
     * @return the message
     */
    public static ChatMessage assistant(String content) {
        return new ChatMessage(Role.ASSISTANT, content);
    }
}
