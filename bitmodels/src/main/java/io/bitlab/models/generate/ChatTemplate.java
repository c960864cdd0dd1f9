package io.bitlab.models.generate;

import io.bitlab.models.tokenizer.Tokenizer;
import java.util.List;
import java.util.function.BiConsumer;

/**
 * The format in which a chat model expects a chat. Use the one that the model was trained with; {@link ChatTemplates}
 * recognises it from the model's files.
 *
 * {@snippet class="io.bitlab.models.snippets.GenerateSnippets" region="template"}
 *
 * <p>The formats of other models are implemented in a few lines:
 *
 * {@snippet class="io.bitlab.models.snippets.GenerateSnippets" region="ownTemplate"}
 *
 * <p>Special tokens are inserted by id. The content of messages is encoded as plain text, even where it looks like a
 * special token.
 *
 * <p><b>Thread safety:</b> immutable; an implementation must be, too.
 */
@FunctionalInterface
public interface ChatTemplate {

    /** {@code User: ...<|eot_id|>Assistant: }, for BitNet b1.58 2B4T. */
    ChatTemplate BITNET = of("BITNET", new RoleFormat(RoleFormat.BEGIN_OF_TEXT, true,
            (role, prompt) -> prompt.text(role.capitalized() + ": "),
            (role, prompt) -> prompt.special("<|eot_id|>"))::write);

    /** {@code <|start_header_id|>user<|end_header_id|>\n\n...<|eot_id|>}, for Llama 3. */
    ChatTemplate LLAMA3 = of("LLAMA3", new RoleFormat(RoleFormat.BEGIN_OF_TEXT, true,
            (role, prompt) -> prompt.special("<|start_header_id|>").text(role.lowerCase())
                    .special("<|end_header_id|>").text("\n\n"),
            (role, prompt) -> prompt.special("<|eot_id|>"))::write);

    /**
     * {@code <|user|>\n...\n}, for Falcon 3; answers end with the end-of-text token. Role markers are plain text if the
     * vocabulary has no special tokens for them.
     */
    ChatTemplate FALCON3 = of("FALCON3", (messages, prompt) -> {
        for (int i = 0; i < messages.size(); i++) {
            ChatMessage message = messages.get(i);
            boolean answer = message.role() == ChatMessage.Role.ASSISTANT;
            boolean last = i == messages.size() - 1;
            prompt.specialOrText("<|" + message.role().lowerCase() + "|>").text("\n" + message.content());
            if (answer) {
                prompt.endOfText();
            }
            prompt.text(answer && last ? "" : "\n"); // as the model's own template has it
        }
        prompt.specialOrText("<|assistant|>").text("\n");
    });

    /** {@code <|im_start|>user\n...<|im_end|>\n}, for the many models that use ChatML. */
    ChatTemplate CHATML = of("CHATML", new RoleFormat(RoleFormat.NO_BEGINNING, false,
            (role, prompt) -> prompt.special("<|im_start|>").text(role.lowerCase() + "\n"),
            (role, prompt) -> prompt.special("<|im_end|>").text("\n"))::write);

    /**
     * The texts alone, for models that were not trained to chat and continue what they read: an answer where the text
     * before it ends, other messages on a new line. A text begins as the model's texts usually do. Roles are not
     * written, since such a model never saw any, so no text can pretend to have another role.
     */
    ChatTemplate PLAIN = of("PLAIN", (messages, prompt) -> {
        prompt.usualBeginning();
        for (int i = 0; i < messages.size(); i++) {
            ChatMessage message = messages.get(i);
            prompt.text((i == 0 || message.role() == ChatMessage.Role.ASSISTANT ? "" : "\n") + message.content());
        }
    });

    /**
     * Writes a chat as the prompt for the model's next answer.
     *
     * @param messages the chat so far, at least one message; not modified
     * @param prompt receives the text and the special tokens, up to where the answer begins
     * @throws IllegalArgumentException if the format can't express the chat, or the tokenizer lacks a special token of
     *     the format
     */
    void write(List<ChatMessage> messages, PromptBuilder prompt);

    /**
     * Encodes a chat as the prompt for the model's next answer.
     *
     * @param messages the chat so far, at least one message; not modified
     * @param tokenizer the tokenizer of the model
     * @return the token ids, beginning-of-text token included if the format has one
     * @throws IllegalArgumentException if there is no message, the format can't express the chat, or the tokenizer
     *     lacks a special token of the format or a character
     */
    default int[] encode(List<ChatMessage> messages, Tokenizer tokenizer) {
        if (messages.isEmpty()) {
            throw new IllegalArgumentException("ChatTemplate.encode: there are no messages, expected at least one");
        }
        PromptBuilder prompt = new PromptBuilder(this, tokenizer);
        write(messages, prompt);
        return prompt.encode();
    }

    /** A constant. Its class is in here, because one elsewhere could be initialised first, and wait for this one. */
    private static ChatTemplate of(String name, BiConsumer<List<ChatMessage>, PromptBuilder> format) {
        return new ChatTemplate() {
            @Override
            public void write(List<ChatMessage> messages, PromptBuilder prompt) {
                format.accept(messages, prompt);
            }

            @Override
            public String toString() {
                return "ChatTemplate." + name;
            }
        };
    }
}
