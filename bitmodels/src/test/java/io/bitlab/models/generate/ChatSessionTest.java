package io.bitlab.models.generate;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bitlab.models.testing.LettersWithMarks;
import io.bitlab.models.transformer.BitTransformer;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ChatSessionTest {

    private static final LettersWithMarks LETTERS = LettersWithMarks.create();
    private static final int[] MARKS = IntStream.range(LETTERS.letters().vocabularySize(), LETTERS.vocabularySize())
            .toArray();
    private static final BitTransformer MODEL = TextGeneratorTest.model(LETTERS.vocabularySize(), 400);
    private static final ChatMessage RULES = ChatMessage.system("be short");

    private static TextGeneratorBuilder generator(long seed) {
        return TextGenerator.builder(MODEL, LETTERS).maxTokens(40)
                .sampling(SamplingConfig.TEXT.withTemperature(1f).withSeed(seed));
    }

    private static ChatSession chat(TextGenerator generator, ChatMessage... first) {
        return generator.newChat(ChatTemplate.CHATML, first);
    }

    @Test
    void eachTurnAnswersAsANewSessionWould() {
        for (int seed = 0; seed < 20; seed++) {
            TextGenerator generator = generator(seed).stopStrings("e", "xy").build();
            ChatSession chat = chat(generator, RULES);
            for (String question : List.of("who are you", "why", "and then")) {
                List<ChatMessage> before = chat.messages();
                StringBuilder shown = new StringBuilder();
                Generation answer = chat.ask(question, shown::append);
                Generation fresh = chat(generator, before.toArray(ChatMessage[]::new)).ask(question, text -> {});
                assertArrayEquals(fresh.tokens(), answer.tokens(), "seed " + seed + ", " + question);
                assertEquals(fresh.text(), answer.text());
                assertEquals(answer.text(), shown.toString());
                assertEquals(before.size() + 2, chat.messages().size());
                assertEquals(ChatMessage.assistant(answer.text()), chat.messages().getLast());
            }
        }
    }

    @Test
    void aTurnCostsItsOwnTokens() {
        // any mark ends the answer, so that it is written down with the tokens it was drawn with
        ChatSession chat = chat(generator(1).stopTokens(MARKS).build(), RULES);
        int before = 0;
        for (String question : List.of("who are you", "why", "and then")) {
            Generation answer = chat.ask(question, text -> {});
            List<ChatMessage> asked = chat.messages().subList(0, chat.messages().size() - 1);
            int prompt = ChatTemplate.CHATML.encode(asked, LETTERS).length;
            assertEquals(prompt - before, answer.stats().promptTokens());
            before = prompt + answer.tokens().length - 1; // the model has not seen the last one
        }
    }

    @Test
    void aSlidingWindowMayForgetWhatATurnWouldGoBackTo() {
        TextGenerator generator = generator(2).cache(c -> c.capacity(20).slidingWindow(true)).maxTokens(150)
                .stopTokens().build(); // marks in answers are not written down again
        ChatSession chat = chat(generator, RULES);
        for (String question : List.of("who are you", "why", "and then")) {
            List<ChatMessage> before = chat.messages();
            assertArrayEquals(chat(generator, before.toArray(ChatMessage[]::new)).ask(question, text -> {}).tokens(),
                    chat.ask(question, text -> {}).tokens(), question);
        }
    }

    @Test
    void whatDoesNotFitIsRefusedAndTheChatIsAsBefore() {
        TextGenerator generator = generator(3).cache(c -> c.capacity(120)).maxTokens(20).build();
        ChatSession chat = chat(generator, RULES);
        chat.ask("who", text -> {});
        List<ChatMessage> before = chat.messages();
        String message = assertThrows(IllegalArgumentException.class, () -> chat.ask("a".repeat(200), text -> {}))
                .getMessage();
        assertTrue(
                message.endsWith("expected at most 120, the context; shorten it, or set a cache with more capacity or"
                        + " a sliding window"),
                message);
        assertThrows(IllegalArgumentException.class, () -> chat.ask("UNKNOWN LETTERS", text -> {}));
        assertThrows(IllegalStateException.class, () -> chat.ask("why", text -> {
            throw new IllegalStateException("the receiver fails");
        }));
        assertEquals(before, chat.messages());
        assertArrayEquals(chat(generator, before.toArray(ChatMessage[]::new)).ask("why", text -> {}).tokens(),
                chat.ask("why", text -> {}).tokens());
    }

    @Test
    void aCancelledAnswerIsPartOfTheChat() {
        TextGenerator generator = generator(4).stopTokens().build();
        ChatSession chat = chat(generator);
        StringBuilder shown = new StringBuilder();
        Generation answer = chat.ask("who", shown::append, () -> shown.length() >= 3);
        assertEquals(FinishReason.CANCELLED, answer.reason());
        assertEquals(List.of(ChatMessage.user("who"), ChatMessage.assistant(shown.toString())), chat.messages());
        assertEquals(FinishReason.CANCELLED, chat.ask("why", shown::append, () -> true).reason());
        assertArrayEquals(chat(generator, chat.messages().toArray(ChatMessage[]::new)).ask("so", text -> {}).tokens(),
                chat.ask("so", text -> {}).tokens());
    }
}
