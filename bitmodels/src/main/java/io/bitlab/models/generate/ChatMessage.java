package io.bitlab.models.generate;

import java.util.Locale;
import java.util.Objects;

/**
 * A message of a chat.
 *
 * {@snippet class="io.bitlab.models.snippets.GenerateSnippets" region="template"}
 *
 * @param role the author
 * @param content the text; never read as special tokens
 */
public record ChatMessage(Role role, String content) {

    /** The author of a message. */
    public enum Role {
        /** Instructions to the model, before the first turn. */
        SYSTEM,
        /** The person. */
        USER,
        /** The model. */
        ASSISTANT;

        /**
         * Returns the name of the role as most formats write it.
         *
         * @return {@code system}, {@code user} or {@code assistant}
         */
        public String lowerCase() {
            return name().toLowerCase(Locale.ROOT);
        }

        /**
         * Returns the name of the role with a capital.
         *
         * @return {@code System}, {@code User} or {@code Assistant}
         */
        public String capitalized() {
            return name().charAt(0) + lowerCase().substring(1);
        }
    }

    /**
     * Creates a message.
     *
     * @throws NullPointerException if an argument is null
     */
    public ChatMessage {
        Objects.requireNonNull(role, "role");
        Objects.requireNonNull(content, "content");
    }

    /**
     * Creates instructions to the model.
     *
     * @param content the text
     * @return the message
     */
    public static ChatMessage system(String content) {
        return new ChatMessage(Role.SYSTEM, content);
    }

    /**
     * Creates a message of the user.
     *
     * @param content the text
     * @return the message
     */
    public static ChatMessage user(String content) {
        return new ChatMessage(Role.USER, content);
    }

    /**
     * Creates an answer of the model.
     *
     * @param content the text
     * @return the message
     */
    public static ChatMessage assistant(String content) {
        return new ChatMessage(Role.ASSISTANT, content);
    }
}
