package io.bitlab.models.generate;

import io.bitlab.models.generate.ChatMessage.Role;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/**
 * A format in which each message stands between an opening and a closing that depend on its role only.
 *
 * @param begin writes what comes before the first message
 * @param strips whether white space around the content of messages is dropped
 * @param open writes what comes before the content of a message
 * @param close writes what comes after it
 */
record RoleFormat(Consumer<PromptBuilder> begin, boolean strips, BiConsumer<Role, PromptBuilder> open,
        BiConsumer<Role, PromptBuilder> close) {

    static final Consumer<PromptBuilder> BEGIN_OF_TEXT = prompt -> prompt.special("<|begin_of_text|>");

    /** For models that were trained without a beginning-of-text token. */
    static final Consumer<PromptBuilder> NO_BEGINNING = prompt -> {};

    void write(List<ChatMessage> messages, PromptBuilder prompt) {
        begin.accept(prompt);
        for (ChatMessage message : messages) {
            open.accept(message.role(), prompt);
            prompt.text(strips ? stripped(message.content()) : message.content());
            close.accept(message.role(), prompt);
        }
        open.accept(Role.ASSISTANT, prompt);
    }

    /** As Jinja's {@code trim}, which is Python's: unlike {@link String#strip}, no-break spaces go too. */
    private static String stripped(String content) {
        int from = 0;
        int to = content.length();
        while (from < to && isSpace(content.charAt(from))) {
            from++;
        }
        while (from < to && isSpace(content.charAt(to - 1))) {
            to--;
        }
        return content.substring(from, to);
    }

    private static boolean isSpace(char c) {
        return Character.isWhitespace(c) || Character.isSpaceChar(c) || c == 0x85; // the last is "next line"
    }
}
