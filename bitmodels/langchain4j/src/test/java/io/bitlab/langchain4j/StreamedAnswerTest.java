package io.bitlab.langchain4j;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.langchain4j.model.chat.listener.ChatModelErrorContext;
import dev.langchain4j.model.chat.listener.ChatModelListener;
import dev.langchain4j.model.chat.listener.ChatModelRequestContext;
import dev.langchain4j.model.chat.listener.ChatModelResponseContext;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.output.FinishReason;
import io.bitlab.models.generate.ChatTemplate;
import io.bitlab.models.generate.TextGenerator;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Answers piece by piece. */
class StreamedAnswerTest {

    private static final TextGenerator GENERATOR = RandomTalk.generator();

    private static BitLabStreamingChatModel streaming(TextGenerator generator) {
        return BitLabStreamingChatModel.of(generator, ChatTemplate.CHATML, Runnable::run);
    }

    @Test
    void thePiecesAreTheAnswer() throws Throwable {
        StreamedAnswer heard = new StreamedAnswer();
        BitLabStreamingChatModel.of(GENERATOR, ChatTemplate.CHATML).chat("hello", heard);
        ChatResponse whole = heard.join();
        assertEquals(BitLabChatModel.of(GENERATOR, ChatTemplate.CHATML).chat("hello"), whole.aiMessage().text());
        assertEquals(whole.aiMessage().text(), String.join("", heard.parts()));
        assertTrue(heard.parts().size() > 10, heard.parts().toString());
    }

    @Test
    void cancellingStopsTheGeneration() {
        AtomicInteger generated = new AtomicInteger();
        TextGenerator counting = GENERATOR.toBuilder()
                .logits(() -> (logits, text, length) -> generated.incrementAndGet()).build();
        StreamedAnswer heard = new StreamedAnswer(3);
        streaming(counting).chat("hello", heard);
        assertEquals(3, heard.parts().size());
        assertEquals(3, generated.get());
        assertFalse(heard.isDone());
    }

    @Test
    void heldBackTextIsNotToldAfterCancelling() {
        int letter = GENERATOR.tokenizer().encode("a")[0];
        TextGenerator aaa = GENERATOR.toBuilder().stopStrings("aab") // so two letters are always held back
                .logits(() -> (logits, text, length) -> logits[letter] = Float.MAX_VALUE).build();
        StreamedAnswer heard = new StreamedAnswer(3);
        streaming(aaa).chat("hello", heard);
        assertEquals(List.of("a", "a", "a"), heard.parts());
    }

    @Test
    void threadsShareAModel() throws Throwable {
        BitLabStreamingChatModel streaming = BitLabStreamingChatModel.of(GENERATOR, ChatTemplate.CHATML);
        BitLabChatModel alone = BitLabChatModel.of(GENERATOR, ChatTemplate.CHATML);
        List<StreamedAnswer> heard = IntStream.range(0, 4).mapToObj(i -> new StreamedAnswer()).toList();
        for (int i = 0; i < heard.size(); i++) {
            streaming.chat("question " + i, heard.get(i));
        }
        for (int i = 0; i < heard.size(); i++) {
            assertEquals(alone.chat("question " + i), heard.get(i).join().aiMessage().text());
        }
    }

    @Test
    void anInterruptedThreadEndsTheAnswer() throws Throwable {
        StreamedAnswer heard = new StreamedAnswer();
        Thread.currentThread().interrupt();
        streaming(GENERATOR).chat("hello", heard);
        assertTrue(Thread.interrupted());
        assertEquals(FinishReason.OTHER, heard.join().finishReason());
    }

    @Test
    void errorsOfTheGenerationReachTheHandler() {
        IllegalStateException broken = new IllegalStateException("broken");
        StreamedAnswer heard = new StreamedAnswer();
        streaming(GENERATOR.toBuilder().logits(() -> {
            throw broken;
        }).build()).chat("hello", heard);
        assertSame(broken, assertThrows(IllegalStateException.class, heard::join));
    }

    @Test
    void aFullExecutorIsNoAnswer() {
        BitLabStreamingChatModel full = BitLabStreamingChatModel.of(GENERATOR, ChatTemplate.CHATML, task -> {
            throw new RejectedExecutionException("full");
        });
        assertThrows(RejectedExecutionException.class, () -> full.chat("hello", new StreamedAnswer()));
    }

    @Test
    void listenersAreTold() {
        List<String> told = new CopyOnWriteArrayList<>();
        ChatModelListener listener = new ChatModelListener() {
            @Override
            public void onRequest(ChatModelRequestContext context) {
                told.add("request " + context.chatRequest().temperature());
            }

            @Override
            public void onResponse(ChatModelResponseContext context) {
                told.add("response " + context.chatResponse().finishReason());
            }

            @Override
            public void onError(ChatModelErrorContext context) {
                told.add("error " + context.error().getClass().getSimpleName());
            }
        };
        BitLabChatModel chat = BitLabChatModel.of(GENERATOR, ChatTemplate.CHATML, listener);
        BitLabStreamingChatModel streaming =
                BitLabStreamingChatModel.of(GENERATOR, ChatTemplate.CHATML, Runnable::run, listener);
        chat.chat("hello");
        assertThrows(RuntimeException.class, () -> chat.chat("é"));
        List<String> expected =
                List.of("request 0.8", "response LENGTH", "request 0.8", "error InvalidRequestException");
        assertEquals(expected, told);
        told.clear();
        streaming.chat("hello", new StreamedAnswer());
        streaming.chat("é", new StreamedAnswer());
        assertEquals(expected, told);
    }
}
