package io.bitlab.models.generate;

import io.bitlab.models.generate.ChatMessage.Role;
import io.bitlab.models.tokenizer.IntList;
import io.bitlab.models.tokenizer.Tokenizer;
import io.bitlab.models.tokenizer.VocabularyTokenizer;
import io.bitlab.models.tokenizer.VocabularyTokenizer.Part;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalInt;

/**
 * How a chat is written down for the models of a family, each of which was trained with its own form. Special tokens
 * come in as ids; the content of messages is encoded as plain text, whatever it looks like.
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
     * {@code <|user|>\n...\n}, for Falcon 3; the end of a text follows what the model has said. The marks of roles are
     * plain text if the vocabulary has no special tokens for them.
     */
    FALCON3 {
        @Override
        void begin(Writer writer) {
            // the model was trained without
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
            // ChatML has no other beginning than that of a message
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
     * Encodes a chat up to the point where the model's answer begins.
     *
     * @param messages what has been said so far, at least one message
     * @param tokenizer that of the model
     * @return the ids, from the beginning of the text on, if the family has a token for it
     * @throws IllegalArgumentException if there is no message, or the tokenizer lacks a special token of the template
     */
    public int[] encode(List<ChatMessage> messages, Tokenizer tokenizer) {
        if (messages.isEmpty()) {
            throw new IllegalArgumentException("ChatTemplate.encode: there is no message, expected one at least");
        }
        Writer writer = new Writer(this, tokenizer);
        begin(writer);
        for (ChatMessage message : messages) {
            write(message, writer);
        }
        open(Role.ASSISTANT, writer);
        return writer.finish();
    }

    /** Writes what stands before the first message. */
    void begin(Writer writer) {
        writer.special("<|begin_of_text|>");
    }

    /** Writes what stands before the content of a message. */
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

    /** Collects the parts. Text that no special token interrupts is encoded at once, for tokens may reach over it. */
    static final class Writer {

        private final ChatTemplate template;
        private final Tokenizer tokenizer;
        private final List<Part> parts = new ArrayList<>();

        Writer(ChatTemplate template, Tokenizer tokenizer) {
            this.template = template;
            this.tokenizer = tokenizer;
        }

        void text(String more) {
            boolean goesOn = !parts.isEmpty() && parts.getLast().special().isEmpty();
            parts.add(new Part(goesOn ? parts.removeLast().text() + more : more, OptionalInt.empty()));
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
            String token = eos.isPresent() && tokenizer instanceof VocabularyTokenizer known
                    ? known.vocabulary().token(eos.getAsInt())
                    : "";
            add(eos, token, "for the end of a text");
        }

        private void add(OptionalInt id, String token, String what) {
            if (id.isEmpty()) {
                throw new IllegalArgumentException("ChatTemplate." + template + ": the tokenizer has no special token "
                        + what + "; take the model's own tokenizer, or the template that the model was trained with");
            }
            parts.add(new Part(token, id));
        }

        int[] finish() {
            if (tokenizer instanceof VocabularyTokenizer known) {
                return known.encode(parts); // what stands beside a special token may matter
            }
            IntList ids = new IntList();
            parts.forEach(part -> ids.add(part.special().isPresent()
                    ? new int[] {part.special().getAsInt()}
                    : tokenizer.encode(part.text())));
            return ids.toArray();
        }
    }
}
