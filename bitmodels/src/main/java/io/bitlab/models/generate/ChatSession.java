package io.bitlab.models.generate;

import io.bitlab.models.tokenizer.IntList;
import io.bitlab.models.transformer.DecodingSession;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/**
 * A chat with a model: questions and answers in turn. What was said before stays in the model's memory; a turn costs
 * its own tokens only.
 *
 * <p>Each turn sees the whole chat as its {@link ChatTemplate} writes it down, and answers as a new session with the
 * same messages would. Where an answer is written down with other tokens than it was drawn with, or without spaces at
 * its ends, the model reads it again from there on.
 *
 * <p><b>Thread safety:</b> belongs to one thread at a time.
 */
public final class ChatSession {

    private final TextGenerator generator;
    private final ChatTemplate template;
    private final DecodingSession conversation;
    private List<ChatMessage> messages;
    private IntList seen = new IntList(); // begins with the tokens that the conversation has

    ChatSession(TextGenerator generator, ChatTemplate template, List<ChatMessage> first) {
        this.generator = generator;
        this.template = template;
        this.conversation = generator.newConversation();
        this.messages = List.copyOf(first);
    }

    /**
     * What has been said.
     *
     * @return the messages so far, cannot be modified
     */
    public List<ChatMessage> messages() {
        return messages;
    }

    /**
     * Asks, and waits for the answer.
     *
     * @param question what the user says
     * @param out gets the answer piece by piece
     * @return the answer
     * @throws IllegalArgumentException if the chat is too long for the context, or the tokenizer lacks a special token
     *     of the template; the chat is as before then
     */
    public Generation ask(String question, Consumer<String> out) {
        return ask(question, out, () -> false);
    }

    /**
     * Asks, and waits for the answer or until it is cancelled. Then the chat has the part of the answer that came.
     *
     * @param question what the user says
     * @param out gets the answer piece by piece; what it throws leaves the chat as before
     * @param cancelled is asked before each step whether to stop
     * @return the answer
     * @throws IllegalArgumentException if the chat is too long for the context, or the tokenizer lacks a special token
     *     of the template; the chat is as before then
     */
    public Generation ask(String question, Consumer<String> out, BooleanSupplier cancelled) {
        List<ChatMessage> asked = with(messages, ChatMessage.user(question));
        int[] prompt = template.encode(asked, generator.tokenizer());
        GenerationRun.requireRoom(conversation, prompt.length);
        forgetFrom(known(prompt));
        seen = new IntList();
        seen.add(prompt);
        Generation answer = new GenerationRun(generator, conversation, out, cancelled).generate(seen);
        messages = with(asked, ChatMessage.assistant(answer.text()));
        return answer;
    }

    /** How many tokens of a prompt the model need not see again; not the last one, whose logits are wanted. */
    private int known(int[] prompt) {
        int most = Math.min(prompt.length - 1, conversation.length());
        int differs = Arrays.mismatch(prompt, 0, most, seen.array(), 0, most);
        return differs < 0 ? most : differs;
    }

    private void forgetFrom(int length) {
        try {
            conversation.truncate(length);
        } catch (IllegalArgumentException _) { // a sliding window has left what the tokens before would see
            conversation.truncate(0);
        }
    }

    private static List<ChatMessage> with(List<ChatMessage> messages, ChatMessage last) {
        List<ChatMessage> all = new ArrayList<>(messages);
        all.add(last);
        return List.copyOf(all);
    }
}
