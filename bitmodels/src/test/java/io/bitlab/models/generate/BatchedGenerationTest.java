package io.bitlab.models.generate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.bitlab.models.AutoBitModel;
import io.bitlab.models.tokenizer.ByteTokenizer;
import io.bitlab.models.tokenizer.Tokenizer;
import io.bitlab.models.transformer.BatchedDecoder;
import io.bitlab.models.transformer.BitTransformer;
import io.bitlab.models.transformer.BitTransformerConfig;
import io.bitlab.models.transformer.TooManySessionsException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class BatchedGenerationTest {

    private static final Tokenizer BYTES = new ByteTokenizer();

    private final BitTransformer model = AutoBitModel.fromConfig(BitTransformerConfig
            .builder(BYTES.vocabularySize(), 32, 1, 2).maxPositionEmbeddings(200).initializerRange(0.5f).build(), 3);

    BatchedGenerationTest() {
        model.eval();
    }

    private TextGeneratorBuilder generator(int seed) {
        return TextGenerator.builder(model, BYTES).sampling(SamplingConfig.TEXT.withSeed(seed)).maxTokens(30);
    }

    @Test
    void textsOfManyThreadsAreThoseOfEachAlone() throws Exception {
        BatchedDecoder decoder = BatchedDecoder.builder(model).maxSessions(5).admissionWait(Duration.ofMinutes(1))
                .build();
        List<Callable<Generation>> tasks = IntStream.range(0, 20).<Callable<Generation>>mapToObj(
                seed -> () -> generator(seed).decoder(decoder).build().generate("To be " + seed)).toList();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Generation>> generations = threads.invokeAll(tasks);
            for (int seed = 0; seed < tasks.size(); seed++) {
                Generation alone = generator(seed).build().generate("To be " + seed);
                assertEquals(alone.text(), generations.get(seed).get().text());
            }
        }
        assertEquals(0, decoder.load().sessions());
    }

    @Test
    void generationsGiveTheirPlaceBackWhateverHappensAndChatsWhenTheyAreClosed() {
        BatchedDecoder decoder = BatchedDecoder.builder(model).maxSessions(1).build();
        TextGenerator generator = generator(1).decoder(decoder).build();
        assertThrows(IllegalArgumentException.class, () -> generator.generate("x".repeat(1000)));
        assertThrows(IllegalStateException.class, () -> generator.generate("x", text -> {
            throw new IllegalStateException("as if a client had gone");
        }));
        assertEquals(FinishReason.CANCELLED, generator.generate("x", text -> {}, () -> true).reason());
        assertEquals(0, decoder.load().sessions());
        try (ChatSession chat = generator.newChat(ChatTemplate.CHATML)) {
            assertEquals(List.of(), chat.messages());
            assertThrows(TooManySessionsException.class, () -> generator.generate("x"));
        }
        generator.generate("x");
        BitTransformer other = AutoBitModel.fromConfig(model.config(), 3);
        assertThrows(IllegalArgumentException.class, () -> TextGenerator.builder(other, BYTES).decoder(decoder));
    }
}
