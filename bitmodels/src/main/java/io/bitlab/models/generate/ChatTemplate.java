package io.bitlab.models.generate;

import io.bitlab.models.generate.ChatMessage.Role;
import io.bitlab.models.tokenizer.PromptSegment;
import io.bitlab.models.tokenizer.Tokenizer;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalInt;

/**
 * The formats in which families of chat models expect a chat. Use the one that the model was trained with.
 *
 * {@snippet class="io.bitlab.models.snippets.GenerateSnippets" region="template"}
 *
 * <p>Special tokens are inserted by id. The content of messages is encoded as plain text, even where it looks like a
 * special token.
 */
public enum ChatTemplate {

    /** {@code User: ...<|eot_id|>Assistant: }, for BitNet b1.58 2B4T. */
    BITNET {
        @Override
        void open(Role role, Writer writer) {
            writer.text(roleName(role).substring(0, 1).toUpperCase(Locale.ROOT) + roleName(role).substring(1) + ": ");
        }
    },

    /** {@code <|start_header_id|>user<|end_header_id|>\n\n...<|eot_id|>}, for Llama 3. */
    LLAMA3 {
        @Override
        void open(Role role, Writer writer) {
            writer.special("<|start_header_id|>");
            writer.text(roleName(role));
            writer.special("<|end_header_id|>");
            writer.text("\n\n");
        }
    },

    /**
     * {@code <|user|>\n...\n}, for Falcon 3; answers end with the end-of-text token. Role markers are plain text if the
     * vocabulary has no special tokens for them.
     */
    FALCON3 {
        @Override
        void begin(Writer writer) {
            // the model was trained without a beginning-of-text token
        }

        @Override
        void open(Role role, Writer writer) {
            writer.specialOrText("<|" + roleName(role) + "|>");
            writer.text("\n");
        }

        @Override
        void write(ChatMessage message, Writer writer) {
            open(message.role(), writer);
            writer.text(message.content());
            if (message.role() == Role.ASSISTANT) {
                writer.endOfText();
            }
            writer.text("\n");
        }
    },

    /** {@code <|im_start|>user\n...<|im_end|>\n}, for the many models that use ChatML. */
    CHATML {
        @Override
        void begin(Writer writer) {
            // ChatML has no beginning-of-text token
        }

        @Override
        void open(Role role, Writer writer) {
            writer.special("<|im_start|>");
            writer.text(roleName(role) + "\n");
        }

        @Override
        void write(ChatMessage message, Writer writer) {
            open(message.role(), writer);
            writer.text(message.content());
            writer.special("<|im_end|>");
            writer.text("\n");
        }
    };

    /**
     * Encodes a chat as the prompt for the model's next answer.
     *
     * @param messages the chat so far, at least one message; not modified
     * @param tokenizer the tokenizer of the model
     * @return the token ids, beginning-of-text token included if the format has one
     * @throws IllegalArgumentException if there is no message, or the tokenizer lacks a special token of the format
     */
    public int[] encode(List<ChatMessage> messages, Tokenizer tokenizer) {
        if (messages.isEmpty()) {
            throw new IllegalArgumentException("ChatTemplate.encode: there are no messages, expected at least one");
        }
        Writer writer = new Writer(this, tokenizer);
        begin(writer);
        for (ChatMessage message : messages) {
            write(message, writer);
        }
        open(Role.ASSISTANT, writer);
        return tokenizer.encode(writer.segments);
    }

    /** Writes what comes before the first message. */
    void begin(Writer writer) {
        writer.special("<|begin_of_text|>");
    }

    /** Writes what comes before the content of a message. */
    abstract void open(Role role, Writer writer);

    /** Writes a message. */
    void write(ChatMessage message, Writer writer) {
        open(message.role(), writer);
        writer.text(message.content().strip());
        writer.special("<|eot_id|>");
    }

    static String roleName(Role role) {
        return role.name().toLowerCase(Locale.ROOT);
    }

    /** Collects the segments. Adjacent text is joined, because a token may span the seam. */
    static final class Writer {

        private final ChatTemplate template;
        private final Tokenizer tokenizer;
        private final List<PromptSegment> segments = new ArrayList<>();

        Writer(ChatTemplate template, Tokenizer tokenizer) {
            this.template = template;
            this.tokenizer = tokenizer;
        }

        void text(String more) {
            boolean afterText = !segments.isEmpty() && segments.getLast().specialToken().isEmpty();
            segments.add(PromptSegment.ofText(afterText ? segments.removeLast().text() + more : more));
        }

        void special(String token) {
            add(tokenizer.specialToken(token), token, token);
        }

        void specialOrText(String token) {
            if (tokenizer.specialToken(token).isPresent()) {
                special(token);
            } else {
                text(token);
            }
        }

        void endOfText() {
            OptionalInt eos = tokenizer.eos();
            add(eos, eos.isPresent() ? tokenizer.token(eos.getAsInt()) : "", "for the end of a text");
        }

        private void add(OptionalInt id, String token, String missing) {
            if (id.isEmpty()) {
                throw new IllegalArgumentException("ChatTemplate." + template + ": the tokenizer has no special token "
                        + missing + "; use the model's own tokenizer, or the template that the model was trained with");
            }
            segments.add(PromptSegment.ofSpecialToken(token, id.getAsInt()));
        }
    }
}
