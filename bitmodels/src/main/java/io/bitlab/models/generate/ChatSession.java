package io.bitlab.models.generate;

import io.bitlab.models.transformer.DecodingSession;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/**
 * A chat with a language model. Earlier turns stay in the key-value cache, so a turn only has to read its own tokens.
 *
 * {@snippet class="io.bitlab.models.snippets.GenerateSnippets" region="chat"}
 *
 * <p>The prompt of each turn is the whole chat, formatted by its {@link ChatTemplate}; the answer is the one that a new
 * session with the same messages would give. If the template encodes an earlier answer with other tokens than were
 * generated, for example because it strips spaces, the model reads the chat again from the first difference on.
 *
 * <p>A chat of a generator with a {@linkplain TextGeneratorBuilder#decoder decoder} keeps its place among the sessions
 * of the decoder until it is closed.
 *
 * <p><b>Thread safety:</b> for one thread at a time.
 */
public final class ChatSession implements AutoCloseable {

    private final TextGenerator generator;
    private final ChatTemplate template;
    private final DecodingSession session;
    private final Lookahead lookahead;
    private List<ChatMessage> messages;
    private TokenSequence tokens = new TokenSequence(); // those in the session are its first ones

    ChatSession(TextGenerator generator, ChatTemplate template, List<ChatMessage> first) {
        this.generator = generator;
        this.template = template;
        this.lookahead = generator.newLookahead();
        this.session = lookahead.session();
        this.messages = List.copyOf(first);
    }

    /**
     * Returns the messages so far, answers included.
     *
     * @return the messages, unmodifiable
     */
    public List<ChatMessage> messages() {
        return messages;
    }

    /**
     * Asks a question and waits for the answer. Both become part of the chat.
     *
     * @param question the message of the user
     * @param out receives the answer piece by piece, in the calling thread
     * @return the answer
     * @throws IllegalArgumentException if the chat no longer fits the context, or the tokenizer lacks a special token
     *     of the template; the chat is left unchanged
     */
    public Generation ask(String question, Consumer<String> out) {
        return ask(question, out, () -> false);
    }

    /**
     * Asks a question and waits until the answer is complete or cancelled. The question, and as much of the answer as
     * was generated, become part of the chat.
     *
     * @param question the message of the user
     * @param out receives the answer piece by piece, in the calling thread; if it throws, the chat is left unchanged
     * @param cancelled polled before each token; true ends the answer
     * @return the answer
     * @throws IllegalArgumentException if the chat no longer fits the context, or the tokenizer lacks a special token
     *     of the template; the chat is left unchanged
     */
    public Generation ask(String question, Consumer<String> out, BooleanSupplier cancelled) {
        List<ChatMessage> asked = append(messages, ChatMessage.user(question));
        int[] prompt = template.encode(asked, generator.tokenizer());
        GenerationRun.requireRoom(session, prompt.length);
        truncateTo(commonPrefix(prompt));
        tokens = new TokenSequence(prompt);
        Generation answer = new GenerationRun(generator, lookahead, out, cancelled).generate(tokens);
        messages = append(asked, ChatMessage.assistant(answer.text()));
        return answer;
    }

    /**
     * How many tokens of a prompt are already in the session. At most all but the last one, which has to be read again
     * for its logits.
     */
    private int commonPrefix(int[] prompt) {
        int most = Math.min(prompt.length - 1, session.length());
        int difference = Arrays.mismatch(prompt, 0, most, tokens.array(), 0, most);
        return difference < 0 ? most : difference;
    }

    private void truncateTo(int length) {
        try {
            session.truncate(length);
        } catch (IllegalArgumentException _) { // the sliding window has dropped keys that these tokens need
            session.truncate(0);
        }
    }

    /** Ends the chat; only one whose generator has a decoder must be closed. */
    @Override
    public void close() {
        lookahead.close();
    }

    private static List<ChatMessage> append(List<ChatMessage> messages, ChatMessage last) {
        List<ChatMessage> all = new ArrayList<>(messages);
        all.add(last);
        return List.copyOf(all);
    }
}
